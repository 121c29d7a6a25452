public import XMPP

/// What carries an account's messages and remembers its changes: the outbox of the process.
public protocol AlertCarrier: Sendable {
    /// Takes messages and changes in one batch: when it returns all of it is on disk; when it throws, nothing. A message whose id was accepted before
    /// is not accepted again.
    func accept(_ postings: [Posting], _ changes: [AlertChange], from account: Address) async throws
    /// Those of the contacts whose clients, as far as the account sees, take corrections (XEP-0308).
    func correctable(among contacts: Set<Contact>, of account: Address) async -> Set<Contact>
    /// Gives a handler of the account's bots the event that a schedule's time has come.
    ///
    /// - Parameters:
    ///   - schedule: The schedule's name.
    ///   - handler: The handler's name, as the schedule has it.
    ///   - at: When it was due, in seconds since 1970.
    ///   - id: The same if it is given twice; the second is not given again.
    func occur(schedule: String, handler: String, at: Int64, id: String, account: Address) async throws
}
