internal import XML

/// Explicit message encryption (XEP-0380): which encryption a message has, for clients that can't tell.
public enum ExplicitEncryption {
    /// The namespaces that a message claims to be encrypted by. A hint only: no decision about a message rests on it (T2, S14).
    public static func namespaces(of message: Message) -> [String] {
        message.element.all("encryption", Namespace.encryption).compactMap { $0["namespace"] }
    }

    static func element(_ namespace: String, name: String?) -> Element {
        Element("encryption", Namespace.encryption, ["namespace": namespace, "name": name])
    }
}
