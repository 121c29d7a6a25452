/// How long and how much a connection may take. Those that a configuration has no key for.
public struct HTTPLimits: Sendable, Hashable {
    /// How long a whole request may take to come, from its first byte (from the connection's beginning for the first one).
    public var request: Duration = .seconds(30)
    /// How long a connection is kept between requests.
    public var idle: Duration = .seconds(60)
    /// How long a peer may take to read an answer, from its first byte.
    public var answer: Duration = .seconds(30)
    /// How long is waited for a peer to notice that we won't read the rest of its request.
    public var linger: Duration = .seconds(2)
    /// How much of such a rest is read and dropped, in bytes.
    public var lingerBytes: Int = 256 << 10
    /// How many connections a listener has at a time; further ones wait.
    public var connections: Int = 512
    /// How many bytes of bodies are in memory at a time, over all connections.
    public var bodies: Int = 64 << 20
    /// All headers of a request together, in bytes.
    public var headers: Int = 32 << 10
    /// How many headers a request may have.
    public var headerCount: Int = 100
    /// How long a path with its query may be, in bytes.
    public var path: Int = 4 << 10
    /// How long requests that are under way may take when the process is told to stop.
    public var grace: Duration = .seconds(10)

    /// The limits as documented.
    public init() {}
}
