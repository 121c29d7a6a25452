public import XML

/// The requests of a session that wait for an answer (RFC 6120 § 8.2.3), with who waits.
///
/// An answer counts only if it comes from whom the request went to: ids can be guessed, addresses can't (RFC 6120 § 8.1.2.1).
public struct RequestTable<Waiter: Sendable, Deadline: Comparable & Sendable>: Sendable {
    private struct Entry {
        let to: Address?
        let deadline: Deadline
        let waiter: Waiter
    }

    private let account: Address
    private var entries: [String: Entry] = [:]

    /// An empty table.
    public init(account: Address) {
        self.account = account.bare
    }

    /// How many requests wait.
    public var count: Int { entries.count }

    /// The earliest deadline, to set a timer by.
    public var nextDeadline: Deadline? { entries.values.lazy.map(\.deadline).min() }

    /// Notes a request that is being sent; `false` if the id is in use.
    public mutating func insert(id: String, to: Address?, deadline: Deadline, _ waiter: Waiter) -> Bool {
        guard entries[id] == nil else { return false }
        entries[id] = Entry(to: to, deadline: deadline, waiter: waiter)
        return true
    }

    /// Takes in an IQ; `nil` unless it is the answer to a request in the table. The result's payload is the IQ's first child.
    public mutating func answer(_ stanza: Element) -> (waiter: Waiter, result: Result<Element?, StanzaError>)? {
        guard stanza.is("iq", Namespace.client), let id = stanza["id"], let entry = entries[id] else { return nil }
        guard let type = stanza["type"], type == "result" || type == "error", answers(stanza["from"], entry.to) else { return nil }
        entries[id] = nil
        return (entry.waiter, type == "result" ? .success(stanza.elements.first) : .failure(StanzaError(from: stanza)))
    }

    private func answers(_ from: String?, _ to: Address?) -> Bool {
        // Only the own server can send a stanza without a sender; it speaks for the account, and for itself.
        let isOwn = to == nil || to?.bare == account
        guard let from else { return isOwn || to == account.domainAddress }
        guard let from = Address(from) else { return false }
        // Servers answer for the account by its bare JID, by the session's full JID, or by their own name.
        return from == to || (isOwn && to?.isBare != false && (from.bare == account || from == account.domainAddress))
    }

    /// Gives up a request, for example because its caller was cancelled.
    public mutating func remove(id: String) -> Waiter? {
        entries.removeValue(forKey: id)?.waiter
    }

    /// Takes out the requests whose time is over.
    public mutating func expire(at now: Deadline) -> [Waiter] {
        let over = entries.filter { $0.value.deadline <= now }
        for id in over.keys { entries[id] = nil }
        return over.values.map(\.waiter)
    }

    /// Takes out everything: the session is gone.
    public mutating func removeAll() -> [Waiter] {
        defer { entries = [:] }
        return entries.values.map(\.waiter)
    }
}
