public import XML

/// A small thing that answers requests: what most XEPs are to a bot. Disco is derived from what is loaded.
public protocol IQHandler: Sendable {
    /// The names of the payloads that it answers.
    var payloads: [Name] { get }
    /// The features that disco announces for it (XEP-0030 § 3.1).
    var features: [String] { get }
    /// Answers a request. `sender` is the full JID of who asks; `nil` as result means an empty one.
    ///
    /// - Throws: ``StanzaError``, which goes back to the sender.
    func respond(to payload: Element, kind: Request.Kind, from sender: Address) async throws -> Element?
}
