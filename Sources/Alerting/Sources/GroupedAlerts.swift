/// The shape that Alertmanager's webhook and Grafana's share: a group with a list of alerts.
struct GroupedAlerts {
    /// What a source adds to an alert that was read, from the members that only it has.
    typealias Finish = (inout Alert, JSONCursor) throws(SourceError) -> Void

    let source: String
    let limits: SourceLimits

    /// Reads the body. Every alert's identity is read and counts for R28; only the first ``SourceLimits/alerts``, firing ones first, are read in full.
    func read(_ root: JSONCursor, finish: Finish = { (_, _) throws(SourceError) in }) throws(SourceError) -> SourceReading {
        let list = try root.need("alerts").list()
        guard !list.isEmpty else { return .nothing("the list of alerts is empty") }
        var digest = AlertDigest()
        var (firing, resolved): ([JSONCursor], [JSONCursor]) = ([], [])
        for member in list {
            let status = try Self.status(member.need("status"))
            if status == .firing { firing.append(member) } else { resolved.append(member) }
            digest.add(
                fingerprint: try Self.fingerprint(member),
                starts: try member.time("startsAt"),
                ends: status == .firing ? nil : try member.time("endsAt") ?? "ended"
            )
        }
        var alerts: [Alert] = []
        for member in (firing + resolved).prefix(limits.alerts) {
            var alert = try self.alert(member)
            try finish(&alert, member)
            alerts.append(alert)
        }
        let status: AlertStatus = firing.isEmpty ? .resolved : .firing
        let common = try root.labels("commonLabels", limits: limits)
        let group = try root.labels("groupLabels", limits: limits)
        let key = try root.scalar("groupKey")
        // The sender's count is a number from outside: the sum doesn't overflow.
        let omitted = min(try root.count("truncatedAlerts"), 1_000_000_000)
        // Of what the sender left out only the number is known: another number is news.
        if omitted > 0 { digest.add(fingerprint: "omitted", starts: String(omitted), ends: nil) }
        return .intake(
            Intake(
                source: source,
                groupKey: key.isEmpty ? Self.key(of: group, or: alerts) : GroupKey.bounded(key),
                status: status,
                title: Self.title(alerts, group: group, common: common, limits: limits),
                receiver: try root.get("receiver").map { (cursor) throws(SourceError) in
                    ChatText.line(try cursor.scalar(), limit: limits.name)
                },
                externalURL: try root.link("externalURL", limits: limits),
                groupLabels: group,
                commonLabels: common,
                commonAnnotations: try root.labels("commonAnnotations", limits: limits),
                alerts: alerts,
                truncated: list.count - alerts.count + omitted,
                repeats: .alerts(digest: digest.hex())
            )
        )
    }

    private func alert(_ member: JSONCursor) throws(SourceError) -> Alert {
        let status = try Self.status(member.need("status"))
        let labels = try member.labels("labels", limits: limits)
        let annotations = try member.labels("annotations", limits: limits)
        let name = ChatText.line(labels["alertname"] ?? "", limit: limits.title)
        let description = annotations["description"] ?? annotations["message"] ?? ""
        let summary = ChatText.line(annotations["summary"] ?? annotations["title"] ?? "", limit: limits.title)
        let title = summary.isEmpty ? ChatText.line(description.prefix { $0 != "\n" }, limit: limits.title) : summary
        return Alert(
            fingerprint: try Self.fingerprint(member),
            status: status,
            severity: Severity(word: labels["severity"] ?? labels["priority"] ?? ""),
            name: name,
            title: title.isEmpty ? name : title,
            text: description == title ? "" : description,
            labels: labels,
            annotations: annotations,
            starts: try member.time("startsAt").flatMap(Timestamp.read),
            ends: status == .firing ? nil : try member.time("endsAt").flatMap(Timestamp.read),
            link: try member.link("generatorURL", limits: limits)
        )
    }

    private static func status(_ cursor: JSONCursor) throws(SourceError) -> AlertStatus {
        switch try cursor.string() {
        case "firing": return .firing
        case "resolved": return .resolved
        default: throw SourceError(.unsupported, at: cursor.path, "is neither \"firing\" nor \"resolved\"")
        }
    }

    /// What the sender calls the alert; a digest of its labels when it gives no name, or an unreasonable one.
    private static func fingerprint(_ member: JSONCursor) throws(SourceError) -> String {
        let given = try member.scalar("fingerprint")
        if !given.isEmpty, given.utf8.count <= 64, given.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) { return given }
        var digest = PartDigest("fingerprint")
        if !given.isEmpty {
            digest.add(given)
        } else if let labels = try member.get("labels") {
            for (name, value) in try labels.object().sorted(by: { $0.key < $1.key }) {
                digest.add(name)
                digest.add(value.scalar ?? "")
            }
        }
        return String(digest.hex().prefix(32))
    }

    private static func key(of group: [String: String], or alerts: [Alert]) -> String {
        guard group.isEmpty else {
            return GroupKey.bounded(group.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","))
        }
        return alerts.count == 1 ? "alert:" + alerts[0].fingerprint : "alerts"
    }

    /// One alert: its name and what it says. Several: their common name and what groups them.
    private static func title(_ alerts: [Alert], group: [String: String], common: [String: String], limits: SourceLimits) -> String {
        if let alert = alerts.first, alerts.count == 1 {
            let title = alert.title == alert.name || alert.name.isEmpty ? alert.title : "\(alert.name): \(alert.title)"
            return ChatText.line(title.isEmpty ? "an alert without a name" : title, limit: limits.title)
        }
        let labels = group.filter { $0.key != "alertname" && !Labels.isHidden($0.key) }
        let name = common["alertname"] ?? group["alertname"] ?? ""
        let rest = Labels.text(labels)
        let title = name.isEmpty ? rest : rest.isEmpty ? name : "\(name) (\(rest))"
        return ChatText.line(title.isEmpty ? "several alerts" : title, limit: limits.title)
    }
}

/// Keys of conversations: bounded, so that they can be stored and compared.
enum GroupKey {
    /// The key itself up to 200 bytes; beyond that, and when it isn't fit to be shown, its beginning and a digest of the whole.
    static func bounded(_ key: String) -> String {
        let shown = ChatText.line(key, limit: 200)
        guard shown != key || key.utf8.count > 200 else { return key }
        var digest = PartDigest("group")
        digest.add(key)
        return ChatText.line(key, limit: 30) + "#" + digest.hex()
    }
}

/// Labels as people read them.
enum Labels {
    /// Names that the headline has already, and those that senders use among themselves.
    static func isHidden(_ name: String) -> Bool {
        name == "alertname" || name == "severity" || name.hasPrefix("__")
    }

    /// `instance=web-1 job=node`, by name, without the hidden ones; values of several lines made one.
    static func text(_ labels: [String: String]) -> String {
        let shown = labels.filter { !isHidden($0.key) && !$0.value.isEmpty }.sorted { $0.key < $1.key }
        return shown.map { "\($0.key)=\(ChatText.line($0.value, limit: 200))" }.joined(separator: " ")
    }
}
