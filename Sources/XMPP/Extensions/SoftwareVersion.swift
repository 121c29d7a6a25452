public import XML

/// Tells which software this is (XEP-0092). The operating system isn't told.
public struct SoftwareVersion: IQHandler {
    /// `<query xmlns='jabber:iq:version'/>`.
    public let payloads = [Name("query", Namespace.version)]
    /// XEP-0092 § 4.
    public let features = [Namespace.version]
    private let name: String
    private let version: String

    /// Makes the handler.
    public init(name: String, version: String) {
        self.name = name
        self.version = version
    }

    /// Answers with name and version.
    public func respond(to payload: Element, kind: Request.Kind, from sender: Address) async throws -> Element? {
        guard kind == .get else { throw StanzaError("not-allowed", .cancel) }
        let children = [Element("name", Namespace.version, text: name), Element("version", Namespace.version, text: version)]
        return Element("query", Namespace.version, [:], children)
    }
}
