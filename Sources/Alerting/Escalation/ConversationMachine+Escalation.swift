extension ConversationMachine {
    /// Tells the next ones, if their time has come.
    mutating func escalate(_ number: Int) {
        guard var conversation = conversations[number], conversation.state == .firing, let due = conversation.escalates, now >= due else {
            return
        }
        guard let route = routes[conversation.route], let rule = route.escalation else {
            conversation.escalates = nil
            put(conversation)
            return
        }
        let told = conversation.told.map { Recipient(person: $0.person, contact: $0.contact) }
        let next = audience(of: route.plan, from: conversation.step + 1)
        if !next.recipients.isEmpty {
            let names = next.recipients.map(\.person).joined(separator: ", ")
            conversation.step = next.step
            conversation.escalates = now + rule.after
            let before = told.filter { one in !next.recipients.contains { $0.person == one.person } }
            if !fold(conversation.intake, route, next.recipients) {
                let missed = told.filter { now < unreachable[$0.contact] ?? .min }.map(\.person).joined(separator: ", ")
                let time = Spoken.duration(Double(rule.after))
                let reason = missed.isEmpty ? "not acknowledged for \(time)" : "\(missed) couldn't be reached"
                tell(&conversation, next.recipients, .escalated(to: names, reason))
                let told = missed.isEmpty ? "nobody has acknowledged it for \(time)" : reason
                if !before.isEmpty { say("escalated to \(names): \(told): \(conversation.title)", in: &conversation, to: before, .word) }
            }
        } else if rule.end == .again, conversation.rounds < Escalation.roundLimit {
            let first = audience(of: route.plan, from: 0)
            conversation.rounds += 1
            conversation.step = first.step
            conversation.escalates = now + rule.after
            if !fold(conversation.intake, route, first.recipients) {
                tell(&conversation, first.recipients, .again(round: conversation.rounds))
            }
        } else {
            conversation.escalates = nil
            let audience = told.isEmpty ? self.audience(of: route.plan, from: 0).recipients : told
            let text = "nobody has acknowledged it, and there is nobody else to tell: \(conversation.title)"
            say(text, in: &conversation, to: audience, .word)
        }
        put(conversation)
    }
}

extension Conversation {
    /// What a storm counts of a message that no request caused.
    var intake: Intake {
        let alerts = members.filter { $0.status == .firing }.map {
            Alert(fingerprint: $0.fingerprint, status: $0.status, severity: $0.severity, title: $0.title)
        }
        return Intake(source: source, groupKey: groupKey, status: .firing, title: title, alerts: alerts, truncated: omitted)
    }
}
