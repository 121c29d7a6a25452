/// The name of an element or attribute: a namespace and a local part (Namespaces in XML 1.0 § 2.1).
///
/// Prefixes are a matter of serialisation and are not kept. An attribute without a prefix has the empty namespace.
public struct Name: Hashable, Sendable {
    /// The namespace name; empty means "no namespace".
    public var namespace: String
    /// The local part, without a prefix.
    public var local: String

    /// Makes a name from its two parts.
    public init(_ local: String, _ namespace: String = "") {
        self.namespace = namespace
        self.local = local
    }
}

extension Name: CustomStringConvertible {
    /// Clark notation: `{namespace}local`, or only the local part when there is no namespace.
    public var description: String {
        namespace.isEmpty ? local : "{\(namespace)}\(local)"
    }

    /// Reads Clark notation. Returns `nil` when the braces don't match or the local part is empty.
    public init?(clark text: String) {
        guard text.first == "{" else {
            guard !text.isEmpty, !text.contains("}") else { return nil }
            self.init(text)
            return
        }
        guard let end = text.firstIndex(of: "}") else { return nil }
        let local = text[text.index(after: end)...]
        guard !local.isEmpty, !local.contains("{"), !local.contains("}") else { return nil }
        self.init(String(local), String(text[text.index(after: text.startIndex)..<end]))
    }
}
