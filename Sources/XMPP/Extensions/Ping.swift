public import XML

/// Answers pings (XEP-0199).
public struct Ping: IQHandler {
    /// `<ping/>`.
    public let payloads = [Name("ping", Namespace.ping)]
    /// XEP-0199 § 5.
    public let features = [Namespace.ping]

    /// Makes the handler.
    public init() {}

    /// Answers with nothing.
    public func respond(to payload: Element, kind: Request.Kind, from sender: Address) async throws -> Element? {
        guard kind == .get else { throw StanzaError("not-allowed", .cancel) }
        return nil
    }

    /// Asks whether an entity is there; `nil` is our own server, in the account's name. Any answer will do, an error too.
    public static func request(to entity: Address? = nil) -> Request {
        Request(.get, to: entity, Element("ping", Namespace.ping))
    }
}
