/// What GitHub's and GitLab's events have in common, put together the same way.
struct RepositoryEvent {
    /// The fields that both document.
    static let fields = [
        ContextField("event", "the event's name, such as `push` or `pull_request`"),
        ContextField("action", "what was done, such as `opened` or `merged`; empty when the event has no actions"),
        ContextField("repository", "the repository, such as `ada/engine`"),
        ContextField("sender", "who did it"),
        ContextField("number", "the number of the pull request, merge request or issue"),
        ContextField("branch", "the branch or tag"),
        ContextField("conclusion", "how a run ended, such as `failure`"),
        ContextField(
            "commits",
            .list([
                ContextField("id", "the first eight digits of the commit's id"),
                ContextField("message", "the first line of its message"),
                ContextField("author", "who wrote it"),
            ]),
            "the first commits of a push"
        ),
        ContextField("more_commits", "how many commits there are besides; empty when none"),
    ]

    var event: String
    var repository: String
    var sender = ""
    var action = ""
    var number = ""
    var branch = ""
    var conclusion = ""
    var commits: [[String: String]] = []
    var moreCommits = 0
    /// What belongs into one conversation, within the repository: `#12`, `push:main`, `workflow:CI:main`.
    var topic: String
    var status: AlertStatus = .note
    var severity: Severity = .unstated
    /// What happened, without the repository.
    var title: String
    var text = ""
    var link: String?
    var rows: [String: Detail] = [:]

    init(_ event: String, in repository: String, topic: String, title: String) {
        self.event = event
        self.repository = repository
        self.topic = topic
        self.title = title
    }

    /// The intake of this one event. `delivery` is the sender's id of it, the same for a repeat.
    func intake(source: String, delivery: String, limits: SourceLimits) -> SourceReading {
        let key = GroupKey.bounded(repository.isEmpty ? topic : "\(repository) \(topic)")
        let title = ChatText.line(repository.isEmpty ? self.title : "\(repository): \(self.title)", limit: limits.title)
        let labels = ["repository": repository, "event": event, "branch": branch, "sender": sender].filter { !$0.value.isEmpty }
        let alert = Alert(
            fingerprint: key,
            status: status,
            severity: severity,
            name: event,
            title: title,
            text: text,
            labels: labels,
            link: link
        )
        var details = rows
        for (name, value) in [
            "event": event, "action": action, "repository": repository, "sender": sender, "number": number, "branch": branch,
            "conclusion": conclusion, "more_commits": moreCommits > 0 ? String(moreCommits) : "",
        ] { details[name] = .text(value) }
        details["commits"] = .rows(commits)
        return .intake(
            Intake(
                source: source,
                groupKey: key,
                status: status,
                title: title,
                groupLabels: ["repository": repository],
                commonLabels: labels,
                alerts: [alert],
                details: details,
                repeats: delivery.isEmpty ? .none : .delivery(String(delivery.prefix(200))),
                onlyWhenOpen: status == .resolved
            )
        )
    }

    /// Takes a push's list of commits, each with `id`, `message` and `author.name`.
    mutating func take(commits list: [JSONCursor], total: Int, limits: SourceLimits) throws(SourceError) {
        for commit in list.prefix(limits.rows) {
            commits.append([
                "id": ChatText.line(try commit.string("id").prefix(8), limit: 8),
                "message": ChatText.line(try commit.string("message").prefix { !$0.isNewline }, limit: limits.title),
                "author": try commit.get("author")?.line("name", limit: limits.name) ?? "",
            ])
        }
        moreCommits = max(total, list.count) - commits.count
    }
}

extension String {
    /// With `noun` in the right number: `1 commit`, `3 commits`.
    func counted(_ count: Int) -> String { Spoken.count(count, self) }
}
