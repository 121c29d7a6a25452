/// GitLab's project and group webhooks. What it is stands in `object_kind`; system hooks and wiki pages aren't told.
struct GitLabSource: AlertSource {
    let name = "gitlab"
    let summary = "GitLab webhooks: push, tag_push, issue, note, merge_request, pipeline, job, release"
    let headers = ["x-gitlab-event", "idempotency-key"]
    let fields =
        RepositoryEvent.fields + [
            ContextField(
                "jobs",
                .list([ContextField("name", "the job's name"), ContextField("status", "how it ended")]),
                "the jobs of a pipeline that failed"
            )
        ]
    let template = StandardTemplate.pipelines

    func read(_ request: SourceRequest, limits: SourceLimits) throws(SourceError) -> SourceReading {
        let reader = Reader(root: try request.json(limits), limits: limits)
        let kind = try reader.root.string("object_kind")
        guard !kind.isEmpty else {
            guard request.headers["x-gitlab-event"] != nil else {
                throw SourceError(
                    .shape,
                    at: "object_kind",
                    "is missing, and so is the header X-Gitlab-Event: this isn't a webhook of GitLab"
                )
            }
            return .nothing("an event without object_kind isn't told")
        }
        switch try reader.event(kind) {
        case .tell(let told): return told.intake(source: name, delivery: request.headers["idempotency-key"] ?? "", limits: limits)
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

        func event(_ kind: String) throws(SourceError) -> Outcome {
            switch kind {
            case "push", "tag_push": return try push(kind)
            case "issue": return try changed(kind, noun: "issue", sign: "#")
            case "merge_request": return try changed(kind, noun: "merge request", sign: "!")
            case "note": return try note()
            case "pipeline": return try pipeline()
            case "build": return try job()
            case "release": return try release()
            default: return .skip("the event '\(ChatText.line(kind, limit: 40))' isn't told")
            }
        }

        private func project() throws(SourceError) -> String {
            let path = try root.get("project")?.line("path_with_namespace", limit: limits.name) ?? ""
            return path.isEmpty ? try root.line("project_name", limit: limits.name).replacing(" / ", with: "/") : path
        }

        private func user() throws(SourceError) -> String {
            if let user = try root.get("user"), case .object = user.value { return try user.line("name", limit: limits.name) }
            return try root.line("user_name", limit: limits.name)
        }

        private func start(_ kind: String, topic: String, title: String) throws(SourceError) -> RepositoryEvent {
            var made = RepositoryEvent(kind, in: try project(), topic: topic, title: title)
            made.sender = try user()
            return made
        }

        private func push(_ kind: String) throws(SourceError) -> Outcome {
            let ref = try root.need("ref").string()
            let branch = ChatText.line(ref.trimmingPrefix("refs/heads/").trimmingPrefix("refs/tags/"), limit: limits.name)
            if try root.string("after").allSatisfy({ $0 == "0" }), try root.get("after") != nil { return .skip("'\(branch)' was deleted") }
            let list = try root.get("commits")?.list() ?? []
            let total = try root.count("total_commits_count")
            let isTag = kind == "tag_push"
            let count = max(total, list.count)
            let what = isTag ? "tag \(branch)" : count == 0 ? "branch \(branch)" : "\("commit".counted(count)) to \(branch)"
            var made = try start(kind, topic: "push:\(branch)", title: "\(try user()) pushed \(what)")
            made.branch = branch
            if !isTag { try made.take(commits: list, total: count, limits: limits) }
            let web = try root.get("project")?.string("web_url") ?? ""
            let (before, after) = (try root.string("before"), try root.string("after"))
            let isNew = before.allSatisfy { $0 == "0" }
            made.link = WebLink.checked(
                web.isEmpty || after.isEmpty ? web : isNew ? "\(web)/-/commits/\(branch)" : "\(web)/-/compare/\(before)...\(after)",
                limit: limits.link
            )
            return .tell(made)
        }

        /// Issues and merge requests: the same members, another sign before the number.
        private func changed(_ kind: String, noun: String, sign: String) throws(SourceError) -> Outcome {
            let object = try root.need("object_attributes")
            let action = try object.line("action", limit: limits.name)
            let verbs = [
                "open": "opened", "close": "closed", "reopen": "reopened", "merge": "merged", "approved": "approved",
                "unapproved": "took back the approval of",
            ]
            guard let verb = verbs[action] else { return .skip("'\(action)' of \(noun == "issue" ? "an" : "a") \(noun) isn't told") }
            let number = try object.line("iid", limit: 20)
            let title = try object.line("title", limit: limits.title)
            var made = try start(kind, topic: "\(sign)\(number)", title: "\(try user()) \(verb) \(noun) \(sign)\(number): \(title)")
            made.action = action
            made.number = number
            made.branch = try object.line("source_branch", limit: limits.name)
            if action == "open" { made.text = try object.block("description", limit: limits.text) }
            made.link = try object.link("url", limits: limits)
            return .tell(made)
        }

        private func note() throws(SourceError) -> Outcome {
            let object = try root.need("object_attributes")
            if try object.flag("system") { return .skip("a note that GitLab wrote itself isn't told") }
            let (topic, what): (String, String)
            var number = ""
            if let request = try root.get("merge_request") {
                number = try request.line("iid", limit: 20)
                (topic, what) = ("!\(number)", "!\(number): \(try request.line("title", limit: limits.title))")
            } else if let issue = try root.get("issue") {
                number = try issue.line("iid", limit: 20)
                (topic, what) = ("#\(number)", "#\(number): \(try issue.line("title", limit: limits.title))")
            } else if let commit = try root.get("commit") {
                let id = ChatText.line(try commit.string("id").prefix(8), limit: 8)
                (topic, what) = (
                    "commit:\(id)",
                    "commit \(id): \(ChatText.line(try commit.string("message").prefix { !$0.isNewline }, limit: limits.title))"
                )
            } else {
                (topic, what) = ("notes", try object.line("noteable_type", limit: limits.name))
            }
            var made = try start("note", topic: topic, title: "\(try user()) commented on \(what)")
            made.number = number
            made.text = try object.block("note", limit: limits.text)
            made.link = try object.link("url", limits: limits)
            return .tell(made)
        }

        private static func status(_ word: String) -> AlertStatus? {
            switch word {
            case "failed": .firing
            case "success": .resolved
            default: nil
            }
        }

        private func pipeline() throws(SourceError) -> Outcome {
            let object = try root.need("object_attributes")
            let word = try object.line("status", limit: limits.name)
            guard let status = Self.status(word) else { return .skip("a pipeline that is '\(word)' isn't told") }
            let (ref, id) = (try object.line("ref", limit: limits.name), try object.line("id", limit: 20))
            let took = try object.scalar("duration")
            let after = Double(took).map { " after \(Spoken.duration($0))" } ?? ""
            var made = try start(
                "pipeline",
                topic: "pipeline:\(ref)",
                title: "pipeline #\(id) \(status == .firing ? "failed" : "succeeded") on \(ref)\(after)"
            )
            made.status = status
            made.severity = status == .firing ? .error : .unstated
            (made.number, made.branch, made.conclusion) = (id, ref, word)
            let commit = try root.get("commit")?.string("message") ?? ""
            made.text = ChatText.line(commit.prefix { !$0.isNewline }, limit: limits.title)
            var jobs: [[String: String]] = []
            for job in try root.get("builds")?.list() ?? [] where jobs.count < limits.rows {
                guard try job.string("status") == "failed", try !job.flag("allow_failure") else { continue }
                jobs.append(["name": try job.line("name", limit: limits.name), "status": "failed"])
            }
            made.rows["jobs"] = .rows(jobs)
            let web = try root.get("project")?.string("web_url") ?? ""
            made.link = try object.link("url", limits: limits) ?? WebLink.checked("\(web)/-/pipelines/\(id)", limit: limits.link)
            return .tell(made)
        }

        private func job() throws(SourceError) -> Outcome {
            let word = try root.line("build_status", limit: limits.name)
            guard let status = Self.status(word) else { return .skip("a job that is '\(word)' isn't told") }
            if status == .firing, try root.flag("build_allow_failure") { return .skip("a job that may fail isn't told") }
            let (ref, job) = (try root.line("ref", limit: limits.name), try root.line("build_name", limit: limits.name))
            var made = try start(
                "job",
                topic: "job:\(job):\(ref)",
                title: "job \(job) \(status == .firing ? "failed" : "succeeded") on \(ref)"
            )
            made.status = status
            made.severity = status == .firing ? .error : .unstated
            (made.branch, made.conclusion) = (ref, word)
            if status == .firing { made.text = try root.line("build_failure_reason", limit: limits.title).replacing("_", with: " ") }
            var web = try root.get("project")?.string("web_url") ?? ""
            if web.isEmpty { web = try root.get("repository")?.string("homepage") ?? "" }
            made.link = WebLink.checked("\(web)/-/jobs/\(try root.line("build_id", limit: 20))", limit: limits.link)
            return .tell(made)
        }

        private func release() throws(SourceError) -> Outcome {
            guard try root.string("action") == "create" else { return .skip("only a new release is told") }
            let (tag, name) = (try root.line("tag", limit: limits.name), try root.line("name", limit: limits.title))
            var made = try start(
                "release",
                topic: "release:\(tag)",
                title: name.isEmpty || name == tag ? "release \(tag)" : "release \(tag): \(name)"
            )
            made.branch = tag
            made.text = try root.block("description", limit: limits.text)
            made.link = try root.link("url", limits: limits)
            return .tell(made)
        }
    }
}
