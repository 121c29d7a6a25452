/// One HTTP or HTTPS request, made once on a connection of its own (libcurl).
///
/// Redirects are not followed, and proxies, `.netrc`, cookies and compression are not used, whatever the environment says. A server's certificate
/// must be good for the host. Neither its URL nor its credentials are in its description: either may be a secret.
public struct WebRequest: Sendable {
    /// What is asked for.
    public enum Method: String, Sendable, Hashable, CaseIterable {
        /// What is there.
        case get = "GET"
        /// Take the body.
        case post = "POST"
        /// Remove what is there.
        case delete = "DELETE"
    }

    /// Who asks.
    public enum Credentials: Sendable {
        /// `Authorization: Bearer TOKEN`.
        case bearer(String)
        /// `Authorization: Basic …`.
        case basic(user: String, password: String)
    }

    /// Where the URL's host is: only these addresses are tried. Without it, the system's resolver is asked.
    public struct Place: Sendable, Hashable {
        /// The host in the URL.
        public var host: String
        /// IP addresses in text form, without brackets.
        public var addresses: [String]
        /// The port; the URL itself names none.
        public var port: UInt16

        /// Makes a place.
        public init(host: String, addresses: [String], port: UInt16 = 443) {
            self.host = host
            self.addresses = addresses
            self.port = port
        }
    }

    /// What is asked for.
    public var method: Method
    /// `https://HOST…`; `http://HOST…` only if ``allowsPlain``. No user or password in it.
    public var url: String
    /// Whether `http` will do: then everything, the credentials too, can be read and changed on the way. For loopback.
    public var allowsPlain = false
    /// Who asks.
    public var credentials: Credentials?
    /// A JSON text to send.
    public var json: [UInt8]?
    /// Where the host is, if that is known.
    public var place: Place?
    /// A PEM file with the certification authorities that count instead of the system's.
    public var authorities: String?
    /// How long everything may take.
    public var timeLimit: Duration = .seconds(10)
    /// The most bytes of an answer.
    public var sizeLimit = 65_536
    /// Whether content counts whatever the status is. Otherwise that of anything but status 200 is dropped.
    public var keepsAll = false

    /// Makes a request with the limits as documented.
    public init(_ method: Method = .get, url: String) {
        self.method = method
        self.url = url
    }

    /// A server's answer.
    public struct Answer: Hashable, Sendable {
        /// The status.
        public var status: Int
        /// What there was, by ``WebRequest/keepsAll``.
        public var content: [UInt8]
    }

    private static let workers = WebWorkers(threads: 4, waiting: 64)

    /// Asks on one of four threads that all requests share, and waits for the answer.
    ///
    /// - Throws: ``WebError``; `CancellationError`.
    public func send() async throws -> Answer {
        let deadline = ContinuousClock.now + timeLimit
        return try await Self.workers.run(limit: timeLimit) { stop in
            var request = self
            // What it waited for a thread counts.
            request.timeLimit = max(deadline - .now, .milliseconds(1))
            return try request.perform(stop: stop)
        }
    }
}

extension WebRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The method alone.
    public var description: String { "a \(method.rawValue) request" }
    /// The same.
    public var debugDescription: String { description }
    /// Nothing: `dump` shows no secret.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
