/// The formatters, or the encrypters, that an account has, by namespace and in order of preference.
///
/// A new kind is a type in a file of its own and one entry here.
public struct KindRegistry<Kind: Sendable>: Sendable {
    private var entries: [(name: KindName, kind: Kind)] = []

    private init() {}

    /// The namespaces, which an account announces in disco, in order.
    public var namespaces: [String] { entries.map(\.name.namespace) }

    /// The kinds, in order.
    public var all: [Kind] { entries.map(\.kind) }

    /// The kind with this namespace.
    public subscript(namespace: String) -> Kind? { entries.first { $0.name.namespace == namespace }?.kind }

    /// Chooses among what a gateway offers: the first short name that both have, in our order, in the highest version that both have.
    public func choice(among offered: some Sequence<KindName>) -> (name: KindName, kind: Kind)? {
        let offered = Set(offered)
        let common = entries.filter { offered.contains($0.name) }
        guard let first = common.first else { return nil }
        return common.filter { $0.name.name == first.name.name }.max { $0.name.version < $1.name.version }
    }

    private mutating func add(_ name: KindName, _ kind: Kind) {
        entries.removeAll { $0.name == name }
        entries.append((name, kind))
    }
}

/// The formatters that an account has.
public typealias FormatterRegistry = KindRegistry<any GatewayFormatter>
/// The encrypters that an account has.
public typealias EncrypterRegistry = KindRegistry<any GatewayEncrypter>

extension KindRegistry where Kind == any GatewayFormatter {
    /// Takes formatters in order of preference; of two with the same name and version the later one counts.
    public init(_ formatters: [any GatewayFormatter]) {
        self.init()
        for formatter in formatters { add(formatter.kindName, formatter) }
    }

    /// Adds a formatter behind the others.
    public mutating func register(_ formatter: any GatewayFormatter) { add(formatter.kindName, formatter) }
}

extension KindRegistry where Kind == any GatewayEncrypter {
    /// Takes encrypters in order of preference; of two with the same name and version the later one counts.
    public init(_ encrypters: [any GatewayEncrypter]) {
        self.init()
        for encrypter in encrypters { add(encrypter.kindName, encrypter) }
    }

    /// Adds an encrypter behind the others.
    public mutating func register(_ encrypter: any GatewayEncrypter) { add(encrypter.kindName, encrypter) }
}
