import Synchronization
import XML
import XMPP
import YAMLConfiguration

extension Runtime {
    /// What the alarm desk works with.
    var alarmSurroundings: AlarmDesk.Surroundings {
        AlarmDesk.Surroundings(
            subjects: { await self.alarmSubjects() },
            settings: { self.settings.alarm },
            send: { text, admin, sender in try await self.send(alarm: text, to: admin, from: sender) },
            run: { [house] text, command in
                try await AlarmCommand.run(text, command, environment: house.environment, clock: house.clock)
            },
            mail: { [house] text, settings in
                let password = try await settings.password?.resolve(environment: house.environment)
                try await AlarmMail(text, settings: settings, now: house.now()).send(through: settings, password: password)
            },
            counters: house.counters,
            logger: house.logger,
            clock: house.clock,
            now: house.now
        )
    }

    private func alarmSubjects() async -> [AlarmDesk.Subject] {
        var subjects: [AlarmDesk.Subject] = []
        for tenancy in state.withLock({ $0.tenancies }) {
            let settings = tenancy.plan.settings
            subjects.append(
                AlarmDesk.Subject(
                    account: settings.jid,
                    admins: settings.admins,
                    stuckAfter: settings.stuckAfter,
                    state: await tenancy.account.state
                )
            )
        }
        return subjects
    }

    /// Lets an account tell somebody something; returns once it is safe on disk, and fails when the account isn't online: then another way
    /// is better than one that may come too late.
    private func send(alarm text: String, to admin: Address, from sender: Address) async throws {
        guard let tenancy = state.withLock({ $0.tenancies.first { $0.plan.settings.jid == sender } }) else {
            throw SessionError(.offline, "\(sender) isn't running")
        }
        let equipment = try await tenancy.account.working()
        guard equipment.online.isOpen else { throw SessionError(.offline, "\(sender) isn't online") }
        let payload = [Element("body", Namespace.client, text: text)]
        try await equipment.durable.accept(payload, to: admin, expires: house.now() + 6 * 3600)
    }
}
