import OX
import XMPP

/// Picks who opens a message by its sender's domain: OX for people on XMPP, and nothing else yet.
struct Openers: Sendable {
    /// For everybody who isn't behind a gateway.
    let direct: Opener

    /// Looks at a message without any cryptography.
    func examine(_ message: Message, isAllowed: Bool) -> Examination {
        direct.examine(message, isAllowed: isAllowed)
    }

    /// Decrypts and verifies what ``examine(_:isAllowed:)`` took out.
    func open(_ envelope: Envelope, received: Int64) async throws(OpenRefusal) -> OpenedMessage {
        try await direct.open(envelope, received: received)
    }
}
