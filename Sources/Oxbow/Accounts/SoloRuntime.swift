import Delivery
import GRE
import Logging
import OX
import OpenPGP
import ServiceLifecycle
public import XMPP

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Does what a command asks for when no daemon runs: opens one account for one errand, and closes it again.
///
/// It connects only for what needs a connection: sending, and trusting a key that is not known yet. It sends no presence, so the server
/// delivers nothing to it. The caller holds the ``StateLock``.
public final class SoloRuntime: LaunchedRuntime {
    private let settings: Settings
    private let house: House
    private let started: Int64

    /// Prepares it; nothing happens before the first call.
    public init(settings: Settings, house: House) {
        self.settings = settings
        self.house = house
        started = house.now()
    }

    /// Waits until it is cancelled: everything is done by the calls themselves.
    public func run() async throws {
        try? await gracefulShutdown()
        await house.spares.close()
    }

    /// Checks the store, or writes a copy of it.
    public func store(_ request: StoreRequest) async throws -> StoreReport {
        try await StoreDesk(upkeep: house.memories.upkeep).answer(request)
    }

    /// What runs, since when, and what was counted.
    public func status() async throws -> StatusReport {
        var reports: [StatusReport.Account] = []
        for account in settings.accounts {
            reports.append(
                StatusReport.Account(
                    jid: account.jid.description,
                    state: "stopped",
                    reason: "oxbow run isn't running",
                    since: started,
                    fingerprint: (try? await house.memories.pins.ownKey(account: account.jid))?.hex,
                    bots: account.bots.map { StatusReport.Bot(name: $0) }
                )
            )
        }
        return StatusReport(version: Version.number, process: getpid(), since: started, accounts: reports)
    }

    /// Sends a text to each recipient alone (R8).
    public func send(_ request: SendRequest) async throws -> SendReport {
        guard request.queue != true else {
            throw ControlError(.absent, "--queue needs a running daemon: start `oxbow run`, or leave it out")
        }
        let recipients = try request.recipients()
        let account = try settings.choose(request.from)
        let limit = Duration.seconds(request.timeout)
        let refused = Sending.refuse(request.payload, to: recipients, account, learnt: try await learntLimit(of: account))
        if refused.count == recipients.count { return SendReport(refused) }
        let errors = LateBounces()
        return try await online(account, within: limit, errors: errors) { session, cryptography, gate in
            let outbox = DirectOutbox(sealer: cryptography.sealers, session: session, online: gate, house: self.house)
            errors.set(outbox.bounces)
            try await self.makeReady(account, cryptography)
            try await self.register(account, recipients, session)
            return await withTaskGroup(of: SendReport?.self) { group in
                group.addTask {
                    await outbox.run()
                    return nil
                }
                // Recipients verify with what we announce. Usually it is there already, which one request tells.
                group.addTask {
                    if (try? await cryptography.announcer.isListed()) == false { _ = try? await cryptography.announcer.announce() }
                    return nil
                }
                group.addTask { SendReport(await Sending(outbox: outbox).send(request.payload, to: recipients, within: limit)) }
                var report = SendReport([])
                for await result in group {
                    guard let result else { continue }
                    report = result
                    break
                }
                group.cancelAll()
                return report
            }
        }
    }

    /// The largest stanza that the account's server is known not to take, from what an earlier process has learnt (R11).
    private func learntLimit(of account: AccountSettings) async throws -> Int? {
        do {
            return try await house.memories.store.summary(account: account.jid, before: 0).learntLimit
        } catch {
            throw ControlError(.failed, "\(error)")
        }
    }

    /// Looks at outboxes, marks a message to be tried again by the next daemon, or takes one back.
    public func outbox(_ request: OutboxRequest) async throws -> OutboxReport {
        try await OutboxDesk(store: house.memories.store, accounts: settings.accounts.map(\.jid), now: house.now) { _ in nil }.answer(
            request
        )
    }

    /// The keys that an account knows.
    public func keys(account: Address, peer: Address?) async throws -> KeyReport {
        try await offline(account) { try await $0.report(of: peer) }
    }

    /// Trusts a key of a peer.
    public func trust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport {
        let settings = try settings.choose(account.description)
        return try await online(settings, within: .seconds(60)) { _, cryptography, _ in
            try await self.desk(settings, cryptography).trust(fingerprint, of: peer)
        }
    }

    /// Refuses a key of a peer.
    public func untrust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport {
        try await offline(account) { try await $0.untrust(fingerprint, of: peer) }
    }

    /// A certificate, ASCII-armored.
    public func exportKey(account: Address, peer: Address?, fingerprint: String?) async throws -> String {
        try await offline(account) { try await $0.export(of: peer, fingerprint: fingerprint) }
    }

    /// Imports a peer's certificate and trusts it.
    public func importKey(account: Address, peer: Address, material: [UInt8]) async throws -> KeyReport {
        try await offline(account) { try await $0.import(material, for: peer) }
    }

    /// The account's own certificate as people on a mail network get it.
    public func exportMailKey(account: Address, via: Address?) async throws -> String {
        let gateways = try settings.choose(account.description).gateways.map(\.jid)
        let policies = house.memories.policies
        return try await offline(account) { try await $0.exportMail(via: via, gateways: gateways, policies: policies) }
    }

