import Foundation
import Web
public import YAMLConfiguration

/// Makes and ends silences through Alertmanager's API (v2).
///
/// Each request has 10 s and may be answered with 64 KiB; redirects and proxies are not used. An id that Alertmanager gives counts only if it looks
/// like one. What it says otherwise is neither logged nor told: only its status is.
public struct AlertmanagerClient: Silencing {
    private let base: String
    private let credentials: WebRequest.Credentials?
    private let authorities: String?

    /// Fetches what the settings name.
    ///
    /// - Throws: why a secret can't be had.
    public init(_ settings: AlertmanagerSettings, environment: [String: String]) async throws(ConfigurationError) {
        base = settings.url
        authorities = settings.ca
        if let token = settings.token {
            credentials = .bearer(try await token.resolve(environment: environment))
        } else if let user = settings.user, let password = settings.password {
            credentials = .basic(user: user, password: try await password.resolve(environment: environment))
        } else {
            credentials = nil
        }
    }

    init(base: String, credentials: WebRequest.Credentials? = nil, authorities: String? = nil) {
        self.base = base
        self.credentials = credentials
        self.authorities = authorities
    }

    /// Makes a silence with equality matchers.
    public func silence(_ request: SilenceRequest) async -> SilenceOutcome {
        struct Matcher: Encodable {
            var name: String
            var value: String
            var isRegex = false
            var isEqual = true
        }
        struct Silence: Encodable {
            var matchers: [Matcher]
            var startsAt: String
            var endsAt: String
            var createdBy: String
            var comment: String
        }
        struct Made: Decodable { var silenceID: String }
        func time(_ seconds: Int64) -> String { Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601) }
        let silence = Silence(
            matchers: request.matchers.sorted { $0.key < $1.key }.map { Matcher(name: $0.key, value: $0.value) },
            startsAt: time(request.starts),
            endsAt: time(request.ends),
            createdBy: request.author,
            comment: request.comment
        )
        guard !silence.matchers.isEmpty, let body = try? JSONEncoder().encode(silence) else { return .failed("it can't be written down") }
        do throws(Failure) {
            let answer = try await ask(.post, "/api/v2/silences", Array(body))
            guard answer.status == 200 else { throw Failure(status: answer.status) }
            guard let made = try? JSONDecoder().decode(Made.self, from: Data(answer.content)), Self.isID(made.silenceID) else {
                return .failed("Alertmanager has taken it, and gives no id that can be read; look at its silences")
            }
            return .done(id: made.silenceID)
        } catch {
            return .failed(error.reason)
        }
    }

    /// Ends silences. One that is not there any more, or has ended, counts as ended.
    public func unsilence(_ request: UnsilenceRequest) async -> SilenceOutcome {
        for id in request.ids {
            // It comes from a person: what isn't an id must not become another path.
            guard Self.isID(id) else { return .failed("\(ChatText.line(id, limit: 100)) is no id of a silence") }
            do throws(Failure) {
                let answer = try await ask(.delete, "/api/v2/silence/\(id)", nil)
                switch answer.status {
                case 200: break
                case 404: if request.conversation == nil { return .failed("Alertmanager knows no silence \(id)") }
                default: if try await !hasEnded(id) { throw Failure(status: answer.status) }
                }
            } catch {
                return .failed(error.reason)
            }
        }
        return .done(id: request.ids.joined(separator: " "))
    }

    /// Alertmanager 0.25 answers to the end of what has ended with status 500.
    private func hasEnded(_ id: String) async throws(Failure) -> Bool {
        struct Silence: Decodable {
            struct Status: Decodable { var state: String }
            var status: Status
        }
        let answer = try await ask(.get, "/api/v2/silence/\(id)", nil)
        guard answer.status == 200 else { return false }
        return (try? JSONDecoder().decode(Silence.self, from: Data(answer.content)))?.status.state == "expired"
    }

    // MARK: One request

    private struct Failure: Error {
        var reason: String

        init(_ reason: String) { self.reason = reason }

        init(status: Int) {
            switch status {
            case 400, 422: self.init("Alertmanager refuses it (status \(status)): its labels or times don't suit it")
            case 401, 403: self.init("Alertmanager doesn't let me (status \(status)); check alerts.alertmanager in config.yaml")
            case 404: self.init("there is no Alertmanager at the address in config.yaml (status 404)")
            case 300..<400:
                self.init(
                    "Alertmanager answers with a redirect (status \(status)), which is not followed; check its address in config.yaml"
                )
            default: self.init("Alertmanager answers with status \(status)")
            }
        }
    }

    private func ask(_ method: WebRequest.Method, _ path: String, _ body: [UInt8]?) async throws(Failure) -> WebRequest.Answer {
        var request = WebRequest(method, url: base + path)
        request.allowsPlain = true
        request.credentials = credentials
        request.authorities = authorities
        request.json = body
        do {
            return try await request.send()
        } catch let error as WebError {
            throw Failure("Alertmanager \(error.message)")
        } catch {
            throw Failure("Oxbow is ending")
        }
    }

    private static func isID(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
