extension ConversationMachine {
    mutating func configureHeartbeats(_ rules: [HeartbeatRule]) {
        let old = heartbeats
        heartbeats = [:]
        for rule in rules {
            var state = old[rule.name]?.state ?? heartbeatStates[rule.name] ?? HeartbeatState(name: rule.name)
            // The clock was ahead when it came: it isn't waited for until then.
            state.last = state.last.map { min($0, now) }
            heartbeats[rule.name] = HeartbeatWatch(rule: rule, state: state, since: old[rule.name]?.since ?? now)
        }
        for name in heartbeatStates.keys.sorted() where heartbeats[name] == nil {
            output.append(.remember(.remove(AlertRecord.heartbeat(HeartbeatState(name: name)).key)))
        }
        for (name, watch) in old where heartbeats[name] == nil {
            output.append(.remember(.remove(AlertRecord.heartbeat(watch.state).key)))
            // What nobody waits for any more isn't missing either.
            if watch.state.isMissing { say(watch, .resolved) }
        }
        heartbeatStates = [:]
    }

    /// Takes heartbeats out of an intake; `nil` when nothing else is in it.
    mutating func hear(_ intake: Intake, route: String) -> Intake? {
        var rest = intake
        for name in heartbeats.keys.sorted() {
            guard var watch = heartbeats[name], watch.rule.route == route else { continue }
            let beats = rest.alerts.filter(watch.rule.matches)
            guard !beats.isEmpty else { continue }
            rest.alerts.removeAll(where: watch.rule.matches)
            // A sender that says that its watchdog ended is alive, but no longer promises anything: the time runs.
            guard beats.contains(where: { $0.status == .firing }) else { continue }
            let wasMissing = watch.state.isMissing
            watch.beat(at: now)
            watch.state.isMissing = false
            heartbeats[name] = watch
            changed.heartbeats.insert(name)
            if wasMissing { say(watch, .resolved) }
        }
        if rest.alerts.count == intake.alerts.count { return intake }
        guard !rest.alerts.isEmpty || rest.truncated > 0 else { return nil }
        if rest.status == .firing, !rest.alerts.contains(where: { $0.status == .firing }), rest.truncated == 0 { rest.status = .resolved }
        return rest
    }

    /// Tells those that have stayed away too long.
    mutating func beatHearts() {
        for name in heartbeats.keys.sorted() {
            guard var watch = heartbeats[name], let due = watch.due, now >= due else { continue }
            watch.state.isMissing = true
            heartbeats[name] = watch
            changed.heartbeats.insert(name)
            say(watch, .firing)
        }
    }

    private mutating func say(_ watch: HeartbeatWatch, _ status: AlertStatus) {
        guard let route = routes[watch.rule.route] else { return }
        let old = cause
        var digest = PartDigest("oxbow heartbeat 1")
        for part in [watch.rule.name, status.rawValue, String(now)] { digest.add(part) }
        take(watch.intake(status, now: now), route, key: RepeatKey(digest: digest.hex()))
        cause = old
    }
}
