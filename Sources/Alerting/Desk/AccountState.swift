import XMPP

/// What an account's alerts are: its conversations and its schedules. A value, so that what wasn't accepted never was.
struct AccountState: Sendable {
    var conversations: ConversationMachine
    var schedules: ScheduleMachine

    init(account: Address, records: [AlertRecord], random: inout some RandomNumberGenerator, now: Int64) {
        conversations = ConversationMachine(account: account, records: records, random: &random, now: now)
        schedules = ScheduleMachine(account: account, records: records)
    }

    /// When something is due next.
    var due: Int64? { [conversations.due, schedules.due].compactMap(\.self).min() }

    mutating func configure(_ account: DeskConfiguration.Account, directory: PeopleDirectory, now: Int64) -> AccountStep {
        var step = AccountStep()
        step.add(
            conversations.configure(
                routes: account.routes,
                directory: directory,
                rights: account.rights,
                heartbeats: account.heartbeats,
                now: now
            )
        )
        take(schedules.configure(account.schedules, now: now), into: &step, now: now)
        return step
    }

    mutating func handle(_ event: AccountEvent, correctable: Set<Contact> = [], now: Int64) -> AccountStep {
        var step = AccountStep()
        switch event {
        case .receive(let intake, let route, let delivery):
            step.add(conversations.receive(intake, route: route, delivery: delivery, correctable: correctable, now: now))
        case .command(let text, let sender, let thread, let id):
            step.add(conversations.command(text, from: sender, thread: thread, id: id, now: now))
        case .failed(let id, let contact): step.add(conversations.failed(id: id, to: contact, now: now))
        case .otherMessage(let contact): conversations.otherMessage(to: contact)
        case .silenced(let request, let outcome): step.add(conversations.silenced(request, outcome, now: now))
        case .unsilenced(let request, let outcome): step.add(conversations.unsilenced(request, outcome, now: now))
        case .tick: step.add(conversations.tick(now: now))
        case .schedules: take(schedules.tick(now: now), into: &step, now: now)
        }
        return step
    }

    private mutating func take(_ actions: [ScheduleMachine.Action], into step: inout AccountStep, now: Int64) {
        for action in actions {
            switch action {
            case .message(let posting):
                step.postings.append(posting)
                step.add(conversations.posted(posting, now: now))
            case .handler(let handler, let schedule, let at, let id):
                step.occurrences.append(AccountStep.Occurrence(schedule: schedule, handler: handler, at: at, id: id))
            case .remember(let change): step.changes.append(change)
            case .wake: break
            }
        }
    }
}
