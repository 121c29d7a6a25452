import XMPP

/// One account's part of the desk: its events in their order, each with its batch.
actor AccountDesk {
    /// What is shared with the whole desk.
    struct Surroundings: Sendable {
        var carrier: any AlertCarrier
        var book: any AlertBook
        var now: @Sendable () -> Int64
        var report: DeskReporter
        /// Something may be due earlier than the desk knows.
        var prompt: @Sendable () -> Void
    }

    /// How many events that wait are accepted in one batch: one write to disk for all of them.
    private static let batchLimit = 64
    /// How long to wait after the store failed, in seconds.
    static let retryInterval: Int64 = 5
    /// How often an answer of the alert manager is brought to the store.
    private static let answerAttempts = 6

    private struct Job {
        var event: AccountEvent
        var answer: CheckedContinuation<Result<AccountStep, HookError>, Never>?

        func finish(_ result: Result<AccountStep, HookError>) { answer?.resume(returning: result) }
    }

    let account: Address
    private let surroundings: Surroundings
    private var random: any RandomNumberGenerator & Sendable
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    private var queue: [Job] = []
    /// What nobody waits for and couldn't be accepted; it comes with the next tick.
    private var postponed: [AccountEvent] = []
    private var isTickQueued = false
    private var isOver = false
    private var wanted: DeskConfiguration
    private var isConfigured = false
    /// What the desk was told of ``due`` last.
    private var announced: Int64?
    /// Nothing is done by itself before this time: the store has failed.
    private var notBefore: Int64 = .min
    /// What is on disk; `nil` until it was read.
    private(set) var state: AccountState?

    init(
        _ account: Address,
        _ surroundings: Surroundings,
        configuration: DeskConfiguration,
        random: any RandomNumberGenerator & Sendable
    ) {
        self.account = account
        self.surroundings = surroundings
        self.random = random
        wanted = configuration
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: From outside

    /// Takes a configuration; it holds for the next event.
    func configure(_ configuration: DeskConfiguration) {
        wanted = configuration
        isConfigured = false
        tick()
    }

    /// Waits until an event is done and on disk.
    func hand(_ event: AccountEvent) async throws(HookError) -> AccountStep {
        guard !isOver else { throw HookError(.unavailable, "Oxbow is ending; send it again") }
        guard queue.count < AlertDesk.waitingLimit else { throw HookError(.unavailable, "too many requests are waiting; send it again") }
        let result = await withCheckedContinuation { continuation in
            queue.append(Job(event: event, answer: continuation))
            ring.yield()
        }
        return try result.get()
    }

    /// Hands an event in, and doesn't wait.
    func post(_ event: AccountEvent) {
        guard !isOver else { return }
        guard queue.count < AlertDesk.waitingLimit else {
            surroundings.report.log(.error, "too many events are waiting; one is left out", ["account": "\(account)"])
            return
        }
        queue.append(Job(event: event, answer: nil))
        ring.yield()
    }

    /// Does what is due, if it isn't about to.
    func tick() {
        guard !isTickQueued, !isOver else { return }
        isTickQueued = true
        queue += postponed.map { Job(event: $0, answer: nil) }
        postponed = []
        queue += [Job(event: .tick, answer: nil), Job(event: .schedules, answer: nil)]
        ring.yield()
    }

    /// When ``tick()`` is to be called next; `nil` when nothing is due, or it is about to happen.
    var due: Int64? {
        // One that the configuration doesn't name any more may be no account at all now: it does nothing by itself.
        guard !isTickQueued, wanted.accounts[account] != nil else { return nil }
        guard let state, isConfigured else { return max(notBefore, surroundings.now()) }
        return (postponed.isEmpty ? state.due : notBefore).map { max($0, notBefore) }
    }

    /// How many events wait.
    var waiting: Int { queue.count }
    /// How many wait for the next tick.
    var postponedCount: Int { postponed.count }

    /// Handles events until its task is cancelled; then whoever waits is told so.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await _ in bell {
                while !queue.isEmpty, !Task.isCancelled { await work(&group) }
            }
            isOver = true
            let rest = queue
            queue = []
            for job in rest { job.finish(.failure(HookError(.unavailable, "Oxbow is ending; send it again"))) }
        }
    }

    // MARK: Events

    private func work(_ group: inout DiscardingTaskGroup) async {
        let jobs = Array(queue.prefix(Self.batchLimit))
        queue.removeFirst(jobs.count)
        if jobs.contains(where: { if case .tick = $0.event { true } else { false } }) { isTickQueued = false }
        if await prepare() {
            await attempt(jobs, &group)
        } else {
            for job in jobs { refuse(job) }
        }
        if due != announced {
            announced = due
            surroundings.prompt()
        }
    }

    /// Reads what is remembered and takes the configuration, if that is still to be done; `false` if it can't be.
    private func prepare() async -> Bool {
        do {
            var next: AccountState
            if let state {
                next = state
            } else {
                let records = try await surroundings.book.alertRecords(of: account)
                next = AccountState(account: account, records: records, random: &random, now: surroundings.now())
                surroundings.report.log(.info, "alerts are read", ["account": "\(account)", "records": String(records.count)])
            }
            // A reload may come while this is written.
            while !isConfigured {
                isConfigured = true
                let step = next.configure(
                    wanted.accounts[account] ?? DeskConfiguration.Account(),
                    directory: wanted.directory,
                    now: surroundings.now()
                )
                try await commit([step])
                state = next
            }
            return true
        } catch {
            isConfigured = false
            failed("what is remembered of alerts can't be read or written", error)
            return false
        }
    }

    /// Handles events together. If they can't be accepted, each has its own try: one that can't be written takes no others along.
    private func attempt(_ jobs: [Job], _ group: inout DiscardingTaskGroup) async {
        guard var next = state else { return }
        var steps: [AccountStep] = []
        for job in jobs {
            var correctable: Set<Contact> = []
            if case .receive(let intake, let route, _) = job.event {
                let candidates = next.conversations.correctionCandidates(intake, route: route)
                if !candidates.isEmpty { correctable = await surroundings.carrier.correctable(among: candidates, of: account) }
            }
            steps.append(next.handle(job.event, correctable: correctable, now: surroundings.now()))
        }
        do {
            try await commit(steps)
        } catch {
            guard jobs.count == 1, let job = jobs.first else {
                for job in jobs { await attempt([job], &group) }
                return
            }
            failed("alerts can't be accepted; they are tried again", error)
            refuse(job)
            return
        }
        state = next
        for (job, step) in zip(jobs, steps) {
            surroundings.report.done(job.event, step, account: account)
            if step.silences.isEmpty, step.unsilences.isEmpty {
                job.finish(.success(step))
            } else {
                let silencing = wanted.silencing
                group.addTask { job.finish(await self.ask(silencing, step)) }
            }
        }
    }

    private func commit(_ steps: [AccountStep]) async throws {
        for one in steps.lazy.flatMap(\.occurrences) {
            try await surroundings.carrier.occur(schedule: one.schedule, handler: one.handler, at: one.at, id: one.id, account: account)
        }
        let postings = steps.flatMap(\.postings)
        let changes = steps.flatMap(\.changes).compacted
        guard !postings.isEmpty || !changes.isEmpty else { return }
        try await surroundings.carrier.accept(postings, changes, from: account)
    }

    private func failed(_ what: String, _ error: any Error) {
        notBefore = surroundings.now() + Self.retryInterval
        surroundings.report.log(.error, what, ["account": "\(account)", "reason": "\(error)"])
    }

    private func refuse(_ job: Job) {
        surroundings.report.refused(job.event, account: account)
        if job.answer == nil, job.event.isKept, postponed.count < AlertDesk.waitingLimit { postponed.append(job.event) }
        job.finish(.failure(HookError(.unavailable, "alerts can't be accepted now; send it again")))
    }

    // MARK: The alert manager

    /// Asks the alert manager, and brings its answers to who asked. Other events go on meanwhile.
    private nonisolated func ask(_ silencing: (any Silencing)?, _ step: AccountStep) async -> Result<AccountStep, HookError> {
        let nobody = SilenceOutcome.failed("no Alertmanager is configured")
        do throws(HookError) {
            for request in step.silences {
                let outcome = await silencing?.silence(request) ?? nobody
                surroundings.report.silence("make", outcome, account: account)
                try await bring(.silenced(request, outcome))
            }
            for request in step.unsilences {
                let outcome = await silencing?.unsilence(request) ?? nobody
                surroundings.report.silence("end", outcome, account: account)
                try await bring(.unsilenced(request, outcome))
            }
            return .success(step)
        } catch {
            return .failure(error)
        }
    }

    private nonisolated func bring(_ event: AccountEvent) async throws(HookError) {
        for attempt in 1..<Self.answerAttempts {
            do throws(HookError) {
                _ = try await hand(event)
                return
            } catch {
                // Cancelled: the next try says so.
                try? await Task.sleep(for: .seconds(attempt))
            }
        }
        _ = try await hand(event)
    }
}
