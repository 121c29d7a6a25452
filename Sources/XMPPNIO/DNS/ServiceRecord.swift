/// Where a service of a domain is offered (RFC 2782).
public struct ServiceRecord: Hashable, Sendable {
    /// Lower comes first.
    public var priority: Int
    /// The share of the connections among records of the same priority.
    public var weight: Int
    /// The port.
    public var port: Int
    /// The host name without a final dot; empty (the root) says that the domain doesn't offer the service.
    public var target: String

    /// Makes a record.
    public init(priority: Int, weight: Int, port: Int, target: String) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }
}
