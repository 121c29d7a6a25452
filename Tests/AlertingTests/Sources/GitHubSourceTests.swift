import Alerting
import Testing

@Suite struct GitHubSourceTests {
    private func made(_ event: String, _ body: String) throws -> SourceReading {
        try read("github", body, headers: ["x-github-event": event])
    }

    @Test func push() throws {
        #expect(
            try message("github", intake("github", sample: "push")) == """
                ada/engine: ada pushed 2 commits to main
                - b6568db1 Carry the ones (Ada)
                - 0d1a26e6 Note G (Charles)
                https://github.com/ada/engine/compare/6113728f27ae...0d1a26e67d8f
                """
        )
    }

    @Test func aPushOfMany() throws {
        let commits = (0..<2048).map { #"{"id": "\#($0)", "message": "m\#($0)"}"# }.joined(separator: ",")
        let made = try intake(
            "github",
            #"{"ref": "refs/heads/x", "forced": true, "pusher": {"name": "ada"}, "commits": [\#(commits)]}"#,
            headers: ["x-github-event": "push"]
        )
        let text = try message("github", made)
        #expect(text.hasPrefix("ada pushed 2048 commits to x (forced)\n- 0 m0\n"))
        #expect(text.hasSuffix("\n- 9 m9\nand 2038 more"))
    }

    @Test func pullRequests() throws {
        let opened = try intake("github", sample: "pull-request")
        #expect(opened.groupKey == "ada/engine #12")
        #expect(opened.status == .note)
        #expect(
            try message("github", opened).hasPrefix(
                "ada/engine: ada opened pull request #12: Loop until it converges\nIt stopped one step early.\n\nFixes #7.\n"
            )
        )
        // What happens to it joins its conversation.
        #expect(try intake("github", sample: "review").groupKey == opened.groupKey)
        let body = try sample("pull-request", of: "github").body
        let merged = body.replacing("\"opened\"", with: "\"closed\"").replacing("\"merged\": false", with: "\"merged\": true")
        guard case .intake(let end) = try made("pull_request", merged) else { return }
        #expect(end.title == "ada/engine: ada merged pull request #12: Loop until it converges")
        #expect(end.details["action"] == .text("merged"))
        #expect(
            try made("pull_request", body.replacing("\"opened\"", with: "\"labeled\""))
                == .nothing("'labeled' of a pull request isn't told")
        )
    }

    @Test func issuesAndComments() throws {
        #expect(try intake("github", sample: "issue").groupKey == intake("github", sample: "comment").groupKey)
        #expect(
            try message("github", intake("github", sample: "comment")).hasPrefix(
                "ada/engine: ada commented on #7: Stops one step early\nI can see it, too.\n"
            )
        )
        let edited = try sample("comment", of: "github").body.replacing("\"created\"", with: "\"edited\"")
        #expect(try made("issue_comment", edited) == .nothing("'edited' of a comment isn't told"))
    }

    /// Red is an alert; the next green resolves it, and greens after greens are only counted.
    @Test func runs() throws {
        let red = try intake("github", sample: "workflow-failure")
        let green = try intake("github", sample: "workflow-success")
        #expect(red.status == .firing)
        #expect(red.severity == .error)
        #expect(!red.onlyWhenOpen)
        #expect(green.status == .resolved)
        #expect(green.onlyWhenOpen)
        #expect(red.groupKey == green.groupKey)
        #expect(red.alerts.map(\.fingerprint) == green.alerts.map(\.fingerprint))
        #expect(
            try message("github", red)
                == "FIRING error: ada/engine: CI failed on main\nNote G\nhttps://github.com/ada/engine/actions/runs/31"
        )
        #expect(
            try message("github", intake("github", sample: "check-suite")).hasPrefix("FIRING error: ada/engine: Other CI timed out on loop")
        )
        let cancelled = try sample("workflow-failure", of: "github").body.replacing("\"failure\"", with: "\"cancelled\"")
        #expect(try made("workflow_run", cancelled) == .nothing("a run that ended as 'cancelled' isn't told"))
        let begun = try sample("workflow-failure", of: "github").body.replacing(
            "\"completed\",\n  \"workflow_run\"",
            with: "\"requested\",\n  \"workflow_run\""
        )
        #expect(try made("workflow_run", begun) == .nothing("a run that goes on isn't told"))
    }

    @Test func theRest() throws {
        #expect(try message("github", intake("github", sample: "star")).hasPrefix("ada/engine: ada gave a star (42)\n"))
        #expect(try message("github", intake("github", sample: "ping")).hasPrefix("ada/engine: the webhook is connected\n"))
        #expect(
            try message("github", intake("github", sample: "release")).hasPrefix(
                "ada/engine: release v2.0: The second engine\n- faster\n- quieter\n"
            )
        )
        #expect(try made("fork", "{}") == .nothing("the event 'fork' isn't told"))
        #expect(try made("push", #"{"ref": "refs/heads/old", "deleted": true}"#) == .nothing("'old' was deleted"))
    }

    @Test func refused() {
        #expect(refusal("github", "{}")?.message.contains("X-GitHub-Event") == true)
        #expect(refusal("github", "{}", headers: ["x-github-event": "push"])?.path == "ref")
        #expect(refusal("github", "{}", headers: ["x-github-event": "pull_request"])?.path == "pull_request")
        #expect(refusal("github", #"{"ref": "r", "commits": [{"id": 7}]}"#, headers: ["x-github-event": "push"])?.path == "commits[0].id")
    }
}
