/// GitHub's webhooks, with content type JSON or form. The event's name is in a header.
struct GitHubSource: AlertSource {
    let name = "github"
    let summary =
        "GitHub webhooks: push, pull_request, pull_request_review, issues, issue_comment, release, workflow_run, check_suite, star, ping"
    let headers = ["x-github-event", "x-github-delivery"]
    let fields = RepositoryEvent.fields
    let template = StandardTemplate.repository

    func read(_ request: SourceRequest, limits: SourceLimits) throws(SourceError) -> SourceReading {
        guard let event = request.headers["x-github-event"], !event.isEmpty else {
            throw SourceError(.shape, "the header X-GitHub-Event is missing: this isn't a webhook of GitHub")
        }
        let reader = Reader(root: try request.json(limits), limits: limits)
        switch try reader.event(event) {
        case .tell(let told): return told.intake(source: name, delivery: request.headers["x-github-delivery"] ?? "", limits: limits)
        case .skip(let reason): return .nothing(reason)
        }
    }

    private enum Outcome {
        case tell(RepositoryEvent)
        case skip(String)
    }

    private struct Reader {
        let root: JSONCursor
        let limits: SourceLimits

        func event(_ event: String) throws(SourceError) -> Outcome {
            switch event {
            case "push": return try push()
            case "pull_request": return try pullRequest()
            case "pull_request_review": return try review()
            case "issues": return try issue()
            case "issue_comment": return try comment()
            case "release": return try release()
            case "workflow_run": return try run("workflow_run")
            case "check_suite": return try run("check_suite")
            case "star": return try star()
            case "ping": return try ping()
            default: return .skip("the event '\(ChatText.line(event, limit: 40))' isn't told")
            }
        }

        private func repository() throws(SourceError) -> String {
            try root.get("repository")?.line("full_name", limit: limits.name) ?? ""
        }

        private func sender() throws(SourceError) -> String { try root.get("sender")?.line("login", limit: limits.name) ?? "" }

        private func action() throws(SourceError) -> String { try root.line("action", limit: limits.name) }

        private func start(_ event: String, topic: String, title: String) throws(SourceError) -> RepositoryEvent {
            var made = RepositoryEvent(event, in: try repository(), topic: topic, title: title)
            made.sender = try sender()
            made.action = try action()
            return made
        }

        private func push() throws(SourceError) -> Outcome {
            let ref = try root.need("ref").string()
            let branch = ChatText.line(ref.trimmingPrefix("refs/heads/").trimmingPrefix("refs/tags/"), limit: limits.name)
            if try root.flag("deleted") { return .skip("'\(branch)' was deleted") }
            let list = try root.get("commits")?.list() ?? []
            let kind = ref.hasPrefix("refs/tags/") ? "tag" : "branch"
            var who = try root.get("pusher")?.line("name", limit: limits.name) ?? ""
            if who.isEmpty { who = try sender() }
            let forced = try root.flag("forced") ? " (forced)" : ""
            let what = list.isEmpty ? "\(kind) \(branch)" : "\("commit".counted(list.count)) to \(branch)"
            var made = try start("push", topic: "push:\(branch)", title: "\(who) pushed \(what)\(forced)")
            made.branch = branch
            try made.take(commits: list, total: list.count, limits: limits)
            // Gitea's name for it is the second.
            made.link = try root.link("compare", limits: limits)
            if made.link == nil { made.link = try root.link("compare_url", limits: limits) }
            return .tell(made)
        }

        private func pullRequest() throws(SourceError) -> Outcome {
            let request = try root.need("pull_request")
            var action = try action()
            if action == "closed", try request.flag("merged") { action = "merged" }
            let verbs = [
                "opened": "opened", "closed": "closed", "merged": "merged", "reopened": "reopened",
                "ready_for_review": "asks for review of",
                "review_requested": "asks for review of",
            ]
            guard let verb = verbs[action] else { return .skip("'\(action)' of a pull request isn't told") }
            let number = try request.line("number", limit: 20)
            let title = try request.line("title", limit: limits.title)
            var made = try start("pull_request", topic: "#\(number)", title: "\(try sender()) \(verb) pull request #\(number): \(title)")
            made.action = action
            made.number = number
            made.branch = try request.get("head")?.line("ref", limit: limits.name) ?? ""
            if action == "opened" { made.text = try request.block("body", limit: limits.text) }
            made.link = try request.link("html_url", limits: limits)
            return .tell(made)
        }

