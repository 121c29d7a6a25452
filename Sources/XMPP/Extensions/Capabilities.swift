internal import Crypto
public import XML

/// Entity capabilities in presence (XEP-0115): a hash of what `disco#info` would answer.
public struct Capabilities: Hashable, Sendable {
    /// The hash function's name; we speak `sha-1`, as everybody does.
    public let hash: String
    /// A URI that names the software.
    public let node: String
    /// The hash (`ver`), base64.
    public let version: String

    init(hash: String, node: String, version: String) {
        self.hash = hash
        self.node = node
        self.version = version
    }

    /// The capabilities that an answer of ours comes to; `nil` if the answer is ill-formed.
    public init?(_ info: DiscoInfo, node: String) {
        guard let version = Self.version(of: info) else { return nil }
        self.hash = "sha-1"
        self.node = node
        self.version = version
    }

    /// Reads `<c/>` of presence; `nil` if there is none, or one of the legacy form without `hash`.
    public init?(presence: Element) {
        guard let element = presence.first("c", Namespace.caps), let hash = element["hash"], let node = element["node"],
            let version = element["ver"]
        else { return nil }
        self.hash = hash
        self.node = node
        self.version = version
    }

    /// `<c/>` for presence.
    public var element: Element {
        Element("c", Namespace.caps, ["hash": hash, "node": node, "ver": version])
    }

    /// Whether an answer is what the hash was made of; only then may it be believed about others with the same hash (XEP-0115 § 5.4).
    public func describe(_ info: DiscoInfo) -> Bool {
        hash == "sha-1" && Self.version(of: info) == version
    }

    /// XEP-0115 § 5.1; `nil` for an answer that § 5.4 calls ill-formed, or that has a `<` in a value: the separator in the hashed text,
    /// by which one answer could be made to look like another.
    static func version(of info: DiscoInfo) -> String? {
        let identities = info.identities.map { "\($0.category)/\($0.type)/\($0.language ?? "")/\($0.name ?? "")" }
        guard Set(identities).count == identities.count, Set(info.features).count == info.features.count else { return nil }
        var parts = sorted(identities) + sorted(info.features)

        var types: Set<String> = []
        var forms: [(type: String, parts: [String])] = []
        for form in info.forms {
            guard let type = form.fields.first(where: { $0.name == "FORM_TYPE" }) else { continue }
            guard Set(type.values).count <= 1 else { return nil }
            guard type.type == "hidden", let name = type.values.first else { continue }
            guard types.insert(name).inserted else { return nil }
            let fields = form.fields.filter { $0.name != "FORM_TYPE" }.sorted { precedes($0.name, $1.name) }
            forms.append((name, fields.flatMap { [$0.name] + sorted($0.values) }))
        }
        for form in forms.sorted(by: { precedes($0.type, $1.type) }) { parts += [form.type] + form.parts }

        guard !parts.contains(where: { $0.utf8.contains(UInt8(ascii: "<")) }) else { return nil }
        let text = parts.map { $0 + "<" }.joined()
        return Base64.encode(Array(Insecure.SHA1.hash(data: Array(text.utf8))))
    }

    /// "i;octet" (RFC 4790 § 9.3): by bytes, which isn't how Swift compares strings.
    private static func sorted(_ texts: [String]) -> [String] { texts.sorted(by: precedes) }
    private static func precedes(_ one: String, _ other: String) -> Bool { one.utf8.lexicographicallyPrecedes(other.utf8) }
}
