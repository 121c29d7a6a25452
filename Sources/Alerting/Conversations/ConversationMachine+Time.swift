import Foundation

extension ConversationMachine {
    /// When something is due next; `nil` when nothing is.
    public var due: Int64? {
        var times: [Int64] = []
        for number in open.values {
            guard let conversation = conversations[number] else { continue }
            if conversation.state == .firing, let escalates = conversation.escalates { times.append(escalates) }
            times.append(conversation.updated + limits.staleAfter)
        }
        times += storms.values.compactMap { $0.storm.due.map { Int64($0.timeIntervalSince1970.rounded(.up)) } }
        times += mutes.values.map(\.until)
        times += heartbeats.values.compactMap(\.due)
        times += sent.values.map { $0.at + limits.sentFor }.min().map { [$0] } ?? []
        times += seen.values.min().map { [$0] } ?? []
        if let oldest = lastClosedTime { times.append(oldest + limits.closedFor) }
        return times.min().map { max($0, now) }
    }

    private var lastClosedTime: Int64? { conversations.values.lazy.compactMap(\.closed).min() }

    /// Does what is due. Called too early or too often it does nothing.
    public mutating func tick(now time: Int64) -> [AlertAction] {
        begin(time)
        cause = "tick"
        beatHearts()
        for number in open.values.sorted() { escalate(number) }
        for route in storms.keys.sorted() { tellStorm(route) }
        for person in mutes.keys.sorted() where now >= mutes[person]?.until ?? .max { endMute(of: person) }
        closeStale()
        forget()
        return finish()
    }

    private mutating func tellStorm(_ route: String) {
        guard var state = storms[route], let summary = state.storm.summary(at: Date(timeIntervalSince1970: Double(now))) else { return }
        let audience = state.waiting
        state.waiting = []
        storms[route] = state
        changed.storms.insert(route)
        let since = String(Int64(summary.since.timeIntervalSince1970))
        say(
            summary.text + "\n\"list\" shows what is open",
            to: audience,
            thread: thread(["storm", route]),
            about: ["storm", route, since],
            isUrgent: summary.firing > 0
        )
    }

    /// Ends somebody's quiet and tells them what they missed.
    mutating func endMute(of person: String) {
        guard let mute = mutes.removeValue(forKey: person) else { return }
        changed.mutes.remove(person)
        output.append(.remember(.remove(AlertRecord.mute(mute).key)))
        guard mute.missed > 0 else { return }
        let of = mute.conversations.isEmpty ? "" : ", of " + mute.conversations.map { "#\($0)" }.joined(separator: " ")
        let text =
            "While it was quiet for you, there \(mute.missed == 1 ? "was" : "were") \(Spoken.count(mute.missed, "message"))\(of). \"list\" shows what is open."
        say(text, to: [Recipient(person: person, contact: mute.contact)], thread: nil, about: ["mute", person, String(mute.until)])
    }

    private mutating func closeStale() {
        for number in open.values.sorted() {
            guard var conversation = conversations[number], now >= conversation.updated + limits.staleAfter else { continue }
            let text = "CLOSED: nothing was heard of it for \(Spoken.duration(Double(limits.staleAfter))): \(conversation.title)"
            close(&conversation)
            let told = conversation.told.map { Recipient(person: $0.person, contact: $0.contact) }
            let audience = told.isEmpty ? routes[conversation.route]?.plan.first.map(recipient) ?? [] : told
            say(text, in: &conversation, to: audience, .resolved)
            put(conversation)
        }
    }

    /// Lets go of what is old: keys of requests, closed conversations.
    private mutating func forget() {
        for (key, until) in seen.sorted(by: { $0.key.digest < $1.key.digest }) where now >= until {
            seen[key] = nil
            output.append(.remember(.remove("seen/\(key.digest)")))
        }
        forgetClosed()
        for note in sent.values.sorted(by: { ($0.at, $0.id) < ($1.at, $1.id) }) where now >= note.at + limits.sentFor { forget(note) }
        unreachable = unreachable.filter { now < $0.value }
        refused = refused.filter { now < $0.value + Self.refusalInterval }
    }

    /// Lets go of closed conversations that are old, or too many.
    mutating func forgetClosed() {
        let closed = conversations.values.filter(\.isClosed).sorted { ($0.closed ?? 0, $0.number) > ($1.closed ?? 0, $1.number) }
        for (index, conversation) in closed.enumerated() {
            guard index >= limits.closed || now >= (conversation.closed ?? 0) + limits.closedFor else { continue }
            conversations[conversation.number] = nil
            changed.conversations.insert(conversation.number)
            let group = GroupID(route: conversation.route, groupKey: conversation.groupKey)
            if lastClosed[group] == conversation.number { lastClosed[group] = nil }
        }
    }
}
