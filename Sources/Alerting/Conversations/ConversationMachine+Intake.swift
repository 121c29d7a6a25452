extension ConversationMachine {
    /// What a source read comes in.
    ///
    /// - Parameters:
    ///   - route: The route's name.
    ///   - delivery: What stays the same when this request is handled again, such as an idempotency key; ids follow from it where the intake
    ///     itself doesn't tell repeats.
    ///   - correctable: The addresses whose resources take corrections (XEP-0308), as far as the caller knows (R29).
    ///   - now: The time, in seconds since 1970.
    public mutating func receive(
        _ intake: Intake,
        route name: String,
        delivery: String,
        correctable: Set<Contact> = [],
        now time: Int64
    ) -> [AlertAction] {
        begin(time)
        self.correctable = correctable
        guard let route = routes[name] else {
            count(.noRoute)
            return finish()
        }
        guard let rest = hear(intake, route: name) else {
            count(.heartbeat)
            return finish()
        }
        take(rest, route, key: rest.repeatKey(route: name) ?? key(of: delivery, route: name))
        return finish()
    }

    /// Those to whom this request may become a correction, if their clients take any: the caller need only ask about them (R29).
    public func correctionCandidates(_ intake: Intake, route: String) -> Set<Contact> {
        guard case .alerts = intake.repeats, let number = open[GroupID(route: route, groupKey: intake.groupKey)],
            let conversation = conversations[number], conversation.state == .firing
        else { return [] }
        return Set(conversation.told.lazy.filter { latest[$0.contact] == $0.message }.map(\.contact))
    }

    private func key(of delivery: String, route: String) -> RepeatKey {
        var digest = PartDigest("oxbow delivery 1")
        digest.add(route)
        digest.add(delivery)
        return RepeatKey(digest: digest.hex())
    }

    mutating func take(_ intake: Intake, _ route: AlertRoute, key: RepeatKey) {
        if let until = seen[key], now < until {
            count(.repeated)
            return
        }
        cause = key.digest
        switch intake.status {
        case .note: note(intake, route)
        case .firing: firing(intake, route, key)
        case .resolved: resolved(intake, route, key)
        }
        remember(key, for: route.dedupe)
    }

    mutating func remember(_ key: RepeatKey, for dedupe: Int64) {
        guard dedupe > 0 else { return }
        if seen.count >= limits.repeats, let oldest = seen.min(by: { ($0.value, $0.key.digest) < ($1.value, $1.key.digest) })?.key {
            seen[oldest] = nil
            output.append(.remember(.remove("seen/\(oldest.digest)")))
        }
        seen[key] = now + dedupe
        output.append(.remember(.put(.seen(key, until: now + dedupe))))
    }

    // MARK: Notes

    /// Said once: in the thread of its conversation if one is open, else in one that all notes of its group share.
    private mutating func note(_ intake: Intake, _ route: AlertRoute) {
        let group = GroupID(route: route.name, groupKey: intake.groupKey)
        let conversation = open[group].flatMap { conversations[$0] }
        let audience = route.plan.first.map(recipient)
        guard !fold(intake, route, audience) else { return }
        let thread = conversation?.thread ?? self.thread(["note", route.name, intake.groupKey])
        let text = route.text(of: intake, now: now)
        say(text, to: audience, thread: thread, about: ["note", cause], conversation: conversation?.number)
    }

    // MARK: Firing

    private mutating func firing(_ intake: Intake, _ route: AlertRoute, _ key: RepeatKey) {
        let group = GroupID(route: route.name, groupKey: intake.groupKey)
        if let number = open[group], let conversation = conversations[number] {
            update(conversation, intake, route, key)
        } else {
            begin(intake, route, key, group)
        }
    }

    private mutating func begin(_ intake: Intake, _ route: AlertRoute, _ key: RepeatKey, _ group: GroupID) {
        let (step, audience) = self.audience(of: route.plan, from: 0)
        guard open.count < limits.open else {
            hold(intake, route, audience)
            return
        }
        roots.number += 1
        changed.roots = true
        var conversation = Conversation(
            number: roots.number,
            thread: thread([String(roots.number), route.name, intake.groupKey]),
            route: route.name,
            groupKey: intake.groupKey,
            source: intake.source,
            title: intake.title,
            link: intake.link,
            state: .firing,
            severity: intake.severity,
            opened: now,
            updated: now,
            closed: nil,
            members: [],
            nextMember: 1,
            omitted: 0,
            commonLabels: nil,
            acknowledgement: nil,
            told: [],
            step: step,
            escalates: nil,
            rounds: 0,
            reminders: 0,
            mutes: [:],
            silences: [],
            ordinal: 0,
            text: "",
            lastRepeat: key
        )
        conversation.merge(intake, limits: limits)
        conversation.text = route.text(of: intake, now: now)
        conversation.escalates = route.escalation.map { now + $0.after }
        open[group] = conversation.number
        if !fold(intake, route, audience) { tell(&conversation, audience, .opened) }
        put(conversation)
    }

    private mutating func update(_ old: Conversation, _ intake: Intake, _ route: AlertRoute, _ key: RepeatKey) {
        var conversation = old
        let isMore = conversation.merge(intake, limits: limits)
        conversation.severity = conversation.current(intake)
        let isMoreSevere = conversation.severity > old.severity
        // Where its sender lists all of it, the same list is a reminder (R28); where one thing is said at a time, the same thing.
        let isReminder =
            conversation.isWhole(intake) ? old.lastRepeat == key : conversation.members == old.members && intake.title == old.title
        conversation.take(intake, key, now: now)
        conversation.text = route.text(of: intake, now: now)
        if isMoreSevere {
            // Who sees to a warning has not said that they see to an emergency.
            conversation.state = .firing
            conversation.acknowledgement = nil
            conversation.mutes = [:]
            conversation.step = 0
            conversation.escalates = route.escalation.map { now + $0.after }
        }
        let told = conversation.told.map { Recipient(person: $0.person, contact: $0.contact) }
        let first = audience(of: route.plan, from: 0).recipients
        if isMoreSevere || isMore {
            let audience = told + first.filter { one in !told.contains { $0.person == one.person } }
            if !fold(intake, route, audience) { tell(&conversation, audience, isMoreSevere ? .moreSevere : .joined) }
        } else if conversation.state == .acknowledged {
            count(.acknowledged)
        } else {
            let audience = quiet(told.isEmpty ? first : told, in: conversation)
            if isReminder { conversation.reminders += 1 }
            if !audience.isEmpty, !fold(intake, route, audience) {
                // What people post themselves is said anew each time; what a monitor repeats may correct itself (R29).
                let isCounted = if case .alerts = intake.repeats { true } else { false }
                tell(
                    &conversation,
                    audience,
                    isReminder ? .reminder(conversation.reminders) : .updated,
                    mayCorrect: isCounted && !isReminder
                )
            }
        }
        put(conversation)
    }

    // MARK: Resolved

    private mutating func resolved(_ intake: Intake, _ route: AlertRoute, _ key: RepeatKey) {
        let group = GroupID(route: route.name, groupKey: intake.groupKey)
        guard let number = open[group], let old = conversations[number] else {
            if intake.onlyWhenOpen {
                count(.notOpen)
            } else if lastClosed[group] != nil {
                count(.closed)
            } else {
                note(intake, route)
            }
            return
        }
        var conversation = old
        _ = conversation.merge(intake, limits: limits)
        guard conversation.firing == 0 || conversation.isWhole(intake) else {
            update(old, intake, route, key)
            return
        }
        conversation.take(intake, key, now: now)
        conversation.text = route.text(of: intake, now: now)
        close(&conversation)
        let told = conversation.told.map { Recipient(person: $0.person, contact: $0.contact) }
        let audience = told.isEmpty ? self.audience(of: route.plan, from: 0).recipients : told
        if !fold(intake, route, audience) { tell(&conversation, audience, .resolved) }
        put(conversation)
    }

    /// Ends a conversation; who is told is the caller's.
    mutating func close(_ conversation: inout Conversation) {
        let group = GroupID(route: conversation.route, groupKey: conversation.groupKey)
        conversation.state = .resolved
        conversation.closed = now
        conversation.escalates = nil
        conversation.omitted = 0
        // What is over isn't silenced: its labels need no room.
        conversation.commonLabels = nil
        for index in conversation.members.indices {
            conversation.members[index].status = .resolved
            conversation.members[index].labels = nil
        }
        open[group] = nil
        lastClosed[group] = conversation.number
    }
}
