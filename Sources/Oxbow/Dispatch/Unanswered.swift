import XML
import XMPP

/// The way out for events of automatic mail (R22): what goes to its sender is dropped and counted, what goes to others goes its way.
///
/// Dropped and not refused, so that a bot that answers everything needs to know nothing about mailing lists and holiday notices.
struct Unanswered: Outgoing {
    /// Who must not be answered (bare JID).
    let sender: Address
    /// The way to others.
    let others: any Outgoing
    /// Counts a dropped answer.
    let dropped: @Sendable () -> Void

    func send(payload: [Element], to recipient: Address, thread: String?, account: Address) async throws {
        guard recipient.bare != sender else { return dropped() }
        try await others.send(payload: payload, to: recipient, thread: thread, account: account)
    }
}
