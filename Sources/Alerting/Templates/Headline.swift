public import Foundation

/// The first line: what a lock screen shows of the message.
enum Headline {
    static func of(_ intake: Intake, at now: Date) -> String {
        let firing = intake.alerts.count { $0.status == .firing }
        let resolved = intake.alerts.count { $0.status == .resolved }
        var text = intake.status == .note ? "" : intake.status.marker
        if intake.status != .resolved, let severity = intake.severity.text { text += text.isEmpty ? severity : " " + severity }
        text += text.isEmpty ? intake.title : ": " + intake.title
        let total = intake.alerts.count + intake.truncated
        if total > 1 {
            text += ", " + Spoken.count(total, "alert")
            if firing > 0, resolved > 0 { text += ": \(firing) firing, \(resolved) resolved" }
        } else if intake.status == .resolved, let alert = intake.alerts.first, let duration = alert.duration(at: now) {
            text += " (after \(duration))"
        }
        return ChatText.line(text, limit: 500)
    }
}

extension Alert {
    /// How long it holds, or held: `12m`; `nil` when its beginning isn't known.
    public func duration(at now: Date) -> String? {
        guard let starts else { return nil }
        return Spoken.duration((ends ?? now).timeIntervalSince(starts))
    }
}
