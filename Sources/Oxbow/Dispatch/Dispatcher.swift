public import Delivery
import DequeModule
public import Logging
public import OX
import Synchronization
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
        /// The time of day, in seconds since 1970, against which events are late (R6).
        public var now: @Sendable () -> Int64
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
            now: @escaping @Sendable () -> Int64,
            stateFolder: String? = nil
        ) {
            self.outgoing = outgoing
            self.journal = journal
            self.reopen = reopen
            self.tellAdmins = tellAdmins
            self.counters = counters
            self.logger = logger
            self.clock = clock
            self.now = now
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

    private enum Phase {
        case open
        case closing
        case ended
    }
    private struct State {
        var queues: SenderQueues<DispatchedMessage>
        /// The entries that we have, in memory or deferred.
        var known: Set<Int64> = []
        /// The entries that found no room, in order of arrival.
        var deferred: Deque<Int64> = []
        var isRefilling = false
        var isServed = false
        var phase = Phase.open

        mutating func hold(_ message: DispatchedMessage) {
            queues.add(message, from: message.message.sender.bare)
        }
    }

    /// The account (bare JID).
    public let account: Address
    let bots: [BotDefinition]
    let entries: [HandlerEntry]
    let surroundings: Surroundings
    let limits: DispatchLimits
    let logger: Logger
    let stopwatch: Stopwatch
    private let state: Mutex<State>
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let idle = Gate()
    private let ended = Gate()

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
        self.surroundings = surroundings
        self.limits = limits
        var logger = surroundings.logger
        logger[metadataKey: "account"] = "\(account.bare)"
        self.logger = logger
        self.stopwatch = Stopwatch(surroundings.clock)
        let makers = HandlerMaker(account: account.bare, modules: modules, surroundings: surroundings, logger: logger)
        self.entries = bots.flatMap { bot in bot.handlers.map { makers.entry(bot, $0) } }
        self.state = Mutex(State(queues: SenderQueues(limit: max(1, limits.senders))))
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
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
        let acceptance: Acceptance = state.withLock { state in
            guard state.phase == .open, state.known.insert(journalNumber).inserted else { return .ignored }
            // Once something waits in the journal, what comes later queues up behind it: order within a sender.
            guard state.deferred.isEmpty, !state.isRefilling, state.queues.count < limits.held else {
                state.deferred.append(journalNumber)
                return .deferred
            }
            state.hold(DispatchedMessage(message: message, number: journalNumber, attempts: attempts))
            return .queued
        }
        if acceptance != .ignored { wake.yield() }
        return acceptance
    }

    /// Serves the account: runs its programs and handles what is dispatched, until it is cancelled or shut down. May be called once.
    public func run() async {
        let (isFirst, isOpen) = state.withLock { state in
            defer { state.isServed = true }
            return (!state.isServed, state.phase == .open)
        }
        guard isFirst else { return }
        if isOpen { await serve() }
        state.withLock { $0.phase = .ended }
        idle.open()
        ended.open()
    }

    private func serve() async {
        await withDiscardingTaskGroup { group in
            for program in entries.compactMap(\.program) {
                group.addTask { await program.run() }
            }
            wake.yield()
            for await _ in wakes {
                while let (sender, message) = next() {
                    group.addTask {
                        await self.handle(message)
                        self.finished(sender, message.number)
                    }
                }
                if startsRefill() { group.addTask { await self.refill() } }
            }
            group.cancelAll()
        }
    }

    /// Takes nothing new, lets what is being handled finish for `grace`, then cancels it and ends ``run()``.
    ///
    /// What was not handled to its end stays `received` in the journal and runs again (R2). Returns when ``run()`` has returned; a
    /// Swift handler that ignores cancellation delays that.
    public func shutdown(grace: Duration) async {
        let (isServed, isIdle) = state.withLock { state in
            if state.phase == .open { state.phase = .closing }
            return (state.isServed, state.queues.runningCount == 0)
        }
        guard isServed else { return wake.finish() }
        if isIdle { idle.open() }
        await withTaskGroup { group in
            group.addTask { await self.idle.wait() }
            group.addTask { [clock = surroundings.clock] in try? await clock.sleep(for: grace) }
            await group.next()
            group.cancelAll()
        }
        wake.finish()
        await ended.wait()
    }

    private func next() -> (sender: Address, message: DispatchedMessage)? {
        state.withLock { state in
            guard state.phase == .open else { return nil }
            return state.queues.next().map { ($0.sender, $0.item) }
        }
    }

    private func finished(_ sender: Address, _ number: Int64) {
        let isIdle = state.withLock { state in
            state.queues.finished(sender)
            state.known.remove(number)
            return state.phase != .open && state.queues.runningCount == 0
        }
        if isIdle { idle.open() } else { wake.yield() }
    }

    /// Whether it is time to fetch from the journal what found no room: when half of the room is free again.
    private func startsRefill() -> Bool {
        state.withLock { state in
            guard state.phase == .open, !state.isRefilling, !state.deferred.isEmpty, state.queues.count <= limits.held / 2 else {
                return false
            }
            state.isRefilling = true
            return true
        }
    }

    /// Opens deferred entries again, oldest first, until there is no more room or none is left.
    private func refill() async {
        defer {
            state.withLock { $0.isRefilling = false }
            wake.yield()
        }
        // What is deferred while the journal is being read may be missing in what it returns: the next refill's business.
        let expected = state.withLock { Set($0.deferred) }
        let found: [JournalEntry]
        do {
            found = try await surroundings.journal.unfinished(account: account)
        } catch {
            logger.error("Could not read the journal; what waits there runs at the next start.", metadata: ["error": "\(error)"])
            state.withLock { state in
                state.known.subtract(state.deferred)
                state.deferred = []
            }
            return
        }
        let entries = Dictionary(found.map { ($0.number, $0) }, uniquingKeysWith: { $1 })
        while !Task.isCancelled {
            let number = state.withLock { state in state.queues.count < limits.held ? state.deferred.first : nil }
            guard let number, expected.contains(number) else { return }
            var message: DispatchedMessage?
            if let entry = entries[number], let opened = await surroundings.reopen(entry) {
                message = DispatchedMessage(message: opened, number: number, attempts: entry.attempts)
            }
            state.withLock { state in
                _ = state.deferred.popFirst()
                if let message, state.phase == .open { state.hold(message) } else { state.known.remove(number) }
            }
            wake.yield()
        }
    }
}
