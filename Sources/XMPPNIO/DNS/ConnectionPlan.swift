public import XMPP

/// Where to connect to for an account's domain, in order (RFC 6120 § 3.2, XEP-0368, RFC 2782).
public struct ConnectionPlan: Hashable, Sendable {
    /// One host to try. Its name says where to connect to, never whose certificate is expected (R13).
    public struct Target: Hashable, Sendable, CustomStringConvertible {
        /// A host name in its ASCII form, or an IP address.
        public var host: String
        /// The port.
        public var port: Int
        /// How TLS comes onto the connection.
        public var security: ClientStream.Security

        /// Makes a target.
        public init(host: String, port: Int, security: ClientStream.Security) {
            self.host = host
            self.port = port
            self.security = security
        }

        /// Host and port.
        public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// What to try, first things first. Empty: the domain says that it doesn't offer the service.
    public let targets: [Target]

    /// A plan of what is given.
    public init(_ targets: [Target]) {
        self.targets = targets
    }

    /// The plan for a host that the operator has named: SRV records don't matter then.
    public init(host: String, port: Int?, security: ClientStream.Security) {
        self.targets = [Target(host: host, port: port ?? Self.port(security), security: security)]
    }

    /// The plan for a domain.
    ///
    /// - Parameters:
    ///   - domain: The account's domain in its ASCII form.
    ///   - startTLS: The records of `_xmpp-client._tcp`; empty if there are none.
    ///   - directTLS: The records of `_xmpps-client._tcp`; empty if there are none.
    ///   - fallback: How TLS comes onto the connection to the domain itself, if there are no records.
    ///   - generator: The source for the draw among records of the same priority.
    public init(
        domain: String,
        startTLS: [ServiceRecord],
        directTLS: [ServiceRecord],
        fallback: ClientStream.Security = .startTLS,
        using generator: inout some RandomNumberGenerator
    ) {
        let all = startTLS.map { ($0, ClientStream.Security.startTLS) } + directTLS.map { ($0, ClientStream.Security.directTLS) }
        guard !all.isEmpty else {
            self.init(host: domain, port: nil, security: fallback)
            return
        }
        // A root target means "not here" (RFC 2782, RFC 6120 § 3.2.1): no fallback then.
        let offered = all.filter { !$0.0.target.isEmpty && $0.0.port != 0 }
        let priorities = Set(offered.map(\.0.priority)).sorted()
        var targets: [Target] = []
        for priority in priorities {
            targets += Self.draw(offered.filter { $0.0.priority == priority }, using: &generator)
        }
        self.init(targets)
    }

    /// The draw of RFC 2782 among records of one priority: each next one is chosen with a chance in proportion to its weight.
    private static func draw(
        _ records: [(ServiceRecord, ClientStream.Security)],
        using generator: inout some RandomNumberGenerator
    ) -> [Target] {
        // Those without weight stand first, so that they have a small chance.
        var left = records.filter { $0.0.weight == 0 } + records.filter { $0.0.weight != 0 }
        var order: [Target] = []
        while !left.isEmpty {
            let chosen = Int.random(in: 0...left.reduce(0) { $0 + $1.0.weight }, using: &generator)
            var sum = 0
            let index = left.firstIndex { entry in
                sum += entry.0.weight
                return sum >= chosen
            }
            let (record, security) = left.remove(at: index ?? left.startIndex)
            order.append(Target(host: record.target, port: record.port, security: security))
        }
        return order
    }

    fileprivate static func port(_ security: ClientStream.Security) -> Int {
        switch security {
        case .startTLS: 5222
        case .directTLS: 5223
        }
    }

    /// Whether a domain may have SRV records: an IP address has none, and `localhost` is nobody's in DNS (RFC 6761 § 6.3).
    static func hasRecords(_ domain: String) -> Bool {
        PeerCertificate.bytes(domain) == nil && domain != "localhost" && !domain.hasSuffix(".localhost")
    }
}

extension ConnectionPlan.Target {
    /// Reads `host`, `host:port`, `[address]:port` or an address, as in `see-other-host` (RFC 6120 § 4.9.3.19) and XEP-0198 § 3.
    static func parse(_ text: String, like usual: ConnectionPlan.Target?) -> ConnectionPlan.Target? {
        var host = Substring(text)
        var port: Int?
        if host.first == "[" {
            guard let end = host.firstIndex(of: "]") else { return nil }
            let rest = host[host.index(after: end)...]
            host = host[host.index(after: host.startIndex)..<end]
            if !rest.isEmpty {
                guard rest.first == ":", let number = Int(rest.dropFirst()) else { return nil }
                port = number
            }
        } else if PeerCertificate.bytes(text) == nil, let colon = host.lastIndex(of: ":") {
            guard let number = Int(host[host.index(after: colon)...]) else { return nil }
            port = number
            host = host[..<colon]
        }
        let security = usual?.security ?? .startTLS
        guard !host.isEmpty, host.utf8.count <= 253, (1...65_535).contains(port ?? 1),
            host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "@") })
        else { return nil }
        return ConnectionPlan.Target(host: String(host), port: port ?? ConnectionPlan.port(security), security: security)
    }
}
