public import NIOCore

/// Finds services and addresses of domains.
public protocol Resolver: Sendable {
    /// The SRV records of a name such as `_xmpp-client._tcp.example.org`, in any order; empty if there are none.
    ///
    /// - Parameter name: Absolute, in its ASCII form, without the final dot.
    /// - Throws: ``ResolverError``.
    func services(_ name: String) async throws -> [ServiceRecord]

    /// The addresses of a host, the preferred ones first; never empty.
    ///
    /// - Parameter host: A host name in its ASCII form; never an IP address.
    /// - Throws: ``ResolverError``.
    func addresses(of host: String, port: Int) async throws -> [SocketAddress]
}

/// Why a name could not be resolved.
public struct ResolverError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable {
        private enum Known: Hashable { case unknown, temporary, malformed }
        private let known: Known
        /// The name doesn't exist, or has no address.
        public static let unknown = Code(known: .unknown)
        /// No name server answered, or it could not tell; later it may work.
        public static let temporary = Code(known: .temporary)
        /// The answer makes no sense.
        public static let malformed = Code(known: .malformed)
    }
    /// What kind of failure it is.
    public let code: Code
    /// What happened, where, and what to do about it.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
