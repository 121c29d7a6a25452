import Logging
import OX
import OpenPGP
import ServiceLifecycle
import Synchronization
public import XMPP
import YAMLConfiguration

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// All accounts of a configuration, running: what `oxbow run` is.
public final class Runtime: ServingRuntime {
    /// What a reload changes.
    struct State {
        var settings: Settings
        /// The accounts, in the order of the file.
        var tenancies: [Tenancy]
        var reload: StatusReport.Reload?
        /// Those who hear of a configuration that was taken on.
        var listeners: [@Sendable (Settings) async -> Void] = []
    }

    let house: House
    let state: Mutex<State>
    /// Tells admins by another way than the account that is in trouble.
    let alarms = AlarmDesk()
    let requestSeeds = RequestSeeds()
    let started: Int64
    /// What was given up or is held for the operator, from now on; the newest thousand of those that nobody has read.
    public let outcomes: AsyncStream<LetterOutcome>
    /// Messages that are no letters, from now on; the newest thousand of those that nobody has read.
    public let otherMessages: AsyncStream<OtherMessage>
    private let arrivals: AsyncStream<Tenancy>
    /// Accounts that are to be run.
    let arrival: AsyncStream<Tenancy>.Continuation
    /// Those who wait for a reload.
    private let wishes: AsyncStream<Gate>
    private let wish: AsyncStream<Gate>.Continuation

    /// How long handlers that are at work get when the process is told to stop.
    public static let grace = Duration.seconds(10)

    /// Prepares the accounts; nothing happens before ``run()``. Reads the bots' files.
    ///
    /// A bot whose file is wrong is left out, with a line in the log and in `status`; its account runs without it.
    public init(settings: Settings, house: House) {
        var house = house
        house.alarm = { [alarms] notice, account in alarms.note(notice, of: account) }
        let (outcomes, outcome) = AsyncStream<LetterOutcome>.makeStream(bufferingPolicy: .bufferingNewest(1000))
        self.outcomes = outcomes
        house.outcome = { outcome.yield($0) }
        let (others, other) = AsyncStream<OtherMessage>.makeStream(bufferingPolicy: .bufferingNewest(1000))
        otherMessages = others
        house.otherMessage = { other.yield($0) }
        self.house = house
        started = house.now()
        (arrivals, arrival) = AsyncStream.makeStream()
        (wishes, wish) = AsyncStream.makeStream()
        let tenancies = settings.accounts.map { account in
            Tenancy(AccountPlan(account, of: settings, modules: house.modules, environment: house.environment), house: house)
        }
        for tenancy in tenancies {
            // It runs with what is left of them; `status` goes on saying it.
            for (name, problem) in tenancy.plan.problems {
                house.logger.error(
                    "a bot can't be loaded as it stands; its account runs with what is left",
                    metadata: ["account": "\(tenancy.plan.settings.jid)", "bot": "\(name)", "error": "\(problem)"]
                )
            }
            arrival.yield(tenancy)
        }
        state = Mutex(State(settings: settings, tenancies: tenancies))
    }

    /// The configuration, as it was last read without an error.
    public var settings: Settings { state.withLock { $0.settings } }
    var accounts: [Account] { state.withLock { $0.tenancies.map(\.account) } }

    /// Keeps the accounts online until it is cancelled or told to shut down (ServiceLifecycle); then handlers finish, streams are
    /// closed and agents stopped.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                // Throws when the task is cancelled, which ends everything as well.
                try? await gracefulShutdown()
                self.arrival.finish()
            }
            group.addTask { await self.fulfil() }
            group.addTask { await self.alarms.run(self.alarmSurroundings) }
            for await tenancy in arrivals { group.addTask { await tenancy.run() } }
            await withDiscardingTaskGroup { finishing in
                for account in accounts { finishing.addTask { await account.finish(grace: Self.grace) } }
            }
            group.cancelAll()
        }
        wish.finish()
        await house.spares.close()
    }

    /// Reads the configuration and the bots' files again, and takes on what has changed: a changed account begins anew, alone; others stay
    /// as they are. A file that is wrong changes nothing. Returns when that is done; the log and ``status()`` say how it went.
    public func reload() async {
        let done = Gate()
        guard case .enqueued = wish.yield(done) else { return }
        await done.wait()
    }

    /// One reload at a time.
    private func fulfil() async {
        for await done in wishes {
            await takeOnChanges()
            done.open()
        }
    }
}

extension Runtime {
    /// What runs, since when, and what was counted.
    public func status() async throws -> StatusReport {
        var reports: [StatusReport.Account] = []
        let (tenancies, rejected, reload) = state.withLock { ($0.tenancies, $0.settings.rejected, $0.reload) }
        for tenancy in tenancies { reports.append(await report(tenancy)) }
        for rejected in rejected {
            reports.append(
                StatusReport.Account(
                    jid: rejected.jid?.description ?? "(unreadable)",
                    state: "failed",
                    reason: "\(rejected.errors)",
                    since: started
                )
            )
        }
        var report = StatusReport(version: Version.number, process: getpid(), since: started, accounts: reports)
        report.reload = reload
        return report
    }

