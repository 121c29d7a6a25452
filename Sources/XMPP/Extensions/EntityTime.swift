public import XML

/// Tells what time it is here (XEP-0202), in UTC: where the bot lives is nobody's business.
public struct EntityTime: IQHandler {
    /// `<time/>`.
    public let payloads = [Name("time", Namespace.time)]
    /// XEP-0202 § 3.
    public let features = [Namespace.time]
    private let now: @Sendable () -> Int64

    /// Makes the handler.
    ///
    /// - Parameter now: The time in seconds since 1970.
    public init(now: @escaping @Sendable () -> Int64) {
        self.now = now
    }

    /// Answers with the time.
    public func respond(to payload: Element, kind: Request.Kind, from sender: Address) async throws -> Element? {
        guard kind == .get else { throw StanzaError("not-allowed", .cancel) }
        let children = [Element("tzo", Namespace.time, text: "+00:00"), Element("utc", Namespace.time, text: DateTime.text(now()))]
        return Element("time", Namespace.time, [:], children)
    }
}