    /// Looks at an account's gateways, or goes on with one that has changed.
    public func gateways(_ request: GatewayRequest) async throws -> GatewayReport {
        let account = try settings.choose(request.account)
        return try await online(account, within: .seconds(60)) { session, cryptography, _ in
            let desk = GatewayDesk(
                account: account.jid,
                gateways: cryptography.gateways,
                policies: self.house.memories.policies,
                session: session,
                settings: account,
                clerk: nil,
                release: { [store = self.house.memories.store] in try await store.hasten(account: account.jid, behind: $0) }
            )
            return try await desk.answer(request)
        }
    }

    private func desk(_ account: AccountSettings, _ cryptography: Cryptography) -> KeyDesk {
        KeyDesk(account: account.jid, cryptography: cryptography, pins: house.memories.pins)
    }

    /// With a key that was made just now, nobody could verify: then it is announced before anything is sent.
    private func makeReady(_ account: AccountSettings, _ cryptography: Cryptography) async throws {
        let isNew: Bool
        do {
            isNew = try await house.memories.pins.ownKey(account: account.jid) == nil
        } catch {
            throw ControlError(.failed, "\(error)")
        }
        guard isNew else { return }
        do {
            _ = try await cryptography.announcer.announce()
        } catch {
            throw ControlError(.failed, "the new key of \(account.jid) can't be announced: \(error)")
        }
    }

    /// Registers with the gateways that are about to be used, as `oxbow run` does at its start.
    private func register(_ account: AccountSettings, _ recipients: [Address], _ session: any Session) async throws {
        let clerk = GatewayClerk(settings: account, session: session, house: house, logger: house.logger)
        for gateway in clerk.gateways where recipients.contains(where: { $0.domainAddress == gateway }) {
            do throws(RegistrationError) {
                try await clerk.registerOnce(at: gateway)
            } catch {
                // One that was used before may take the message all the same; if it doesn't, it says why.
                guard (try? await house.memories.policies.gatewayRecord(account: account.jid, gateway: gateway)) == nil else { continue }
                throw ControlError(error.code == .offline ? .offline : .failed, error.description)
            }
        }
    }

    private func offline<Value>(_ address: Address, _ body: (KeyDesk) async throws -> Value) async throws -> Value {
        let account = try settings.choose(address.description)
        let cryptography = try await cryptography(account, OfflineSession(account: account.jid))
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(desk(account, cryptography)))
        } catch {
            result = .failure(error)
        }
        await cryptography.engine.close()
        return try result.get()
    }

    private func cryptography(_ account: AccountSettings, _ session: any Session) async throws -> Cryptography {
        do {
            return try await Cryptography(settings: account, session: session, house: house, logger: house.logger)
        } catch {
            throw ControlError(.failed, "\(error)")
        }
    }

    /// Logs an account in, does something with it, and closes the stream. A first attempt that fails is the answer: nobody waits here.
    private func online<Value: Sendable>(
        _ account: AccountSettings,
        within limit: Duration,
        errors: LateBounces = LateBounces(),
        _ body: @escaping @Sendable (any Session, Cryptography, OnlineGate) async throws -> Value
    ) async throws -> Value {
        let session: any LiveSession
        do {
            var plan = SessionPlan(settings: account, isHeard: { _ in false }, house: house, logger: house.logger)
            plan.learntLimit = try await learntLimit(of: account)
            session = try await house.connect(plan)
        } catch {
            throw ControlError(.configuration, "\(error)")
        }
        let gate = OnlineGate()
        let result: Result<Value, any Error> = await withTaskGroup(of: Result<Value, any Error>?.self) { group in
            group.addTask {
                await session.run()
                return nil
            }
            group.addTask { await Self.firstFailure(of: session, gate, errors).map { .failure(ControlError(.offline, $0.message)) } }
            group.addTask {
                do {
                    return .success(try await self.equipped(account, session, gate, within: limit, body))
                } catch {
                    return .failure(error)
                }
            }
            var result: Result<Value, any Error> = .failure(ControlError(.offline, "\(account.jid) was stopped"))
            for await found in group {
                guard let found else { continue }
                result = found
                break
            }
            group.cancelAll()
            return result
        }
        return try result.get()
    }

    /// Opens the keyring while the session logs in, does something with both, and closes the keyring.
    private func equipped<Value: Sendable>(
        _ account: AccountSettings,
        _ session: any Session,
        _ gate: OnlineGate,
        within limit: Duration,
        _ body: (any Session, Cryptography, OnlineGate) async throws -> Value
    ) async throws -> Value {
        let cryptography = try await cryptography(account, session)
        let result: Result<Value, any Error>
        do {
            guard await gate.pass(within: limit, clock: house.clock) else {
                throw ControlError(.offline, "\(account.jid) could not log in within \(limit)")
            }
            result = .success(try await body(session, cryptography, gate))
        } catch {
            result = .failure(error)
        }
        await cryptography.engine.close()
        return try result.get()
    }

    /// Opens the gate when the session is online; returns why it could not log in, if it couldn't.
    private static func firstFailure(of session: any LiveSession, _ gate: OnlineGate, _ errors: LateBounces) async -> SessionFailure? {
        var hasBeenOnline = false
        for await event in session.events {
            switch event {
            case .online:
                hasBeenOnline = true
                gate.open()
            case .offline(let failure, _):
                gate.close()
                if !hasBeenOnline { return failure }
            case .message(let inbound):
                if inbound.message.kind == .error { errors.take(inbound.message) }
                inbound.processed()
            case .presence: break
            }
        }
        return nil
    }
}
