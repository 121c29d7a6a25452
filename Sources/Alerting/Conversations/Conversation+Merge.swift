import Foundation

extension Conversation {
    /// Whether an intake says where all alerts of the conversation stand, and not one.
    func isWhole(_ intake: Intake) -> Bool { if case .alerts = intake.repeats { true } else { false } }

    /// Takes over what is said once for the whole.
    mutating func take(_ intake: Intake, _ key: RepeatKey, now: Int64) {
        updated = now
        lastRepeat = key
        title = intake.title
        link = intake.link ?? link
    }

    /// The highest severity of what fires now.
    func current(_ intake: Intake) -> Severity {
        let firing = members.lazy.filter { $0.status == .firing }.map(\.severity).max()
        return max(firing ?? .unstated, intake.status == .firing ? intake.severity : .unstated)
    }

    /// Takes over where the alerts stand; `true` if one fires that didn't.
    @discardableResult
    mutating func merge(_ intake: Intake, limits: ConversationLimits) -> Bool {
        var isMore = false
        let kept = intake.alerts.prefix(limits.members)
        let listed = Set(kept.map(\.fingerprint))
        if isWhole(intake) {
            let omittedNow = intake.truncated + intake.alerts.count - kept.count
            if omittedNow > omitted, !members.isEmpty, intake.status == .firing { isMore = true }
            omitted = intake.status == .firing ? omittedNow : 0
            for index in members.indices where !listed.contains(members[index].fingerprint) { members[index].status = .resolved }
        }
        for alert in kept {
            let labels = Self.bounded(alert.labels, limits)
            if let index = members.firstIndex(where: { $0.fingerprint == alert.fingerprint }) {
                if alert.status == .firing, members[index].status != .firing { isMore = true }
                members[index].status = alert.status
                members[index].severity = alert.severity
                members[index].title = alert.title
                members[index].labels = labels
                members[index].starts = alert.starts.flatMap { Int64(exactly: $0.timeIntervalSince1970.rounded()) }
            } else {
                // Room is made by what is over; what still finds none is counted.
                if members.count >= limits.members, let over = members.firstIndex(where: { $0.status != .firing }) {
                    members.remove(at: over)
                }
                guard members.count < limits.members else {
                    omitted = alert.status == .firing ? omitted + 1 : max(omitted - 1, 0)
                    isMore = isMore || alert.status == .firing
                    continue
                }
                if alert.status == .firing { isMore = true }
                members.append(
                    Member(
                        fingerprint: alert.fingerprint,
                        number: nextMember,
                        status: alert.status,
                        severity: alert.severity,
                        title: alert.title,
                        labels: labels,
                        starts: alert.starts.flatMap { Int64(exactly: $0.timeIntervalSince1970.rounded()) }
                    )
                )
                nextMember += 1
            }
        }
        var size = 0
        for index in members.indices {
            size += Self.size(members[index].labels ?? [:])
            if size > limits.allLabels { members[index].labels = nil }
        }
        if !intake.commonLabels.isEmpty || isWhole(intake) { commonLabels = Self.bounded(intake.commonLabels, limits) }
        return isMore
    }

    private static func size(_ labels: [String: String]) -> Int {
        labels.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }

    /// Labels that a silence may be made of: all of them, uncut; else `nil`. A silence with a label less would hide more than was asked for.
    private static func bounded(_ labels: [String: String], _ limits: ConversationLimits) -> [String: String]? {
        let size = size(labels)
        let source = SourceLimits()
        let isCut = labels.count >= source.labels || labels.contains { $0.key.hasSuffix("…") || $0.value.hasSuffix("…") }
        return size <= limits.labels && !isCut ? labels : nil
    }
}
