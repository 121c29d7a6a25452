import Delivery
import Logging
import Synchronization
import XMPP

/// Works an account's ``OutboxMachine``: commits its changes, then takes its steps (R9, R10, R11).
///
/// One loop takes the events that have come, joins their turns into one batch, commits that, and only then acts. What takes time (sealing,
/// sending, reading the store) runs beside the loop and comes back as an event.
actor OutboxDriver {
    /// What a driver works with.
    struct Surroundings: Sendable {
        var account: Address
        var store: any Store
        var sealer: any MessageSealing
        var session: any Session
        var counters: Counters
        var logger: Logger
        var clock: any Clock<Duration>
        var now: @Sendable () -> Int64
        /// Tells the account's admins, by another way than this account.
        var alarm: @Sendable (OutboxMachine.Notice) async -> Void
    }

    /// What became of an entry that was taken back.
    struct Withdrawal: Sendable {
        var state: OutboxEntry.State
        var mayHaveLeft: Bool
    }

    private let surroundings: Surroundings
    private var machine: OutboxMachine
    /// Connections, counted: what was handed to an earlier one says nothing about this one.
    private var generation = 0
    /// Handed over when the line was cut; nobody has said yet whether the session goes on.
    private var parked: Set<Int64> = []
    /// Why the line was cut that the next new session follows.
    private var cut = OutboxMachine.Cut.lost
    private var withdrawals: [Int64: CheckedContinuation<Withdrawal, Never>] = [:]
    private var timer: Task<Void, Never>?
    private var isStopped = false

    private nonisolated let gate = OnlineGate()
    private nonisolated let pending = Mutex<[OutboxMachine.Event]>([])
    private nonisolated let wakes: AsyncStream<Void>
    private nonisolated let wake: AsyncStream<Void>.Continuation
    /// One stanza of a recipient at a time is on its way to the server, so that order holds whatever fails.
    private nonisolated let sendings = KeyedQueue<Address>()

    init(_ surroundings: Surroundings, limits: OutboxMachine.Limits = OutboxMachine.Limits()) {
        self.surroundings = surroundings
        machine = OutboxMachine(account: surroundings.account, limits: limits)
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes an event; returns at once.
    nonisolated func post(_ event: OutboxMachine.Event) {
        pending.withLock { $0.append(event) }
        wake.yield()
    }

    /// The session is online.
    func connected(resumed: Bool, limit: Int?) {
        if resumed {
            // What the session still had goes on; what it gave up before is for us to repeat.
            for number in parked { post(.sendFailed(number: number, OutboxFailure(.offline, "the connection was cut"))) }
        } else {
            generation += 1
            post(.offline(cut))
        }
        cut = .lost
        parked = []
        post(.online(limit: limit))
        gate.open()
    }

    /// The session is offline; whether it will be resumed is not known yet.
    func disconnected(_ cut: OutboxMachine.Cut) {
        gate.close()
        if cut == .policyViolation { self.cut = cut }
    }

    /// Works until it is cancelled.
    func run() async {
        post(.start)
        await withDiscardingTaskGroup { group in
            group.addTask { await self.sendings.run() }
            group.addTask { await self.tick() }
            for await _ in wakes {
                let events = pending.withLock { events in
                    defer { events = [] }
                    return events
                }
                guard !events.isEmpty else { continue }
                var turn = OutboxMachine.Turn()
                for event in events { turn += machine.handle(event, now: surroundings.now()) }
                guard await commit(turn.changes) else { break }
                let generation = generation
                for step in turn.steps where !takeAtOnce(step, generation) {
                    group.addTask { await self.take(step, generation) }
                }
            }
            group.cancelAll()
        }
        stop()
    }

    /// Time passes for the machine also when nothing happens.
    private func tick() async {
        while !Task.isCancelled {
            try? await surroundings.clock.sleep(for: .seconds(60))
            post(.tick)
        }
    }

    private func stop() {
        isStopped = true
        timer?.cancel()
        for (_, waiter) in withdrawals { waiter.resume(returning: Withdrawal(state: .accepted, mayHaveLeft: true)) }
        withdrawals = [:]
    }

    /// Commits until it succeeds: the machine has moved on, so nothing may be skipped. `false` once cancelled.
    private func commit(_ changes: [OutboxChange]) async -> Bool {
        guard !changes.isEmpty else { return true }
        var pause = Duration.seconds(1)
        while !Task.isCancelled {
            do {
                try await surroundings.store.commit(changes.map(Change.outbox))
                return true
            } catch {
                surroundings.counters.add(1, "oxbow_outbox_errors_total", ["account": surroundings.account.description])
                surroundings.logger.error(
                    "the outbox can't be written; nothing is sent until it can",
                    metadata: ["error": "\(error)", "retry": "\(pause)"]
                )
                try? await surroundings.clock.sleep(for: pause)
                pause = min(pause * 2, .seconds(30))
            }
        }
        return false
    }
}

// MARK: - Steps

extension OutboxDriver {
    /// Steps that take no time, and those whose order counts.
    private func takeAtOnce(_ step: OutboxMachine.Step, _ generation: Int) -> Bool {
        switch step {
        case .send(let entry, let sealed):
            sendings.enqueue(entry.recipient.bare) { await self.send(entry, sealed, generation) }
        case .settled(let number, let state, let failure):
            settled(number, state, failure)
        case .withdrawal(let number, let state, let mayHaveLeft):
            withdrawals.removeValue(forKey: number)?.resume(returning: Withdrawal(state: state, mayHaveLeft: mayHaveLeft))
        case .wake(let time):
            setTimer(time)
        case .load, .summarize, .seal, .tell:
            return false
        }
        return true
    }

    private func settled(_ number: Int64, _ state: OutboxEntry.State, _ failure: OutboxFailure?) {
        guard state == .dead else { return }
        surroundings.counters.add(
            1,
            "oxbow_dead_letters_total",
            ["account": surroundings.account.description, "reason": failure?.kind.rawValue ?? "other"]
        )
        surroundings.logger.error(
            "a message was given up; see `oxbow outbox show`",
            metadata: ["message": "\(number)", "reason": "\(failure?.description ?? "unknown")"]
        )
    }

    private func setTimer(_ time: Int64) {
        timer?.cancel()
        let pause = Duration.seconds(max(0, time - surroundings.now()))
        timer = Task { [clock = surroundings.clock] in
            try? await clock.sleep(for: pause)
            if !Task.isCancelled { self.post(.tick) }
        }
    }

    private nonisolated func take(_ step: OutboxMachine.Step, _ generation: Int) async {
        switch step {
        case .load(let query):
            do {
                post(.loaded(query, try await surroundings.store.find(query)))
            } catch {
                complain("the outbox can't be read", error)
                post(.loadFailed)
            }
        case .summarize(let before):
            do {
                post(.summary(try await surroundings.store.summary(account: surroundings.account, before: before)))
            } catch {
                // It is asked for again with the next tick.
                complain("the outbox can't be read", error)
            }
        case .seal(let entry): await seal(entry)
        case .tell(let notice): await surroundings.alarm(notice)
        case .send, .settled, .withdrawal, .wake: break
        }
    }

    private nonisolated func complain(_ what: Logger.Message, _ error: any Error) {
        guard !Task.isCancelled else { return }
        surroundings.logger.error(what, metadata: ["error": "\(error)"])
    }

    private nonisolated func seal(_ entry: OutboxEntry) async {
        do {
            guard let payload = try await surroundings.store.content(of: entry.number)?.payload.flatMap(OutboxPayload.decode) else {
                return post(.sealFailed(number: entry.number, OutboxFailure(.malformed, "its content can't be read")))
            }
            let message = try await surroundings.sealer.seal(
                payload,
                to: entry.recipient,
                id: entry.id,
                requestsReceipt: entry.needsReceipt
            )
            let bytes = message.stored
            post(.sealed(number: entry.number, OutboxSealed(bytes: bytes, size: bytes.count, time: surroundings.now())))
        } catch {
            guard !Task.isCancelled else { return }
            let problem = SendProblem(error)
            surroundings.counters.add(
                1,
                "oxbow_send_failures_total",
                ["account": surroundings.account.description, "reason": problem.reason]
            )
            post(.sealFailed(number: entry.number, problem.outboxFailure))
        }
    }

    /// Hands a stanza over and waits for its acknowledgement, in the queue of its recipient.
    private nonisolated func send(_ entry: OutboxEntry, _ sealed: OutboxSealed?, _ generation: Int) async {
        do {
            var bytes = sealed?.bytes
            if bytes == nil { bytes = try await surroundings.store.content(of: entry.number)?.sealed?.bytes }
            guard let bytes, let message = SealedMessage(stored: bytes) else {
                return post(.sendFailed(number: entry.number, OutboxFailure(.internal, "its sealed bytes can't be read")))
            }
            while await !gate.pass(within: .seconds(3600), clock: surroundings.clock) {
                if Task.isCancelled { return }
            }
            guard await self.generation == generation else { return }
            try await surroundings.session.send(.sealed(message), until: .acknowledged)
            surroundings.counters.add(1, "oxbow_sent_total", ["account": surroundings.account.description])
            post(.acknowledged(number: entry.number))
        } catch {
            guard !Task.isCancelled else { return }
            await failed(entry, SendProblem(error), generation)
        }
    }

    private func failed(_ entry: OutboxEntry, _ problem: SendProblem, _ generation: Int) {
        guard generation == self.generation else { return }
        if problem.reason == "offline", !gate.isOpen {
            parked.insert(entry.number)
        } else {
            post(.sendFailed(number: entry.number, problem.outboxFailure))
        }
    }
}

// MARK: - The operator

extension OutboxDriver {
    /// Takes an entry back; says how far it had got (R14).
    func withdraw(_ entry: OutboxEntry) async -> Withdrawal {
        guard !isStopped else { return Withdrawal(state: entry.state, mayHaveLeft: entry.mayHaveLeft) }
        return await withCheckedContinuation { continuation in
            withdrawals.updateValue(continuation, forKey: entry.number)?
                .resume(returning: Withdrawal(state: entry.state, mayHaveLeft: entry.mayHaveLeft))
            post(.withdraw(entry))
        }
    }
}
