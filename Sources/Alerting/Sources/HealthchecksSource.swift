import Foundation

/// healthchecks.io and its self-hosted twin, integration "Webhook", with a body of ours or with `$JSON` alone.
struct HealthchecksSource: AlertSource {
    /// What the operator puts into "Request Body", for down and for up. `$…_JSON` brings its own quotes and escapes.
    static let bodyTemplate = #"{"status": "$STATUS", "now": "$NOW", "code": "$CODE", "check": $JSON, "body": $BODY_JSON}"#

    let name = "healthchecks"
    let summary = "healthchecks.io, integration \"Webhook\" (POST), with the body below or with `$JSON` alone"
    let fields = [
        ContextField("check", "the check's name"),
        ContextField("tags", "its tags"),
        ContextField("description", "its description"),
        ContextField("last_ping", "when it was last heard of"),
        ContextField("pings", "how often it was heard of"),
    ]
    let template = """
        {{headline}}
        {{text}}
        {{#last_ping}}last ping: {{last_ping}}{{/last_ping}}
        {{#tags}}tags: {{tags}}{{/tags}}
        {{link}}
        """

    func read(_ request: SourceRequest, limits: SourceLimits) throws(SourceError) -> SourceReading {
        let root = try request.json(limits)
        let check = try root.get("check") ?? root
        var word = try root.string("status")
        if word.isEmpty { word = try check.need("status").string() }
        let status: AlertStatus
        switch word {
        case "down": status = .firing
        case "up": status = .resolved
        case "new", "paused", "grace", "started": return .nothing("a check that is '\(word)' isn't told")
        default: throw SourceError(.unsupported, at: "status", "is none of \"down\" and \"up\"; use the body template of the documentation")
        }
        var name = try check.line("name", limit: limits.title)
        if name.isEmpty { name = try check.line("slug", limit: limits.title) }
        let shown = name.isEmpty ? "a check without a name" : name
        var code = try root.line("code", limit: limits.name)
        for key in ["uuid", "unique_key", "slug", "name"] where code.isEmpty { code = try check.line(key, limit: limits.name) }
        let key = GroupKey.bounded("check:" + code)
        let now = try root.time("now")
        let at = now.flatMap(Timestamp.read)
        let last = try check.time("last_ping").flatMap(Timestamp.read)
        let tags = try check.line("tags", limit: limits.value)
        let description = try check.block("desc", limit: limits.text)
        let body = try root.block("body", limit: limits.text)
        let title = "\(shown) is \(word)"
        var repeats = RepeatIdentity.none
        if let now {
            // Down, up and down again within minutes are three messages: the time is part of what is repeated.
            var digest = AlertDigest()
            digest.add(fingerprint: key, starts: now, ends: nil)
            repeats = .alerts(digest: digest.hex())
        }
        return .intake(
            Intake(
                source: self.name,
                groupKey: key,
                status: status,
                title: title,
                groupLabels: ["check": shown],
                alerts: [
                    Alert(
                        fingerprint: key,
                        status: status,
                        severity: status == .firing ? .error : .unstated,
                        name: shown,
                        title: title,
                        text: [description, body].filter { !$0.isEmpty }.joined(separator: "\n"),
                        labels: tags.isEmpty ? ["check": shown] : ["check": shown, "tags": tags],
                        starts: status == .firing ? at : nil,
                        ends: status == .resolved ? at : nil
                    )
                ],
                details: [
                    "check": .text(shown), "tags": .text(tags), "description": .text(description),
                    "last_ping": .text(last.map { Spoken.time($0, in: .gmt) } ?? ""), "pings": .text(try check.line("n_pings", limit: 20)),
                ],
                repeats: repeats
            )
        )
    }
}