    private func report(_ tenancy: Tenancy) async -> StatusReport.Account {
        let account = tenancy.account
        let jid = account.settings.jid
        let state = await account.state
        let problems = tenancy.plan.problems
        var report = StatusReport.Account(
            jid: jid.description,
            state: state.word,
            reason: state.reason,
            since: await account.since,
            fingerprint: (try? await house.memories.pins.ownKey(account: jid))?.hex,
            bots: account.settings.bots.map { StatusReport.Bot(name: $0, problem: problems[$0]) },
            gateways: await gatewayDesk(account)?.list(asking: false),
            counters: house.counters.report(of: jid)
        )
        report.next = await account.next
        return report
    }

    /// Sends a text to each recipient alone (R8).
    public func send(_ request: SendRequest) async throws -> SendReport {
        let recipients = try request.recipients()
        // What is queued needs no connection, not even a keyring: it is on disk when this returns.
        if request.queue == true { return try await queue(request, to: recipients) }
        let equipment = try await account(request.from).working()
        for recipient in recipients { house.otherMessage(OtherMessage(account: equipment.directory.account, recipient: recipient)) }
        let outbox = equipment.outbox
        return SendReport(await Sending(outbox: outbox).send(request.payload, to: recipients, within: .seconds(request.timeout)))
    }

    /// Looks at outboxes, tries a message again, or takes one back.
    public func outbox(_ request: OutboxRequest) async throws -> OutboxReport {
        let desk = OutboxDesk(store: house.memories.store, accounts: settings.accounts.map(\.jid), now: house.now) { [accounts] address in
            try? await accounts.first { $0.settings.jid == address }?.working().durable.driver
        }
        return try await desk.answer(request)
    }

    /// The keys that an account knows.
    public func keys(account: Address, peer: Address?) async throws -> KeyReport {
        try await desk(account).report(of: peer)
    }

    /// Trusts a key of a peer.
    public func trust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport {
        try await desk(account).trust(fingerprint, of: peer)
    }

    /// Refuses a key of a peer.
    public func untrust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport {
        try await desk(account).untrust(fingerprint, of: peer)
    }

    /// A certificate, ASCII-armored.
    public func exportKey(account: Address, peer: Address?, fingerprint: String?) async throws -> String {
        try await desk(account).export(of: peer, fingerprint: fingerprint)
    }

    /// Imports a peer's certificate and trusts it.
    public func importKey(account: Address, peer: Address, material: [UInt8]) async throws -> KeyReport {
        try await desk(account).import(material, for: peer)
    }

    /// The account's own certificate as people on a mail network get it.
    public func exportMailKey(account: Address, via: Address?) async throws -> String {
        let policies = house.memories.policies
        let gateways = settings.account(account)?.gateways.map(\.jid) ?? []
        return try await desk(account).exportMail(via: via, gateways: gateways, policies: policies)
    }

    /// Looks at an account's gateways, or goes on with one that has changed.
    public func gateways(_ request: GatewayRequest) async throws -> GatewayReport {
        let account = try account(request.account)
        guard let desk = await gatewayDesk(account) else {
            let state = await account.state
            throw ControlError(.offline, "\(account.settings.jid) isn't running: \(state.reason ?? state.word)")
        }
        return try await desk.answer(request)
    }

    private func gatewayDesk(_ account: Account) async -> GatewayDesk? {
        guard let equipment = try? await account.working() else { return nil }
        return GatewayDesk(
            account: account.settings.jid,
            gateways: equipment.cryptography.gateways,
            policies: house.memories.policies,
            session: equipment.session,
            settings: account.settings,
            clerk: equipment.clerk,
            release: { [durable = equipment.durable] in await durable.hasten(behind: $0) }
        )
    }

    private func desk(_ address: Address) async throws -> KeyDesk {
        let account = try account(address.description)
        do {
            let cryptography = try await account.working().cryptography
            return KeyDesk(account: account.settings.jid, cryptography: cryptography, pins: house.memories.pins)
        } catch let error as SessionError {
            throw ControlError(.offline, error.message)
        }
    }

    /// The account that is meant: the named one, or the only one.
    private func account(_ name: String?) throws -> Account {
        let jid = try settings.choose(name).jid
        guard let account = accounts.first(where: { $0.settings.jid == jid }) else {
            throw ControlError(.failed, "\(jid) isn't running")
        }
        return account
    }
}

extension Settings {
    /// The account that is meant: the named one, or the only one.
    ///
    /// - Throws: ``ControlError`` of code `usage`.
    func choose(_ name: String?) throws -> AccountSettings {
        guard let name else {
            guard let only = accounts.first, accounts.count == 1 else {
                let names = accounts.map(\.jid.description).joined(separator: ", ")
                let problem = accounts.isEmpty ? "there is no account in \(path)" : "there are several accounts; name one of \(names)"
                throw ControlError(.usage, problem)
            }
            return only
        }
        guard let address = Address(name), let account = account(address) else {
            throw ControlError(.usage, "'\(name)' is no account in \(path)")
        }
        return account
    }
}

extension Counters {
    /// An account's counters under short names: `refused.replay` for `oxbow_refused_total` with `reason: replay`.
    func report(of account: Address) -> [String: Int] {
        var report: [String: Int] = [:]
        for entry in entries where entry.key.labels["account"] == account.description {
            var name = entry.key.name
            if name.hasPrefix("oxbow_") { name.removeFirst("oxbow_".count) }
            if name.hasSuffix("_total") { name.removeLast("_total".count) }
            let labels = entry.key.labels.filter { $0.key != "account" }.sorted { $0.key < $1.key }.map(\.value)
            report[([name] + labels).joined(separator: "."), default: 0] += entry.value
        }
        return report
    }
}
