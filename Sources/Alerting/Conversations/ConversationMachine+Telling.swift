import Foundation
import XMPP

extension ConversationMachine {
    // MARK: Whom

    /// Where somebody is written to: their first address that works, as far as is known.
    func recipient(_ person: Person) -> Recipient {
        let contact = person.contacts.first { now >= unreachable[$0] ?? .min } ?? person.contacts.first
        return Recipient(person: person.name, contact: contact ?? Contact(account))
    }

    func isMuted(_ person: String) -> Bool { mutes[person].map { now < $0.until } ?? false }

    /// The first step from here on with somebody who hasn't muted. If all have, quiet ends where nobody would hear: the step as it is.
    func audience(of plan: CallPlan, from start: Int) -> (step: Int, recipients: [Recipient]) {
        for step in plan.steps.indices.dropFirst(start) {
            let awake = plan.steps[step].filter { !isMuted($0.name) }
            if !awake.isEmpty { return (step, awake.map(recipient)) }
        }
        guard start < plan.steps.count else { return (start, []) }
        return (start, plan.steps[start].map(recipient))
    }

    /// Those who want reminders and updates of a conversation; the others are counted.
    mutating func quiet(_ recipients: [Recipient], in conversation: Conversation) -> [Recipient] {
        recipients.filter { one in
            guard let until = conversation.mutes[one.person], now < until else { return true }
            count(.muted)
            return false
        }
    }

    // MARK: Storms

    private func moment() -> Date { Date(timeIntervalSince1970: Double(now)) }

    /// Whether the route's storm takes a message; then it is in the next count.
    mutating func fold(_ intake: Intake, _ route: AlertRoute, _ audience: [Recipient]) -> Bool {
        var state = storms[route.name] ?? StormState(limits: route.fold)
        let verdict = state.storm.arrive(intake, at: moment())
        if verdict == .fold {
            state.wait(for: audience, limit: limits.people)
            count(.folded)
        }
        storms[route.name] = state
        changed.storms.insert(route.name)
        return verdict == .fold
    }

    /// What can't be kept as a conversation is told as a count.
    mutating func hold(_ intake: Intake, _ route: AlertRoute, _ audience: [Recipient]) {
        var state = storms[route.name] ?? StormState(limits: route.fold)
        state.storm.hold(intake, at: moment())
        state.wait(for: audience, limit: limits.people)
        storms[route.name] = state
        changed.storms.insert(route.name)
        count(.folded)
    }

    // MARK: Telling

    /// Tells a conversation's text to people, and remembers that they were told.
    mutating func tell(_ conversation: inout Conversation, _ audience: [Recipient], _ saying: Saying, mayCorrect: Bool = false) {
        say(conversation.text, in: &conversation, to: audience, saying, mayCorrect: mayCorrect)
    }

    /// Tells a text within a conversation.
    mutating func say(
        _ text: String,
        in conversation: inout Conversation,
        to audience: [Recipient],
        _ saying: Saying,
        mayCorrect: Bool = false
    ) {
        if audience.isEmpty { count(.nobody) }
        let whole = fit(saying.prefix(conversation.number) + text)
        // A corrected message is read as if it had always been so: it doesn't call itself an update.
        let corrected = mayCorrect ? fit(Saying.opened.prefix(conversation.number) + text) : whole
        let mustBeHeard = saying.isUrgent && audience.allSatisfy { isMuted($0.person) }
        for one in audience.prefix(limits.people) where mustBeHeard || !isMissed(one.person, conversation: conversation.number) {
            let id = derived(
                "message",
                [String(conversation.number), String(conversation.ordinal), saying.name, cause, one.contact.address.description]
            )
            let index = conversation.told.firstIndex { $0.contact == one.contact }
            var original: String?
            if mayCorrect, let index, latest[one.contact] == conversation.told[index].message, correctable.contains(one.contact) {
                original = conversation.told[index].message
            }
            output.append(
                .message(
                    Posting(
                        recipient: one.contact,
                        thread: conversation.thread,
                        text: original == nil ? whole : corrected,
                        id: id,
                        replaces: original,
                        conversation: conversation.number
                    )
                )
            )
            let last = original ?? id
            latest[one.contact] = last
            if let index {
                conversation.told[index].message = last
                conversation.told[index].at = now
            } else if conversation.told.count < limits.people {
                conversation.told.append(Conversation.Told(person: one.person, contact: one.contact, message: last, at: now))
            }
        }
        conversation.ordinal += 1
    }

    /// Tells a text outside of conversations, or in the thread of one without counting as its message. What is urgent comes all the same if
    /// all who would be told have muted.
    mutating func say(
        _ text: String,
        to audience: [Recipient],
        thread: String?,
        about parts: [String],
        conversation: Int? = nil,
        isUrgent: Bool = false
    ) {
        if audience.isEmpty { count(.nobody) }
        let mustBeHeard = isUrgent && audience.allSatisfy { isMuted($0.person) }
        // The same may be said again later: then it is another message.
        roots.ordinal += 1
        changed.roots = true
        for one in audience.prefix(limits.people) where mustBeHeard || !isMissed(one.person, conversation: conversation) {
            let id = derived("message", parts + [String(roots.ordinal), one.contact.address.description])
            latest[one.contact] = id
            let posting = Posting(recipient: one.contact, thread: thread, text: fit(text), id: id, conversation: conversation)
            output.append(.message(posting))
            keep(posting, of: one.person)
        }
    }

    /// Whether a message is one that its recipient misses; then it is counted for them.
    private mutating func isMissed(_ person: String, conversation: Int?) -> Bool {
        guard isMuted(person), var mute = mutes[person] else { return false }
        mute.missed += 1
        if let conversation, !mute.conversations.contains(conversation), mute.conversations.count < PersonMute.listLimit {
            mute.conversations.append(conversation)
        }
        mutes[person] = mute
        changed.mutes.insert(person)
        count(.muted)
        return true
    }

    /// A message within the limit, cut at a line's end.
    func fit(_ text: String) -> String {
        guard text.unicodeScalars.count > limits.message else { return text }
        let end = "\n… (cut)"
        let head = String(String.UnicodeScalarView(text.unicodeScalars.prefix(max(limits.message - end.unicodeScalars.count, 0))))
        return (head.lastIndex(of: "\n").map { String(head[..<$0]) } ?? head) + end
    }
}

extension StormState {
    mutating func wait(for audience: [Recipient], limit: Int) {
        for one in audience where waiting.count < limit && !waiting.contains(one) { waiting.append(one) }
    }
}
