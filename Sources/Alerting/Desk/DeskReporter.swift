import XMPP

/// Counts and logs what the desk does: fixed words, names of the configuration, ids.
struct DeskReporter: Sendable {
    /// How many ids of messages a line of the log has.
    private static let idLimit = 20

    var count: @Sendable (_ name: String, _ labels: [String: String]) -> Void
    var write: @Sendable (DeskEvent) -> Void

    func log(_ level: DeskEvent.Level, _ what: String, _ details: [String: String]) { write(DeskEvent(level, what, details)) }

    /// An event is done, and on disk.
    func done(_ event: AccountEvent, _ step: AccountStep, account: Address) {
        let account = "\(account)"
        var details = ["account": account]
        if !step.postings.isEmpty {
            let ids = step.postings.prefix(Self.idLimit).map(\.id).joined(separator: " ")
            details["messages"] = ids + (step.postings.count > Self.idLimit ? " …" : "")
            for _ in step.postings { count("oxbow_alert_messages_total", ["account": account]) }
        }
        if let number = step.postings.lazy.compactMap(\.conversation).first { details["conversation"] = String(number) }
        for reason in step.counts { count("oxbow_alert_messages_unsent_total", ["account": account, "reason": reason.rawValue]) }
        for one in step.occurrences { count("oxbow_schedules_total", ["account": account, "schedule": one.schedule]) }
        switch event {
        case .receive(_, let route, _):
            details["route"] = route
            details["outcome"] = step.outcome.word
            count("oxbow_alerts_total", ["route": route, "outcome": step.outcome.word])
            log(.info, "alert", details)
        case .command(_, let sender, _, let id):
            let outcome = step.counts.contains(.refused) ? "refused" : step.counts.contains(.repeated) ? "repeated" : "done"
            details["sender"] = "\(sender.bare)"
            details["id"] = id
            details["outcome"] = outcome
            count("oxbow_alert_commands_total", ["account": account, "outcome": outcome])
            log(outcome == "refused" ? .warning : .info, "alert command", details)
        case .failed(let id, let contact):
            details["id"] = id
            details["recipient"] = "\(contact.address)"
            log(.warning, "an alert's message is undelivered", details)
        case .silenced, .unsilenced: log(.debug, "the alert manager's answer is told", details)
        case .tick, .schedules:
            for one in step.occurrences { details["schedules"] = (details["schedules"].map { $0 + " " } ?? "") + one.schedule }
            if !step.postings.isEmpty || !step.occurrences.isEmpty { log(.info, "alerts by time", details) }
        case .otherMessage: break
        }
    }

    /// An event couldn't be accepted.
    func refused(_ event: AccountEvent, account: Address) {
        switch event {
        case .receive(_, let route, _): count("oxbow_alerts_total", ["route": route, "outcome": HookError.Code.unavailable.name])
        case .command: count("oxbow_alert_commands_total", ["account": "\(account)", "outcome": HookError.Code.unavailable.name])
        default: break
        }
    }

    /// A request that never comes to an account.
    func refused(route: String, _ error: HookError) {
        count("oxbow_alerts_total", ["route": route, "outcome": error.code.name])
        log(.warning, "alert refused", ["route": route, "outcome": error.code.name])
    }

    /// The alert manager has answered.
    func silence(_ action: String, _ outcome: SilenceOutcome, account: Address) {
        var details = ["account": "\(account)", "action": action]
        switch outcome {
        case .done(let id):
            details["outcome"] = "done"
            details["silence"] = ChatText.line(id, limit: 100)
        case .failed: details["outcome"] = "failed"
        }
        count("oxbow_silences_total", ["action": action, "outcome": details["outcome"] ?? ""])
        log(details["outcome"] == "done" ? .info : .warning, "silence", details)
    }

    /// A request was understood, and says nothing worth telling.
    func nothing(route: String) {
        count("oxbow_alerts_total", ["route": route, "outcome": HookOutcome.nothing("").word])
        log(.info, "alert", ["route": route, "outcome": HookOutcome.nothing("").word])
    }

    /// A heartbeat was sent, or not.
    func heartbeat(_ number: Int, _ outcome: String, reason: String? = nil) {
        count("oxbow_heartbeats_sent_total", ["heartbeat": String(number), "outcome": outcome])
        var details = ["heartbeat": String(number), "outcome": outcome]
        details["reason"] = reason
        log(reason == nil ? .debug : .warning, "heartbeat", details)
    }
}
