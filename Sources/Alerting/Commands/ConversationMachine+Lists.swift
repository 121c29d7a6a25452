import Foundation

extension ConversationMachine {
    private static let listLimit = 40

    /// One line each, what asks for somebody first.
    func listText() -> String {
        let all = openConversations.sorted { left, right in
            func rank(_ conversation: Conversation) -> (Int, Int, Int) {
                (conversation.state == .firing ? 0 : 1, -conversation.severity.rawValue, -conversation.number)
            }
            return rank(left) < rank(right)
        }
        guard !all.isEmpty else { return "Nothing is open." }
        var lines = all.prefix(Self.listLimit).map(line)
        if all.count > Self.listLimit { lines.append("and \(all.count - Self.listLimit) more") }
        return lines.joined(separator: "\n")
    }

    private func line(_ conversation: Conversation) -> String {
        var text = "#\(conversation.number) \(conversation.severity.text ?? "firing")"
        text += ": \(conversation.title)"
        if conversation.firing > 1 { text += ", \(conversation.firing) firing" }
        text += " (\(Spoken.duration(Double(now - conversation.opened)))"
        if let acknowledgement = conversation.acknowledgement { text += ", \(acknowledgement.by) sees to it" }
        if conversation.silences.contains(where: { now < $0.until }) { text += ", silenced" }
        return text + ")"
    }

    /// All about one.
    func showText(_ conversation: Conversation) -> String {
        let zone = routes[conversation.route]?.zone ?? .gmt
        func time(_ seconds: Int64) -> String { Spoken.time(Date(timeIntervalSince1970: Double(seconds)), in: zone) }
        var lines = ["#\(conversation.number) \(conversation.text)", "route \(conversation.route), since \(time(conversation.opened))"]
        if let closed = conversation.closed { lines.append("over since \(time(closed))") }
        if let acknowledgement = conversation.acknowledgement {
            lines.append(
                "acknowledged by \(acknowledgement.by), \(time(acknowledgement.at))"
                    + (acknowledgement.note.isEmpty ? "" : ": " + acknowledgement.note)
            )
        }
        if let escalates = conversation.escalates { lines.append("next people at \(time(escalates))") }
        if !conversation.told.isEmpty {
            let people = conversation.told.map(\.person)
            lines.append("told: " + people.enumerated().filter { people.firstIndex(of: $1) == $0 }.map(\.element).joined(separator: ", "))
        }
        for silence in conversation.silences where now < silence.until {
            let name = silence.member.map { "\(conversation.number).\($0) " } ?? ""
            lines.append("silence \(name)\(silence.id) by \(silence.by) until \(time(silence.until))")
        }
        if conversation.members.count > 1 {
            for member in conversation.members.prefix(Self.listLimit) {
                let name = "\(conversation.number).\(member.number) \(member.status == .firing ? "" : "over: ")"
                let labels = member.labels.map { Labels.text($0) } ?? ""
                lines.append(name + ChatText.line(labels.isEmpty ? member.title : labels, limit: 200))
            }
            let rest = conversation.omitted + max(conversation.members.count - Self.listLimit, 0)
            if rest > 0 { lines.append("and \(rest) more") }
        }
        return lines.joined(separator: "\n")
    }

    /// Who is told by which route, who sees to what, who is quiet.
    func whoText() -> String {
        var lines: [String] = []
        for route in routes.values.sorted(by: { $0.name < $1.name }).prefix(Self.listLimit) {
            let steps = route.plan.steps.prefix(10).map { $0.prefix(20).map(\.name).joined(separator: ", ") }
            lines.append("\(route.name): " + (steps.isEmpty ? "nobody" : steps.joined(separator: " > ")))
        }
        for conversation in openConversations.prefix(Self.listLimit) {
            guard let acknowledgement = conversation.acknowledgement else { continue }
            lines.append("#\(conversation.number): \(acknowledgement.by), for \(Spoken.duration(Double(now - acknowledgement.at)))")
        }
        for mute in mutes.values.sorted(by: { $0.person < $1.person }) where now < mute.until {
            lines.append("quiet: \(mute.person), for another \(Spoken.duration(Double(mute.until - now)))")
        }
        return lines.isEmpty ? "There are no routes." : lines.joined(separator: "\n")
    }
}