        private func review() throws(SourceError) -> Outcome {
            let (request, review) = (try root.need("pull_request"), try root.need("review"))
            guard try action() == "submitted" else { return .skip("'\(try action())' of a review isn't told") }
            let states = ["approved": "approved", "changes_requested": "asks for changes in", "commented": "commented on"]
            guard let verb = states[try review.string("state").lowercased()] else { return .skip("a review without a verdict isn't told") }
            let number = try request.line("number", limit: 20)
            let title = try request.line("title", limit: limits.title)
            var made = try start(
                "pull_request_review",
                topic: "#\(number)",
                title: "\(try sender()) \(verb) pull request #\(number): \(title)"
            )
            made.number = number
            made.text = try review.block("body", limit: limits.text)
            made.link = try review.link("html_url", limits: limits)
            return .tell(made)
        }

        private func issue() throws(SourceError) -> Outcome {
            let issue = try root.need("issue")
            let action = try action()
            guard ["opened", "closed", "reopened"].contains(action) else { return .skip("'\(action)' of an issue isn't told") }
            let number = try issue.line("number", limit: 20)
            let title = try issue.line("title", limit: limits.title)
            var made = try start("issues", topic: "#\(number)", title: "\(try sender()) \(action) issue #\(number): \(title)")
            made.number = number
            if action == "opened" { made.text = try issue.block("body", limit: limits.text) }
            made.link = try issue.link("html_url", limits: limits)
            return .tell(made)
        }

        private func comment() throws(SourceError) -> Outcome {
            let (issue, comment) = (try root.need("issue"), try root.need("comment"))
            guard try action() == "created" else { return .skip("'\(try action())' of a comment isn't told") }
            let number = try issue.line("number", limit: 20)
            let title = try issue.line("title", limit: limits.title)
            let made = try start("issue_comment", topic: "#\(number)", title: "\(try sender()) commented on #\(number): \(title)")
            return .tell(
                try with(
                    made,
                    number: number,
                    text: comment.block("body", limit: limits.text),
                    link: comment.link("html_url", limits: limits)
                )
            )
        }

        private func with(_ event: RepositoryEvent, number: String, text: String, link: String?) -> RepositoryEvent {
            var event = event
            (event.number, event.text, event.link) = (number, text, link)
            return event
        }

        private func release() throws(SourceError) -> Outcome {
            let release = try root.need("release")
            guard try action() == "published" else { return .skip("'\(try action())' of a release isn't told") }
            let tag = try release.line("tag_name", limit: limits.name)
            let name = try release.line("name", limit: limits.title)
            let kind = try release.flag("prerelease") ? "pre-release" : "release"
            let title = name.isEmpty || name == tag ? "\(kind) \(tag)" : "\(kind) \(tag): \(name)"
            var made = try start("release", topic: "release:\(tag)", title: title)
            made.branch = tag
            made.text = try release.block("body", limit: limits.text)
            made.link = try release.link("html_url", limits: limits)
            return .tell(made)
        }

        /// A run of a workflow, or of another service's checks: red is an alert, and the next green of the same branch resolves it.
        private func run(_ event: String) throws(SourceError) -> Outcome {
            let run = try root.need(event)
            guard try action() == "completed" else { return .skip("a run that goes on isn't told") }
            let conclusion = try run.line("conclusion", limit: limits.name)
            let branch = try run.line("head_branch", limit: limits.name)
            let app = try run.get("app")?.line("name", limit: limits.name) ?? ""
            let named = try run.line("name", limit: limits.title)
            let name = named.isEmpty ? (app.isEmpty ? "checks" : app) : named
            let status: AlertStatus
            switch conclusion {
            case "failure", "timed_out", "startup_failure", "action_required": status = .firing
            case "success": status = .resolved
            default: return .skip("a run that ended as '\(conclusion)' isn't told")
            }
            let outcome = status == .resolved ? "succeeded" : ["failure": "failed", "timed_out": "timed out"][conclusion] ?? conclusion
            var made = try start(
                event,
                topic: "\(event):\(name):\(branch)",
                title: "\(name) \(outcome) on \(branch.isEmpty ? "?" : branch)"
            )
            made.status = status
            made.severity = status == .firing ? .error : .unstated
            made.branch = branch
            made.conclusion = conclusion
            let commit = try run.get("head_commit")?.string("message") ?? ""
            made.text = ChatText.line(commit.prefix { !$0.isNewline }, limit: limits.title)
            made.link = try run.link("html_url", limits: limits)
            return .tell(made)
        }

        private func star() throws(SourceError) -> Outcome {
            guard try action() == "created" else { return .skip("a star that was taken back isn't told") }
            let count = try root.get("repository")?.count("stargazers_count") ?? 0
            var made = try start("star", topic: "star", title: "\(try sender()) gave a star" + (count > 0 ? " (\(count))" : ""))
            made.link = try root.get("repository")?.link("html_url", limits: limits)
            return .tell(made)
        }

        private func ping() throws(SourceError) -> Outcome {
            var made = try start("ping", topic: "ping", title: "the webhook is connected")
            made.link = try root.get("repository")?.link("html_url", limits: limits)
            return .tell(made)
        }
    }
}
