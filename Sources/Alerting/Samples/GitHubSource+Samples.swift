extension GitHubSource {
    var samples: [SourceSample] {
        [
            sample("push", "push", Self.push),
            sample("pull-request", "pull_request", Self.pullRequest),
            sample("review", "pull_request_review", Self.review),
            sample("issue", "issues", Self.issue),
            sample("comment", "issue_comment", Self.comment),
            sample("release", "release", Self.release),
            sample("workflow-failure", "workflow_run", Self.run("failure")),
            sample("workflow-success", "workflow_run", Self.run("success")),
            sample("check-suite", "check_suite", Self.suite),
            sample("star", "star", Self.star),
            sample("ping", "ping", Self.ping),
        ]
    }

    private func sample(_ name: String, _ event: String, _ body: String) -> SourceSample {
        let id = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
        return SourceSample(name, headers: ["x-github-event": event, "x-github-delivery": id], body: body)
    }

    private static let place =
        #""repository": {"full_name": "ada/engine", "html_url": "https://github.com/ada/engine", "stargazers_count": 42}, "sender": {"login": "ada"}"#

    private static let push = #"""
        {
          "ref": "refs/heads/main", "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "after": "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c",
          "created": false, "deleted": false, "forced": false, "compare": "https://github.com/ada/engine/compare/6113728f27ae...0d1a26e67d8f",
          "commits": [
            {"id": "b6568db1bc1dcd7f8b4d5a946b0b91f9dacd7327", "message": "Carry the ones\n\nThe mill forgot them.", "author": {"name": "Ada", "email": "ada@example.org"}},
            {"id": "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c", "message": "Note G", "author": {"name": "Charles"}}
          ],
          "pusher": {"name": "ada"}, PLACE
        }
        """#.replacing("PLACE", with: place)

    private static let pullRequest = #"""
        {
          "action": "opened", "number": 12,
          "pull_request": {
            "number": 12, "title": "Loop until it converges", "body": "It stopped one step early.\r\n\r\nFixes #7.", "merged": false,
            "html_url": "https://github.com/ada/engine/pull/12", "head": {"ref": "loop"}, "base": {"ref": "main"}
          }, PLACE
        }
        """#.replacing("PLACE", with: place)

    private static let review = #"""
        {
          "action": "submitted", "review": {"state": "approved", "body": "Good.", "html_url": "https://github.com/ada/engine/pull/12#pullrequestreview-1"},
          "pull_request": {"number": 12, "title": "Loop until it converges"}, PLACE
        }
        """#.replacing("PLACE", with: place)

    private static let issue = #"""
        {
          "action": "opened",
          "issue": {"number": 7, "title": "Stops one step early", "body": "See card 23.", "html_url": "https://github.com/ada/engine/issues/7"}, PLACE
        }
        """#.replacing("PLACE", with: place)

    private static let comment = #"""
        {
          "action": "created", "issue": {"number": 7, "title": "Stops one step early"},
          "comment": {"body": "I can see it, too.", "html_url": "https://github.com/ada/engine/issues/7#issuecomment-1"}, PLACE
        }
        """#.replacing("PLACE", with: place)

    private static let release = #"""
        {
          "action": "published",
          "release": {
            "tag_name": "v2.0", "name": "The second engine", "body": "- faster\n- quieter", "prerelease": false,
            "html_url": "https://github.com/ada/engine/releases/tag/v2.0"
          }, PLACE
        }
        """#.replacing("PLACE", with: place)

    private static func run(_ conclusion: String) -> String {
        #"""
        {
          "action": "completed",
          "workflow_run": {
            "name": "CI", "head_branch": "main", "status": "completed", "conclusion": "CONCLUSION", "run_number": 31,
            "html_url": "https://github.com/ada/engine/actions/runs/31", "head_commit": {"message": "Note G\n\nBernoulli numbers."}
          }, PLACE
        }
        """#.replacing("CONCLUSION", with: conclusion).replacing("PLACE", with: place)
    }

    private static let suite = #"""
        {
          "action": "completed",
          "check_suite": {"head_branch": "loop", "status": "completed", "conclusion": "timed_out", "app": {"name": "Other CI"}, "head_commit": {"message": "Loop"}},
          PLACE
        }
        """#.replacing("PLACE", with: place)

    private static let star = #"{"action": "created", "starred_at": "2026-11-21T18:14:00Z", PLACE}"#.replacing("PLACE", with: place)

    private static let ping = #"{"zen": "Keep it logically awesome.", "hook_id": 1, "hook": {"type": "Repository"}, PLACE}"#.replacing(
        "PLACE",
        with: place
    )
}
