import Synchronization
import XMPP

/// Who sees the account's presence, and whose presence it asks for: subscriptions by `allow` and `recipients` (R3, R7, R15).
///
/// It is told what the roster and the stream say, and answers with the presence to send. A presence subscription is what makes servers
/// pass on changed keys (`+notify`), and what some clients' keys can only be read with.
final class Contacts: Sendable {
    /// Whose presence the account asks for at each start.
    let recipients: Set<Address>
    private let subscribes: Bool
    private let allows: @Sendable (Address) -> Bool
    private let roster = Mutex(Roster())

    /// Makes an empty list.
    ///
    /// - Parameters:
    ///   - recipients: Whose presence is asked for unasked.
    ///   - subscribes: Whether the account asks for presence at all (`subscribe:`).
    ///   - allows: Whether somebody is heard (R3).
    init(recipients: some Sequence<Address>, subscribes: Bool, allows: @escaping @Sendable (Address) -> Bool) {
        self.recipients = Set(recipients.map(\.bare))
        self.subscribes = subscribes
        self.allows = allows
    }

    /// Whether somebody may be answered at all: one who is heard, or one whom the account writes to unasked.
    func isKnown(_ address: Address) -> Bool { allows(address) || recipients.contains(address.bare) }

    /// Whether somebody sees our presence, and so may be told that we are here (R7).
    func isWatching(_ address: Address) -> Bool { roster.withLock { $0[address]?.seesUs ?? false } }

    /// The roster as the server sent it after login: asks for what is missing.
    func loaded(_ loaded: Roster) -> [Presence.Kind] {
        roster.withLock { $0 = loaded }
        guard subscribes else { return [] }
        return recipients.sorted { $0.description < $1.description }.filter { needsAsking($0) }.map { .subscribe($0) }
    }

    /// A roster push.
    func pushed(_ contact: Roster.Contact) {
        roster.withLock { $0.apply(contact) }
    }

    /// Presence of type subscribe: granted to those who are known, and returned; others get silence (R3).
    func asked(by address: Address) -> [Presence.Kind] {
        let bare = address.bare
        guard isKnown(bare) else { return [] }
        return [.subscribed(bare)] + (subscribes && needsAsking(bare) ? [.subscribe(bare)] : [])
    }

    private func needsAsking(_ address: Address) -> Bool {
        guard let contact = roster.withLock({ $0[address] }) else { return true }
        return !contact.isSeen && !contact.isRequested
    }
}
