public import XML
public import XMPP

/// What parts of the process beside the accounts may do: hand in messages, remember things with them, and give handlers events of our own.
///
/// Accounts are named by bare JIDs of the configuration. It makes no difference whether an account is online, still starting, or has failed:
/// what is accepted is on disk, and goes when it can. Everything throws ``ControlError``: `usage` for what will never work (an account that
/// the configuration doesn't have, a text that is too long), `failed` when the store can't be written now.
public protocol Mailroom: Sendable {
    /// Accepts letters and remembers notes in one transaction: when it returns all of it is on disk, when it throws none of it is.
    ///
    /// - Parameter notes: See `Delivery.Change.note`; `nil` forgets.
    func accept(_ letters: [Letter], notes: [(key: String, bytes: [UInt8]?)], from account: Address) async throws

    /// All notes of an account, by key.
    func notes(of account: Address) async throws -> [String: [UInt8]]

    /// Whether one of a contact's resources that the account sees announces corrections (XEP-0308); `false` when nothing is known. Asks nobody
    /// for the answer.
    func takesCorrections(_ contact: Address, account: Address) async -> Bool

    /// What was given up or is held for the operator, from now on. Of those that nobody reads, the newest thousand are kept. One reader.
    var outcomes: AsyncStream<LetterOutcome> { get }

    /// Messages of accounts that were accepted in another way than this, from now on: handlers' answers, `oxbow send`. Of those that nobody reads,
    /// the newest thousand are kept. One reader.
    var otherMessages: AsyncStream<OtherMessage> { get }

    /// Whether an account is online.
    func isOnline(_ account: Address) async -> Bool

    /// Gives handlers of an account an event of our own, such as a schedule's: the element goes to the first handler that declares it among
    /// those of one bot.
    ///
    /// When it returns the event is in the journal. From there it goes the way of a message (R2): it is handled once, and again only if the
    /// process ended before its handler did, at most as often as any event. An id that was given before changes nothing for as long as the
    /// journal remembers (`max_age` and an hour).
    ///
    /// - Parameters:
    ///   - element: Of a namespace that begins with `urn:oxbow:`; what comes from outside is never taken for it.
    ///   - handler: The name of one of the account's bots.
    ///   - id: Names the event; at most 256 bytes.
    func occur(_ element: Element, handler: String, id: String, account: Address) async throws
}

extension Mailroom {
    /// Accepts letters alone.
    public func accept(_ letters: [Letter], from account: Address) async throws {
        try await accept(letters, notes: [], from: account)
    }
}
