import OX
import XML
import XMPP

/// Makes sealed messages for some kind of recipient: the one way from a payload to something that may leave.
///
/// What it gives out is ciphertext, by type. ``OX/Sealer`` is one, for people who speak OX.
protocol MessageSealing: Sendable {
    /// Signs and encrypts a payload for one recipient (R8). Called when the message is about to be handed over (R9), possibly again later.
    ///
    /// - Parameters:
    ///   - payload: What is said: bodies, a subject, a thread, attachments, elements of bots. At least one element.
    ///   - recipient: Whom it is for (full or bare JID).
    ///   - id: The stanza's id, the same at every attempt.
    ///   - requestsReceipt: Whether to ask for a delivery receipt.
    /// - Throws: What ``SendProblem`` has a name for.
    func seal(_ payload: [Element], to recipient: Address, id: String, requestsReceipt: Bool) async throws -> SealedMessage
}

extension Sealer: MessageSealing {}
