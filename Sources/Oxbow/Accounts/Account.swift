import Delivery
import GRE
import Logging
import OX
import OpenPGP
import XML
import XMPP

/// One account of the process, with all that is its own: keyring, pins, connection, bots. Nothing here is shared with another account.
///
/// ``run()`` never throws: what fails becomes the account's ``state``, and is tried again.
actor Account {
    nonisolated let settings: AccountSettings
    nonisolated let bots: [BotDefinition]
    private let house: House
    private let logger: Logger
    private var equipment: Equipment?
    private(set) var state: AccountState = .starting
    private(set) var since: Int64
    /// When it tries again to come online, in seconds since 1970, while it is offline.
    private(set) var next: Int64?
    /// When the own key expires, and when that was read.
    private var expiry: (read: Int64, time: Int64?)?

    /// Prepares an account; nothing happens before ``run()``.
    init(settings: AccountSettings, bots: [BotDefinition], house: House) {
        self.settings = settings
        self.bots = bots
        self.house = house
        self.since = house.now()
        var logger = house.logger
        logger[metadataKey: "account"] = "\(settings.jid)"
        self.logger = logger
    }

    /// Keeps the account online until it is cancelled.
    func run() async {
        var pause = Duration.seconds(15)
        while !Task.isCancelled {
            do {
                let equipment = try await Equipment(settings: settings, bots: bots, house: house, logger: logger)
                self.equipment = equipment
                await serve(equipment)
                await equipment.close()
                self.equipment = nil
                enter(.stopped)
                return
            } catch {
                enter(.failed("\(error)"))
                logger.error("the account can't start", metadata: ["error": "\(error)", "retry": "\(Self.words(pause))"])
                try? await house.clock.sleep(for: pause)
                pause = min(pause * 2, .seconds(600))
            }
        }
        enter(.stopped)
    }

    /// Lets handlers that are at work finish, for a time; called before the task of ``run()`` is cancelled.
    func finish(grace: Duration) async {
        await equipment?.dispatcher.shutdown(grace: grace)
    }

    /// When the account's own key expires, in seconds since 1970; `nil` if it doesn't, or if that isn't known now. GnuPG is asked at most every
    /// ten minutes.
    func keyExpiry() async -> Int64? {
        let now = house.now()
        if let expiry, now >= expiry.read, now - expiry.read < 600 { return expiry.time }
        guard let equipment, let own = try? await house.memories.pins.ownKey(account: settings.jid) else { return nil }
        guard let key = try? await equipment.cryptography.engine.key(own) else { return nil }
        expiry = (now, key.expires)
        return key.expires
    }

    /// What the account works with, while it runs.
    ///
    /// - Throws: ``SessionError`` if it isn't running.
    func working() throws -> Equipment {
        guard let equipment else {
            throw SessionError(.offline, "\(settings.jid) isn't running: \(state.reason ?? state.word)")
        }
        return equipment
    }

    private func note(_ what: RecentEvent.What, reason: String? = nil) {
        house.recent.note(RecentEvent(time: house.now(), account: settings.jid, what, reason: reason))
    }

    private func enter(_ state: AccountState) {
        next = nil
        guard state != self.state else { return }
        self.state = state
        since = house.now()
    }

    private func serve(_ equipment: Equipment) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await equipment.run() }
            group.addTask { await self.listen(equipment) }
            group.addTask { await self.tick(equipment) }
            group.addTask { await equipment.closeGaps() }
            group.addTask { await self.hear(equipment) }
            group.addTask { await self.hearGateways(equipment) }
        }
    }

    /// A wait as people say it: whole seconds, rounded up.
    private static func words(_ pause: Duration) -> String {
        "in \(pause.components.seconds + (pause.components.attoseconds > 0 ? 1 : 0)) s"
    }

    /// The session's events, in order.
    private func listen(_ equipment: Equipment) async {
        for await event in equipment.session.events {
            switch event {
            case .online(let address, let resumed):
                enter(.online(address))
                note(.connected)
                logger.notice(resumed ? "online again, session resumed" : "online", metadata: ["address": "\(address)"])
                equipment.online.open()
                await equipment.durable.driver.connected(resumed: resumed, limit: await equipment.session.sizeLimit?.bytes)
                if !resumed {
                    await equipment.inbox.sessionIsNew()
                    equipment.gaps.yield()
                }
                if !resumed { await equipment.cryptography.gateways?.directory.sessionBegan() }
                equipment.household.isOnline(resumed: resumed)
            case .offline(let failure, let retry):
                equipment.online.close()
                await equipment.durable.driver.disconnected(failure.code == .policy ? .policyViolation : .lost)
                enter(.offline(failure))
                next = retry.map { house.now() + $0.components.seconds }
                house.counters.add(1, "oxbow_disconnects_total", ["account": settings.jid.description, "reason": failure.code.description])
                note(.disconnected, reason: failure.code.description)
                if failure.code != .stopped {
                    logger.warning("offline", metadata: ["reason": "\(failure)", "retry": "\(retry.map(Self.words) ?? "never")"])
                }
            case .message(let inbound):
                await take(inbound, equipment)
            case .presence(let presence):
                equipment.household.take(presence)
            }
        }
    }

    private func take(_ inbound: InboundMessage, _ equipment: Equipment) async {
        let message = inbound.message
        if inbound.origin == .live, await equipment.household.take(message) { return inbound.processed() }
        if message.kind == .error {
            bounced(message, equipment)
            await equipment.durable.bounced(message)
        }
        if let id = message.element.first("received", Namespace.receipts)?["id"] {
            await equipment.durable.received(id, from: message.from)
        }
        await equipment.inbox.take(inbound)
    }

    /// An error has come back for something that we sent through a gateway: those who wait for it hear, and so does the operator.
    private func bounced(_ message: Message, _ equipment: Equipment) {
        guard let gateways = equipment.cryptography.gateways, gateways.covers(message.from) else { return }
        let refused = equipment.outbox.bounces.take(message)
        house.counters.add(1, "oxbow_gateway_errors_total", ["account": settings.jid.description, "condition": refused.condition])
        logger.warning("a gateway has refused a message", metadata: ["to": "\(message.from.bare)", "error": "\(refused)"])
    }

    /// What is due from time to time: refusals on their tick (R4), and old entries of the journal (R2).
    private func tick(_ equipment: Equipment) async {
        var ticks = 0
        let uptime = Stopwatch(house.clock)
        var watch = ClockWatch(wall: house.now(), uptime: uptime.elapsed)
        await mindBirth(equipment)
        while !Task.isCancelled {
            try? await house.clock.sleep(for: .seconds(10))
            if let jump = watch.look(wall: house.now(), uptime: uptime.elapsed) {
                house.counters.add(1, "oxbow_clock_jumps_total", ["account": settings.jid.description])
                logger.warning("the machine's clock was set \(jump < 0 ? "back" : "forward")", metadata: ["seconds": "\(abs(jump))"])
                equipment.durable.driver.post(.tick)
                await mindBirth(equipment)
            }
            await equipment.refusals.tick(at: house.now())
            ticks += 1
            if ticks % 360 == 0, watch.isSettled(uptime: uptime.elapsed) { await equipment.forgetOldEntries() }
        }
    }

    /// Says so if the clock stands before the making of the store: then everything that comes in counts as stale (R1). It is not for us to say
    /// which of the two was wrong.
    private func mindBirth(_ equipment: Equipment) async {
        guard let birth = try? await house.memories.store.birth() else { return }
        let early = birth - house.now()
        guard early > ClockWatch.tolerance else { return }
        logger.error(
            """
            the machine's clock stands before the time when the store was made: until it has got there, whatever comes in is refused as stale. \
            Set the clock. If it was wrong when the store was made and is right now, stop Oxbow, then `oxbow store backup` and `restore`
            """,
            metadata: ["seconds": "\(early)"]
        )
        equipment.tellAdmins(
            "\(settings.jid): the machine's clock stands before the time when the store was made; messages are refused until then"
        )
    }

    /// What gateways have changed about themselves (S19): sending to them may have stopped.
    private func hearGateways(_ equipment: Equipment) async {
        guard let gateways = equipment.cryptography.gateways else { return }
        for await event in gateways.events {
            house.counters.add(1, "oxbow_gateway_events_total", ["account": settings.jid.description, "kind": event.kind.description])
            logger.error("gateway", metadata: ["kind": "\(event.kind)", "gateway": "\(event.gateway)", "message": "\(event.message)"])
            equipment.tellAdmins("\(settings.jid): \(event.message)")
        }
    }

    /// What the directory of keys has to say to people (R15).
    private func hear(_ equipment: Equipment) async {
        for await event in equipment.cryptography.keyEvents {
            house.counters.add(1, "oxbow_key_events_total", ["account": settings.jid.description, "kind": event.kind.description])
            logger.notice("keys", metadata: ["kind": "\(event.kind)", "peer": "\(event.peer)", "message": "\(event.message)"])
            if event.kind == .pinned || event.kind == .back { equipment.durable.driver.post(.hasten(event.peer)) }
            if event.kind == .noneLeft || event.kind == .held || event.kind == .spoiled { equipment.tellAdmins(event.message) }
        }
    }
}
