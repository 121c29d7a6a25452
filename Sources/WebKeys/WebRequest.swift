import CCurl
import Glibc

/// One HTTPS request. It blocks, so it runs on a thread of ``WebWorkers``.
struct WebRequest: Sendable {
    /// A server's answer.
    struct Answer: Hashable, Sendable {
        var status: Int
        /// Empty unless `status` is 200.
        var content: [UInt8]
    }

    /// `https://HOST/…`, in ASCII.
    var url: String
    /// The host in the URL.
    var host: String
    /// Where it is.
    var endpoint: Endpoint
    /// A PEM file; `nil` for the system's authorities.
    var authorities: String?
    /// Everything included.
    var limit: Duration
    /// The most bytes of content.
    var sizeLimit: Int

    /// Asks, and waits for the answer.
    ///
    /// - Parameter stop: Asked about once a second whether nobody wants the answer any more.
    /// - Throws: ``WebKeyError``; `CancellationError` if `stop` said so.
    func perform(stop: StopFlag) throws -> Answer {
        let addresses = endpoint.addresses.map { $0.contains(":") ? "[\($0)]" : $0 }.joined(separator: ",")
        let redirect = endpoint.port == 443 ? nil : "\(host):443:\(host):\(endpoint.port)"
        let milliseconds = max(1, Int(limit / .milliseconds(1)))
        var content = [UInt8](repeating: 0, count: sizeLimit)
        var (length, status, detail) = (0, 0, Int32(0))
        let result = Self.withCStrings(url, "\(host):\(endpoint.port):\(addresses)", redirect, authorities) {
            url,
            addresses,
            redirect,
            authorities in
            withExtendedLifetime(stop) {
                Self.agent.withCString { agent in
                    var request = oxbow_web_request()
                    request.url = url
                    request.addresses = addresses
                    request.redirect = redirect
                    request.authorities = authorities
                    request.agent = agent
                    request.limit = milliseconds
                    request.context = Unmanaged.passUnretained(stop).toOpaque()
                    request.stop = { context in
                        guard let context else { return 0 }
                        return Unmanaged<StopFlag>.fromOpaque(context).takeUnretainedValue().isSet ? 1 : 0
                    }
                    return oxbow_web_get(&request, &content, content.count, &length, &status, &detail)
                }
            }
        }
        guard result == Int32(OXBOW_WEB_ANSWERED) else { throw failure(result, detail) }
        return Answer(status: status, content: Array(content[..<length]))
    }

    /// Says who asks and no more: no version, for it is nobody's business how old we are.
    private static let agent = "Oxbow"

    private func failure(_ result: Int32, _ detail: Int32) -> any Error {
        let words = oxbow_web_words(detail).map { String(cString: $0) } ?? "error \(detail)"
        return switch result {
        case Int32(OXBOW_WEB_STOPPED): CancellationError()
        case Int32(OXBOW_WEB_UNREACHABLE): WebKeyError(.unreachable, "no connection to \(host), port \(endpoint.port)")
        case Int32(OXBOW_WEB_UNTRUSTED): WebKeyError(.untrusted, "the certificate of \(host) is not accepted (\(words))")
        case Int32(OXBOW_WEB_TOO_BIG):
            WebKeyError(.tooBig, "the answer of \(host) is longer than \(sizeLimit) bytes, or its header than 32 KiB")
        case Int32(OXBOW_WEB_TIMED_OUT): WebKeyError(.timedOut, "\(host) did not answer in time")
        case Int32(OXBOW_WEB_AUTHORITIES):
            WebKeyError(
                .system,
                "the certification authorities can't be read from \(authorities ?? "where the system has them"); install ca-certificates"
            )
        case Int32(OXBOW_WEB_BROKEN): WebKeyError(.unreachable, "the connection to \(host) failed (\(words))")
        default: WebKeyError(.system, "no HTTPS request can be made (\(words)); check that libcurl is installed whole")
        }
    }

    private static func withCStrings<Result>(
        _ one: String,
        _ two: String,
        _ three: String?,
        _ four: String?,
        _ body: (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Result
    ) -> Result {
        func optional(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
            guard let text else { return body(nil) }
            return text.withCString { body($0) }
        }
        return one.withCString { one in
            two.withCString { two in optional(three) { three in optional(four) { four in body(one, two, three, four) } } }
        }
    }
}
