public import XMPP

/// Runs an account's schedules: each time comes once, also over a restart, and of those that were missed only the last within its grace.
public struct ScheduleMachine: Sendable {
    /// What is to be done.
    public enum Action: Sendable, Hashable {
        /// Accept this message into the outbox.
        case message(Posting)
        /// Give this handler an event; `id` is the same if it is given twice.
        case handler(String, schedule: String, at: Int64, id: String)
        /// Remember this, in the same batch.
        case remember(AlertChange)
        /// Call ``tick(now:)`` at this time, in seconds since 1970.
        case wake(at: Int64)
    }

    /// The account.
    public let account: Address
    private var schedules: [Schedule] = []
    private var next: [String: Int64] = [:]
    private var ran: [String: Int64] = [:]

    /// Takes up what the account remembers; records of other kinds are passed over.
    public init(account: Address, records: [AlertRecord] = []) {
        self.account = account.bare
        for case .ran(let schedule, let at) in records { ran[schedule] = at }
    }

    /// When something is due next.
    public var due: Int64? { next.values.min() }

    /// When each schedule is due next, and was last.
    var times: [String: (next: Int64?, last: Int64?)] {
        Dictionary(schedules.map { ($0.name, (next[$0.name], ran[$0.name])) }, uniquingKeysWith: { $1 })
    }

    /// Takes a configuration, at the start and when it changes.
    public mutating func configure(_ schedules: [Schedule], now: Int64) -> [Action] {
        self.schedules = schedules.sorted { $0.name < $1.name }
        next = [:]
        var actions: [Action] = []
        for name in ran.keys.sorted() where !schedules.contains(where: { $0.name == name }) {
            ran[name] = nil
            actions.append(.remember(.remove(AlertRecord.ran(schedule: name, at: 0).key)))
        }
        for schedule in self.schedules {
            // What never ran begins now; what ran is made up for as far back as its grace.
            let from = ran[schedule.name].map { max($0, now - schedule.grace - 1) } ?? now
            next[schedule.name] = schedule.clock.next(after: from)
            if ran[schedule.name] == nil { actions.append(remember(schedule.name, now)) }
        }
        return actions + wake()
    }

    /// Does what is due.
    public mutating func tick(now: Int64) -> [Action] {
        var actions: [Action] = []
        for schedule in schedules {
            guard var time = next[schedule.name], time <= now else { continue }
            // Of several that were missed, the last.
            var rounds = 0
            while let later = schedule.clock.next(after: time), later <= now, rounds < 10_000 {
                time = later
                rounds += 1
            }
            next[schedule.name] = schedule.clock.next(after: max(time, rounds < 10_000 ? time : now))
            if now - time <= schedule.grace { actions += run(schedule, at: time) }
            actions.append(remember(schedule.name, time))
        }
        return actions + wake()
    }

    private mutating func remember(_ name: String, _ time: Int64) -> Action {
        ran[name] = time
        return .remember(.put(.ran(schedule: name, at: time)))
    }

    private func wake() -> [Action] { due.map { [.wake(at: $0)] } ?? [] }

    private func run(_ schedule: Schedule, at time: Int64) -> [Action] {
        func id(_ recipient: String) -> String {
            var digest = PartDigest("oxbow schedule 1")
            for part in [account.description, schedule.name, String(time), recipient] { digest.add(part) }
            return String(digest.hex().prefix(32))
        }
        switch schedule.work {
        case .message(let text, let people):
            return people.compactMap { person in
                person.contacts.first.map {
                    .message(Posting(recipient: $0, thread: nil, text: text, id: id($0.address.description)))
                }
            }
        case .handler(let name): return [.handler(name, schedule: schedule.name, at: time, id: id(""))]
        }
    }
}
