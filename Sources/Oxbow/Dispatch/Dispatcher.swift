public import Delivery
public import Logging
public import OX
public import XML
public import XMPP

/// Brings the verified messages of one account to the handlers of its bots (R2, R3, R5, R18).
///
/// Each payload element goes to the first handler that takes it: in the order of the account's `bots:`, then of the file, by element,
/// `match`, `from` and `allow`. What no handler takes is dropped silently and counted. The elements of a message are handled one after
/// the other, the messages of a sender (bare JID) in the order of ``dispatch(_:journalNumber:attempts:)``, senders beside each other.
/// The journal's entry becomes done when the last element has been handled.
///
/// At most ``DispatchLimits/held`` messages are in memory. What comes on top is only noted by its number and read from the journal
/// again once there is room, through `reopen`.
public final class Dispatcher: Sendable {
    /// What an account lends its dispatcher.
    public struct Surroundings: Sendable {
        /// The way out.
        public var outgoing: any Outgoing
        /// The inbound journal.
        public var journal: any Journal
        /// Opens a journalled stanza again; `nil` if it is refused now, in which case the account has settled the entry.
        public var reopen: @Sendable (JournalEntry) async -> OpenedMessage?
        /// Tells the account's admins something (a dead letter, R2).
        public var tellAdmins: @Sendable (String) async -> Void
        /// What is counted.
        public var counters: Counters
        /// For what the operator should know; no message content.
        public var logger: Logger
        /// For time limits, rates and pauses.
        public var clock: any Clock<Duration>
        /// A folder that no program may see: where keyrings, store and control socket are (R18).
        public var stateFolder: String?

        /// Makes surroundings.
        public init(
            outgoing: any Outgoing,
            journal: any Journal,
            reopen: @escaping @Sendable (JournalEntry) async -> OpenedMessage?,
            tellAdmins: @escaping @Sendable (String) async -> Void,
            counters: Counters,
            logger: Logger,
            clock: any Clock<Duration> = ContinuousClock(),
            stateFolder: String? = nil
        ) {
            self.outgoing = outgoing
            self.journal = journal
            self.reopen = reopen
            self.tellAdmins = tellAdmins
            self.counters = counters
            self.logger = logger
            self.clock = clock
            self.stateFolder = stateFolder
        }
    }

    /// What became of a message that was given to ``dispatch(_:journalNumber:attempts:)``.
    public enum Acceptance: Hashable, Sendable {
        /// It is in memory and will be handled.
        case queued
        /// There is no room: it stays in the journal and is fetched from there.
        case deferred
        /// It is here already, or the dispatcher is shutting down; nothing was done.
        case ignored
    }

    /// The account (bare JID).
    public let account: Address
    let bots: [BotDefinition]

    /// Makes a dispatcher; nothing runs before ``run()``.
    ///
    /// An entry whose module is unknown or refuses its settings is logged, and its events are answered as failed: the account's other
    /// handlers are not affected.
    public init(
        account: Address,
        bots: [BotDefinition],
        modules: SwiftModules,
        surroundings: Surroundings,
        limits: DispatchLimits = DispatchLimits()
    ) {
        self.account = account.bare
        self.bots = bots
    }

    /// Whether somebody is heard at all: whether one of the account's bots allows the address (R3).
    public func allows(_ address: Address) -> Bool {
        bots.contains { $0.allows(address) }
    }

    /// The payload elements that some handler takes: S10's whitelist (R5).
    public var declaredElements: Set<Name> {
        bots.reduce(into: []) { set, bot in for handler in bot.handlers { set.formUnion(handler.elements) } }
    }

    /// Takes a verified message whose journal entry is `received`. Returns at once.
    ///
    /// - Parameter attempts: How often the entry was begun before (``JournalEntry/attempts``).
    @discardableResult
    public func dispatch(_ message: OpenedMessage, journalNumber: Int64, attempts: Int = 0) -> Acceptance {
        .ignored
    }

    /// Serves the account: runs its programs and handles what is dispatched, until it is cancelled or shut down.
    public func run() async {
    }

    /// Takes nothing new, lets what is being handled finish for `grace`, then cancels it and ends ``run()``.
    ///
    /// What was not handled to its end stays `received` in the journal and runs again (R2). Returns when ``run()`` has returned; a
    /// Swift handler that ignores cancellation delays that.
    public func shutdown(grace: Duration) async {
    }
}
