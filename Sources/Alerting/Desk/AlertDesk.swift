import Foundation
public import XMPP

/// The desk of the process: requests, commands and the passing of time become messages, account by account.
///
/// Each account's events are handled one after the other, in the order in which they came, and what follows from one is accepted in one batch by the
/// ``AlertCarrier`` (those that wait at the same time share one). If that fails, it is as if the event had never been: whoever brought it hears
/// ``HookError/Code/unavailable``, and may bring it again. Accounts don't wait for each other.
///
/// Nothing is handled before ``run()`` runs; what comes earlier waits, up to ``waitingLimit`` events an account.
public actor AlertDesk: HookDesk {
    /// How many events of an account may wait; more are ``HookError/Code/unavailable``.
    public static let waitingLimit = 1000
    /// How long the desk looks ahead, in seconds: after that it looks again, so that a clock that was set is noticed.
    private static let horizon: Int64 = 30

    /// The system's time, in seconds since 1970.
    public static let systemTime: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }

    private let surroundings: AccountDesk.Surroundings
    private let isOnline: @Sendable (Address) async -> Bool
    private var random: any RandomNumberGenerator & Sendable
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    private var configuration = DeskConfiguration()
    private var accounts: [Address: AccountDesk] = [:]
    /// Those that ``run()`` has to begin with.
    private var fresh: [AccountDesk] = []
    private var senders: [HeartbeatSender] = []
    /// Whether ``run()`` has ended.
    private var isOver = false
    /// When the soonest of the timers ends.
    private var soonest: Int64?

    /// Makes a desk without routes.
    ///
    /// - Parameters:
    ///   - carrier: What takes messages and changes.
    ///   - book: Where they come from at the start.
    ///   - isOnline: Whether an account can send: heartbeats go out only then.
    ///   - random: Where seeds of ids come from.
    ///   - now: The time, in seconds since 1970.
    ///   - count: Counts one of a metric with its labels; fixed words and names of the configuration only.
    ///   - log: Hears of each event.
    public init(
        carrier: any AlertCarrier,
        book: any AlertBook,
        isOnline: @escaping @Sendable (Address) async -> Bool,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        now: @escaping @Sendable () -> Int64 = AlertDesk.systemTime,
        count: @escaping @Sendable (_ name: String, _ labels: [String: String]) -> Void = { _, _ in },
        log: @escaping @Sendable (DeskEvent) -> Void = { _ in }
    ) {
        let (bell, ring) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        (self.bell, self.ring) = (bell, ring)
        surroundings = AccountDesk.Surroundings(
            carrier: carrier,
            book: book,
            now: now,
            report: DeskReporter(count: count, write: log),
            prompt: { ring.yield() }
        )
        self.isOnline = isOnline
        self.random = random
    }

    // MARK: Settings

    /// Takes a configuration, at the start and after each reload; what is open goes on by the new one. When it returns, requests are held against it.
    public func configure(_ configuration: DeskConfiguration) async {
        // An account that is made now would never be heard.
        guard !isOver else { return }
        self.configuration = configuration
        for address in configuration.accounts.keys where accounts[address] == nil {
            let account = AccountDesk(address, surroundings, configuration: configuration, random: random)
            accounts[address] = account
            fresh.append(account)
        }
        let now = surroundings.now()
        senders = configuration.beats.map { HeartbeatSender($0, now: now) }
        for account in accounts.values {
            // The newest one, if another came while an account took this one.
            await account.configure(self.configuration)
        }
        ring.yield()
    }

    // MARK: Requests

    /// The route of this name.
    public func hook(_ route: String) async -> HookDescription? {
        configuration.hooks[route].map { HookDescription(route: route, source: $0.source.name, headers: $0.source.headers) }
    }

    /// One request, as ``HookDesk`` says.
    public func receive(_ route: String, _ request: SourceRequest, delivery: String?) async throws(HookError) -> HookOutcome {
        guard let hook = configuration.hooks[route], let account = accounts[hook.account] else { throw unknown() }
        let reading: SourceReading
        do throws(SourceError) {
            reading = try await Self.read(request, hook.source)
        } catch {
            let refused = HookError(error)
            surroundings.report.refused(route: route, refused)
            throw refused
        }
        switch reading {
        case .nothing(let reason):
            surroundings.report.nothing(route: route)
            return .nothing(reason)
        case .intake(let intake):
            let step = try await account.hand(.receive(intake, route: route, delivery: delivery ?? freshDelivery()))
            // A reload may have taken the route away meanwhile.
            guard !step.counts.contains(.noRoute) else { throw unknown() }
            return step.outcome
        }
    }

    private func unknown() -> HookError {
        let error = HookError(.unknownRoute, "there is no such route")
        surroundings.report.refused(route: "", error)
        return error
    }

    /// What nobody gives a second time.
    private func freshDelivery() -> String { (0..<2).map { _ in String(random.next() as UInt64, radix: 16) }.joined() }

    /// A body may be large: it isn't read on the desk.
    @concurrent private static func read(_ request: SourceRequest, _ source: any AlertSource) async throws(SourceError) -> SourceReading {
        try source.read(request)
    }

    // MARK: People and the outbox

    /// Somebody writes in chat; the caller has verified who it is. Answers go out as messages. When it returns they're on disk, and the silence
    /// that was asked for is made or isn't.
    ///
    /// - Parameters:
    ///   - sender: Who wrote it.
    ///   - thread: The message's thread.
    ///   - id: What tells this message from the sender's others, and stays the same when it is handled again: then nothing is done twice.
    ///   - account: Who got it.
    /// - Throws: ``HookError/Code/unavailable``: bring it again. ``HookError/Code/unknownRoute`` when the account tells no alerts.
    public func command(_ text: String, from sender: Address, thread: String?, id: String, account: Address) async throws(HookError) {
        guard let desk = accounts[account.bare] else {
            throw HookError(
                .unknownRoute,
                "\(account.bare) tells no alerts: neither alerts.account nor a route or schedule in config.yaml names it"
            )
        }
        _ = try await desk.hand(.command(text, from: sender, thread: thread, id: id))
    }

    /// The outbox gave a message up, or holds it for the operator: the person's next address gets it, or the next people do. Tried until it is
    /// accepted or the desk ends; doesn't wait for it.
    public func failed(id: String, to contact: Address, account: Address) async {
        await accounts[account.bare]?.post(.failed(id: id, Contact(contact)))
    }

    /// Something that isn't an alert was sent to somebody by the account: what was said before isn't the last message any more (R29).
    public func otherMessage(to contact: Address, account: Address) async {
        await accounts[account.bare]?.post(.otherMessage(Contact(contact)))
    }

    // MARK: Time

    /// Handles events, does what is due, sends heartbeats; returns when its task is cancelled. To be called once. What waits then is
    /// ``HookError/Code/unavailable``.
    public func run() async {
        await withDiscardingTaskGroup { group in
            ring.yield()
            for await _ in bell {
                for account in fresh { group.addTask { await account.run() } }
                fresh = []
                await look(&group)
            }
            isOver = true
            // Those whose turn never came tell those who wait for them.
            for account in fresh { group.addTask { await account.run() } }
            fresh = []
        }
    }

    /// Does what is due, and sees to it that it is called when something is due next.
    private func look(_ group: inout DiscardingTaskGroup) async {
        let now = surroundings.now()
        var next = now + Self.horizon
        for account in accounts.values {
            guard let due = await account.due else { continue }
            if due <= now { await account.tick() } else { next = min(next, due) }
        }
        if let account = configuration.beatAccount {
            for index in senders.indices {
                if senders[index].clock.fire(now: now) {
                    let sender = senders[index]
                    let (isOnline, report) = (isOnline, surroundings.report)
                    group.addTask { await sender.send(isOnline: await isOnline(account), report) }
                }
                next = min(next, senders[index].clock.due)
            }
        }
        guard next < soonest ?? .max else { return }
        soonest = next
        group.addTask {
            try? await Task.sleep(for: .seconds(max(next - now, 1)))
            await self.timerEnded(next)
        }
    }

    private func timerEnded(_ time: Int64) {
        if soonest == time { soonest = nil }
        ring.yield()
    }

    /// An account's part.
    func account(_ address: Address) -> AccountDesk? { accounts[address] }

    // MARK: What there is to see

    /// What there is to see now.
    public func report() async -> AlertsReport {
        var report = AlertsReport(at: surroundings.now())
        for (address, account) in accounts.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            guard let state = await account.state else { continue }
            report.add(state, account: address, sources: configuration.hooks.mapValues(\.source.name))
        }
        report.sort()
        return report
    }
}
