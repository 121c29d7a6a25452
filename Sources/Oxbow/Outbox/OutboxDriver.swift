import Delivery
import Logging
import Synchronization
import XMPP

/// Works an account's ``OutboxMachine``: commits its changes, then takes its steps (R9, R10, R11).
///
/// One loop takes the events that have come, joins their turns into one batch, commits that, and only then acts. What takes time (sealing,
/// reading the store) runs beside the loop and comes back as an event. A second loop hands over: one stanza after the other, in the order of
/// the machine's steps, without waiting for acknowledgements. So order holds whatever fails, and the distance of the server costs nothing.
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
        /// Takes what was given up or is held for the operator.
        var outcome: @Sendable (LetterOutcome) -> Void = { _ in }
        var recent = RecentEvents()
        /// Hears of messages that are no letters.
        var otherMessage: @Sendable (OtherMessage) -> Void = { _ in }
    }

    /// What became of an entry that was taken back.
    struct Withdrawal: Sendable {
        var state: OutboxEntry.State
        var mayHaveLeft: Bool
    }

    /// What is to be handed over.
    private struct Parcel: Sendable {
        var entry: OutboxEntry
        var sealed: OutboxSealed?
        var round: Int
    }

    /// What the machine has not seen yet.
    private struct Waiting: Sendable {
        var events: [(event: OutboxMachine.Event, round: Int)] = []
        /// Counts how often everything in flight went again: what became of an earlier round says nothing about this one.
        var round = 0
        /// Something of this round will never be acknowledged.
        var hasGap = false
    }

    private let surroundings: Surroundings
    private var machine: OutboxMachine
    /// The number of the session that this round is for, and the largest stanza that its server announces.
    private var session: UInt64?
    private var limit: Int?
    /// Why the line was cut that the next new session follows.
    private var cut = OutboxMachine.Cut.lost
    /// Taken back while they were perhaps not handed over yet.
    private var recalled: Set<Int64> = []
    private var withdrawals: [Int64: CheckedContinuation<Withdrawal, Never>] = [:]
    private var timer: Task<Void, Never>?
    private var isStopped = false

    private nonisolated let gate = OnlineGate()
    private nonisolated let pending = Mutex(Waiting())
    private nonisolated let wakes: AsyncStream<Void>
    private nonisolated let wake: AsyncStream<Void>.Continuation
    private nonisolated let parcels: AsyncStream<Parcel>
    private nonisolated let parcel: AsyncStream<Parcel>.Continuation

    init(_ surroundings: Surroundings, limits: OutboxMachine.Limits = OutboxMachine.Limits()) {
        self.surroundings = surroundings
        machine = OutboxMachine(account: surroundings.account, limits: limits)
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (parcels, parcel) = AsyncStream.makeStream()
    }

    /// Takes an event; returns at once.
    nonisolated func post(_ event: OutboxMachine.Event) {
        pending.withLock { $0.events.append((event, $0.round)) }
        wake.yield()
    }

    /// The session is online.
    func connected(resumed: Bool, limit: Int?) async {
        // The session may be a step ahead of its events; then the event that says so brings another round.
        let number = await surroundings.session.sessionNumber
        // What a resumed session still has goes on, and what comes after it goes behind it. If anything of it is lost, all goes again: what
        // came after that would overtake it.
        if !resumed || number != session || pending.withLock(\.hasGap) { begin(number) }
        (cut, self.limit) = (.lost, limit)
        post(.online(limit: limit))
        gate.open()
    }

    /// Everything in flight goes again, in its order.
    private func begin(_ number: UInt64?) {
        session = number
        recalled = []
        // What earlier events lead to belongs to the round before, though it may not have happened yet.
        pending.withLock { waiting in
            waiting.round += 1
            waiting.hasGap = false
            waiting.events.append((.offline(cut), waiting.round))
        }
        wake.yield()
    }

    /// The session is offline; whether it will be resumed is not known yet.
    func disconnected(_ cut: OutboxMachine.Cut) {
        gate.close()
        post(.interrupted)
        if cut == .policyViolation { self.cut = cut }
    }

    /// Works until it is cancelled.
    func run() async {
        post(.start)
        await withDiscardingTaskGroup { group in
            group.addTask { await self.handOver() }
            group.addTask { await self.tick() }
            for await _ in wakes {
                let events = pending.withLock { waiting in
                    defer { waiting.events = [] }
                    return waiting.events
                }
                guard !events.isEmpty else { continue }
                var changes: [OutboxChange] = []
                var steps: [(step: OutboxMachine.Step, round: Int)] = []
                for (event, round) in events {
                    let turn = machine.handle(event, now: surroundings.now())
                    changes += turn.changes
                    steps += turn.steps.map { ($0, round) }
                }
                guard await commit(changes) else { break }
                for held in changes.compactMap(\.newlyHeld) {
                    group.addTask { await self.tell(held.number, .held(reason: held.failure.kind.rawValue)) }
                }
                for (step, round) in steps where !takeAtOnce(step, round) {
                    group.addTask { await self.take(step) }
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
    private func takeAtOnce(_ step: OutboxMachine.Step, _ round: Int) -> Bool {
        switch step {
        case .send(let entry, let sealed):
            parcel.yield(Parcel(entry: entry, sealed: sealed, round: round))
        case .settled(let number, let state, let failure):
            settled(number, state, failure)
            return state != .dead
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
        if state == .withdrawn { recalled.insert(number) }
        if state == .delivered {
            surroundings.counters.add(1, "oxbow_delivered_total", ["account": surroundings.account.description])
        }
        guard state == .dead else { return }
        surroundings.counters.add(
            1,
            "oxbow_dead_letters_total",
            ["account": surroundings.account.description, "reason": failure?.kind.rawValue ?? "other"]
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

    private nonisolated func take(_ step: OutboxMachine.Step) async {
        switch step {
        case .load(let query):
            do {
                post(.loaded(query, try await surroundings.store.find(query)))
            } catch {
                complain("the outbox can't be read", error)
                post(.loadFailed)
            }
        case .summarize(let before):
            while !Task.isCancelled {
                do {
                    return post(.summary(try await surroundings.store.summary(account: surroundings.account, before: before)))
                } catch {
                    // Nothing goes before the first one.
                    complain("the outbox can't be read", error)
                    try? await surroundings.clock.sleep(for: .seconds(2))
                }
            }
        case .seal(let entry): await seal(entry)
        case .tell(let notice): await surroundings.alarm(notice)
        case .settled(let number, .dead, let failure): await tell(number, .dead(reason: failure?.kind.rawValue ?? "other"))
        case .send, .settled, .withdrawal, .wake: break
        }
    }

    /// Says which message it is that was given up or is held.
    private nonisolated func tell(_ number: Int64, _ kind: LetterOutcome.Kind) async {
        do {
            guard let entry = try await surroundings.store.find(OutboxQuery(.number(number), limit: 1)).entries.first else { return }
            surroundings.outcome(LetterOutcome(account: entry.account, id: entry.id, recipient: entry.recipient, kind: kind))
            guard case .dead(let reason) = kind else { return }
            surroundings.logger.error(
                "a message was given up; see `oxbow outbox show`",
                metadata: [
                    "message": "\(entry.id)", "number": "\(number)", "to": "\(entry.recipient.bare)",
                    "reason": "\(entry.failure?.description ?? reason)",
                ]
            )
            note(.dead, entry, reason: reason)
        } catch {
            complain("the outbox can't be read", error)
        }
    }

    private nonisolated func note(_ what: RecentEvent.What, _ entry: OutboxEntry, reason: String? = nil) {
        let event = RecentEvent(
            time: surroundings.now(),
            account: entry.account,
            what,
            peer: entry.recipient,
            reason: reason,
            message: entry.id
        )
        surroundings.recent.note(event)
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

}

// MARK: - Handing over

extension OutboxDriver {
    /// How long it takes until a line that was there a moment ago is tried again, if nobody says before that it is gone.
    private static var pause: Duration { .milliseconds(100) }

    /// Hands over what comes, one after the other, until it is cancelled.
    private nonisolated func handOver() async {
        for await parcel in parcels { await handOver(parcel) }
    }

    private nonisolated func handOver(_ parcel: Parcel) async {
        let number = parcel.entry.number
        guard await isOfUse(parcel) else { return }
        let message: SealedMessage?
        do {
            message = try await stored(parcel).flatMap { SealedMessage(stored: $0) }
        } catch {
            return
        }
        guard let message else {
            return post(.sendFailed(number: number, OutboxFailure(.internal, "its sealed bytes can't be read")))
        }
        while let session = await line(for: parcel) {
            do {
                try await surroundings.session.handOver(.sealed(message), in: session) {
                    self.answered(parcel.entry, parcel.round, $0)
                }
                return surroundings.counters.add(1, "oxbow_handed_total", ["account": surroundings.account.description])
            } catch let error as SessionError where error.code == .offline || error.code == .timedOut {
                // It waits for the line, and all that comes after it waits behind it.
                try? await surroundings.clock.sleep(for: Self.pause)
            } catch {
                return answered(parcel.entry, parcel.round, .failure(error))
            }
        }
    }

    /// The sealed bytes. Reading them is tried until it succeeds: what comes after would overtake this one.
    private nonisolated func stored(_ parcel: Parcel) async throws -> [UInt8]? {
        if let sealed = parcel.sealed { return sealed.bytes }
        while true {
            do {
                return try await surroundings.store.content(of: parcel.entry.number)?.sealed?.bytes
            } catch {
                complain("the outbox can't be read; nothing is sent until it can", error)
                try await surroundings.clock.sleep(for: .seconds(2))
            }
        }
    }

    /// The session that a parcel is for, once it is on the line; `nil` if the parcel is of no more use.
    private nonisolated func line(for parcel: Parcel) async -> UInt64? {
        while await !gate.pass(within: .seconds(3600), clock: surroundings.clock) {
            if Task.isCancelled { return nil }
        }
        return await session(for: parcel)
    }

    private func isOfUse(_ parcel: Parcel) -> Bool {
        parcel.round == pending.withLock(\.round) && !recalled.contains(parcel.entry.number)
    }

    private func session(for parcel: Parcel) -> UInt64? {
        guard !Task.isCancelled, isOfUse(parcel), let session else { return nil }
        // It has waited for too long at the gate (R9): it is sealed anew, and what is behind it goes behind it.
        if let time = parcel.sealed?.time ?? parcel.entry.sealedTime, surroundings.now() - time >= OutboxMachine.freshness {
            begin(session)
            post(.online(limit: limit))
            return nil
        }
        return session
    }

    /// What became of a stanza that was handed over.
    private nonisolated func answered(_ entry: OutboxEntry, _ round: Int, _ result: Result<Void, any Error>) {
        let number = entry.number
        switch result {
        case .success:
            note(.sent, entry)
            surroundings.logger.info("message sent", metadata: ["message": "\(entry.id)", "to": "\(entry.recipient.bare)"])
            surroundings.counters.add(1, "oxbow_sent_total", ["account": surroundings.account.description])
            post(.acknowledged(number: number))
        case .failure(let error):
            let problem = SendProblem(error)
            let isGap = pending.withLock { waiting in
                guard waiting.round == round else { return true }
                // The session is over, or this connection is: another one follows, and says what goes again.
                if problem.reason == "offline" { waiting.hasGap = true }
                return problem.reason == "offline"
            }
            if !isGap { post(.sendFailed(number: number, problem.outboxFailure)) }
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

extension OutboxChange {
    /// What waits for the operator from now on, and why; `nil` for one that has waited before.
    fileprivate var newlyHeld: (number: Int64, failure: OutboxFailure)? {
        guard case .waiting(let number, true, let failure, let attempts, _) = self, attempts <= 1 else { return nil }
        return (number, failure)
    }
}
