import CCurl
import Glibc

extension WebRequest {
    /// Says who asks and no more: no version, for it is nobody's business how old we are.
    private static let agent = "Oxbow"

    /// Asks, and blocks until the answer is there: to be called on a thread of ``WebWorkers``.
    ///
    /// - Parameter stop: Asked about once a second whether nobody wants the answer any more.
    /// - Throws: ``WebError``; `CancellationError` if `stop` said so.
    public func perform(stop: StopFlag) throws -> Answer {
        var headers = ["Accept: */*"]
        if json != nil { headers += ["Content-Type: application/json", "Expect:"] }
        var user: String?
        var password: String?
        switch credentials {
        case nil: break
        case .bearer(let token): headers.append("Authorization: Bearer \(token)")
        case .basic(let name, let word): (user, password) = (name, word)
        }
        // A line's end in a token would be a header of its own; a NUL would cut it short.
        guard (headers + [url, user ?? "", password ?? ""]).allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }) else {
            throw WebError(.request, "can't be asked: the address, the token or the password has a control character in it")
        }
        let known = place.map { place in
            "\(place.host):\(place.port):" + place.addresses.map { $0.contains(":") ? "[\($0)]" : $0 }.joined(separator: ",")
        }
        let redirect = place.flatMap { $0.port == 443 ? nil : "\($0.host):443:\($0.host):\($0.port)" }
        let texts = CTexts([url, method.rawValue, user, password, known, redirect, authorities, Self.agent])
        let lines = CTexts(headers)
        var content = [UInt8](repeating: 0, count: max(sizeLimit, 1))
        var (length, status, detail) = (0, 0, Int32(0))
        let body = json ?? []
        let result = body.withUnsafeBufferPointer { body in
            withExtendedLifetime((stop, texts, lines)) {
                var request = oxbow_web_request()
                request.url = texts[0]
                request.allows_plain = allowsPlain ? 1 : 0
                request.method = texts[1]
                request.body = json == nil ? nil : body.baseAddress
                request.body_length = body.count
                request.headers = lines.list
                request.header_count = headers.count
                request.user = texts[2]
                request.password = texts[3]
                request.keeps_all = keepsAll ? 1 : 0
                request.addresses = texts[4]
                request.redirect = texts[5]
                request.authorities = texts[6]
                request.agent = texts[7]
                request.limit = max(1, Int(timeLimit / .milliseconds(1)))
                request.context = Unmanaged.passUnretained(stop).toOpaque()
                request.stop = { context in
                    guard let context else { return 0 }
                    return Unmanaged<StopFlag>.fromOpaque(context).takeUnretainedValue().isSet ? 1 : 0
                }
                return oxbow_web_ask(&request, &content, sizeLimit, &length, &status, &detail)
            }
        }
        guard result == Int32(OXBOW_WEB_ANSWERED) else { throw failure(result, detail) }
        return Answer(status: status, content: Array(content[..<length]))
    }

    private func failure(_ result: Int32, _ detail: Int32) -> any Error {
        let words = oxbow_web_words(detail).map { String(cString: $0) } ?? "error \(detail)"
        return switch result {
        case Int32(OXBOW_WEB_STOPPED): CancellationError()
        case Int32(OXBOW_WEB_UNREACHABLE): WebError(.unreachable, "can't be reached (\(words))")
        case Int32(OXBOW_WEB_UNTRUSTED): WebError(.untrusted, "has a certificate that is not accepted (\(words))")
        case Int32(OXBOW_WEB_TOO_BIG):
            WebError(.tooBig, "gives an answer that is longer than \(sizeLimit) bytes, or its header than 32 KiB")
        case Int32(OXBOW_WEB_TIMED_OUT): WebError(.timedOut, "did not answer in time")
        case Int32(OXBOW_WEB_AUTHORITIES):
            WebError(
                .system,
                "can't be verified: the certification authorities can't be read from \(authorities ?? "where the system has them"); "
                    + "install ca-certificates"
            )
        case Int32(OXBOW_WEB_BROKEN): WebError(.broken, "broke the connection off, or doesn't speak HTTP over TLS there (\(words))")
        default: WebError(.request, "can't be asked (\(words)); check the address, and that libcurl is installed whole")
        }
    }
}

/// Texts as C reads them, for as long as this lives.
private final class CTexts {
    private var texts: [UnsafeMutablePointer<CChar>?]
    /// All of them, one after the other.
    let list: UnsafePointer<UnsafePointer<CChar>?>

    init(_ strings: [String?]) {
        texts = strings.map { $0.map { strdup($0) } ?? nil }
        let copy = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: max(texts.count, 1))
        for (index, text) in texts.enumerated() { (copy + index).initialize(to: text.map { UnsafePointer($0) }) }
        list = UnsafePointer(copy)
    }

    subscript(index: Int) -> UnsafePointer<CChar>? { texts[index].map { UnsafePointer($0) } }

    deinit {
        for text in texts {
            guard let text else { continue }
            // A password isn't left behind in freed memory.
            explicit_bzero(text, strlen(text))
            free(text)
        }
        list.deallocate()
    }
}
