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
/// Whoever has more waits for ``room(for:)`` first: so few messages are in memory, and those of one sender don't take the room of all.
public final class Dispatcher: Sendable {
    /// What an account lends its dispatcher.
    public struct Surroundings: Sendable {
        /// The way out.
        public var outgoing: any Outgoing
        /// The inbound journal.
        public var journal: any Journal
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
        /// What happened lately.
        public var recent: RecentEvents

        /// Makes surroundings.
        public init(
            outgoing: any Outgoing,
            journal: any Journal,
            tellAdmins: @escaping @Sendable (String) async -> Void,
            counters: Counters,
            logger: Logger,
            clock: any Clock<Duration> = ContinuousClock(),
            now: @escaping @Sendable () -> Int64,
            stateFolder: String? = nil,
            recent: RecentEvents = RecentEvents()
        ) {
            self.recent = recent
            self.outgoing = outgoing
            self.journal = journal
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
        /// The entries that we have.
        var known: Set<Int64> = []
        /// Who waits for room, first come, first served.
        var guests: Deque<(sender: Address, gate: Gate)> = []
        var isServed = false
        var phase = Phase.open

        func hasRoom(for sender: Address, _ limits: DispatchLimits) -> Bool {
            queues.count < limits.held && queues.count(of: sender) < limits.ofSender
        }

        /// The first who has room now, to be let in.
        mutating func nextGuest(_ limits: DispatchLimits) -> Gate? {
            guard let index = guests.firstIndex(where: { hasRoom(for: $0.sender, limits) }) else { return nil }
            return guests.remove(at: index).gate
        }

        mutating func takeGuests() -> [Gate] {
            defer { guests = [] }
            return guests.map(\.gate)
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
        take(DispatchedMessage(content: .message(message), number: journalNumber, attempts: attempts), from: message.sender.bare)
    }

    /// Takes an event of our own whose journal entry is `received`. Returns at once.
    func dispatch(_ occasion: Occasion, journalNumber: Int64, attempts: Int) -> Acceptance {
        take(DispatchedMessage(content: .occasion(occasion), number: journalNumber, attempts: attempts), from: account)
    }

    private func take(_ dispatched: DispatchedMessage, from sender: Address) -> Acceptance {
        let acceptance: Acceptance = state.withLock { state in
            guard state.phase == .open, state.known.insert(dispatched.number).inserted else { return .ignored }
            state.queues.add(dispatched, from: sender)
            return .queued
        }
        if acceptance != .ignored { wake.yield() }
        return acceptance
    }

    /// Whether an entry is in memory.
    func holds(_ number: Int64) -> Bool { state.withLock { $0.known.contains(number) } }

    /// Waits until there is room for another message of a sender (bare JID), or the dispatcher takes none any more, or the task is cancelled.
    func room(for sender: Address) async {
        while !Task.isCancelled {
            let gate: Gate? = state.withLock { state in
                guard state.phase == .open, !state.hasRoom(for: sender, limits) else { return nil }
                let gate = Gate()
                state.guests.append((sender, gate))
                return gate
            }
            guard let gate else { return }
            await gate.wait()
            state.withLock { state in state.guests.removeAll { $0.gate === gate } }
        }
    }

    /// Whether there is room for another message of a sender (bare JID) now, or none is taken any more.
    func hasRoom(for sender: Address) -> Bool {
        state.withLock { $0.phase != .open || $0.hasRoom(for: sender, limits) }
    }

    /// Lets in whoever waits, if there is still room: those who were let in before may have brought nothing.
    func letIn() {
        state.withLock { $0.nextGuest(limits) }?.open()
    }

    /// How many messages are in memory, waiting or being handled.
    var heldCount: Int { state.withLock { $0.queues.count } }

    /// Serves the account: runs its programs and handles what is dispatched, until it is cancelled or shut down. May be called once.
    public func run() async {
        let (isFirst, isOpen) = state.withLock { state in
            defer { state.isServed = true }
            return (!state.isServed, state.phase == .open)
        }
        guard isFirst else { return }
        if isOpen { await serve() }
        let guests = state.withLock { state in
            state.phase = .ended
            return state.takeGuests()
        }
        for guest in guests { guest.open() }
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
            }
            group.cancelAll()
        }
    }

    /// Takes nothing new, lets what is being handled finish for `grace`, then cancels it and ends ``run()``.
    ///
    /// What was not handled to its end stays `received` in the journal and runs again (R2). Returns when ``run()`` has returned; a
    /// Swift handler that ignores cancellation delays that.
    public func shutdown(grace: Duration) async {
        let (isServed, isIdle, guests) = state.withLock { state in
            if state.phase == .open { state.phase = .closing }
            return (state.isServed, state.queues.runningCount == 0, state.takeGuests())
        }
        for guest in guests { guest.open() }
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
        let (isIdle, guest) = state.withLock { state in
            state.queues.finished(sender)
            state.known.remove(number)
            return (state.phase != .open && state.queues.runningCount == 0, state.nextGuest(limits))
        }
        guest?.open()
        if isIdle { idle.open() } else { wake.yield() }
    }
}
