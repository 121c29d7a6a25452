extension GitLabSource {
    var samples: [SourceSample] {
        [
            sample("push", "Push Hook", Self.push),
            sample("tag", "Tag Push Hook", Self.tag),
            sample("merge-request", "Merge Request Hook", Self.mergeRequest),
            sample("issue", "Issue Hook", Self.issue),
            sample("note", "Note Hook", Self.note),
            sample("pipeline-failed", "Pipeline Hook", Self.pipeline("failed")),
            sample("pipeline-success", "Pipeline Hook", Self.pipeline("success")),
            sample("job-failed", "Job Hook", Self.job),
            sample("release", "Release Hook", Self.release),
        ]
    }

    private func sample(_ name: String, _ event: String, _ body: String) -> SourceSample {
        SourceSample(name, headers: ["x-gitlab-event": event, "idempotency-key": "f5e5f430-f57b-4e6e-9fac-d9128cd7232f"], body: body)
    }

    private static let place =
        #""project": {"path_with_namespace": "ops/tools", "web_url": "https://gitlab.example.org/ops/tools"}, "user": {"name": "Ben", "username": "ben"}"#

    private static let push = #"""
        {
          "object_kind": "push", "event_name": "push", "before": "95790bf891e76fee5e1747ab589903a6a1f80f22", "after": "da1560886d4f094c3e6c9ef40349f7d38b5d27d7",
          "ref": "refs/heads/main", "user_name": "Ben", "total_commits_count": 4,
          "commits": [
            {"id": "b6568db1bc1dcd7f8b4d5a946b0b91f9dacd7327", "message": "Rotate logs\n", "author": {"name": "Ben"}},
            {"id": "da1560886d4f094c3e6c9ef40349f7d38b5d27d7", "message": "Keep a week of them", "author": {"name": "Ben"}}
          ],
          "project": {"path_with_namespace": "ops/tools", "web_url": "https://gitlab.example.org/ops/tools"}
        }
        """#

    private static let tag = #"""
        {
          "object_kind": "tag_push", "before": "0000000000000000000000000000000000000000", "after": "82b3d5ae55f7080f1e6022629cdb57bfae7cccc7",
          "ref": "refs/tags/v1.4", "user_name": "Ben", "total_commits_count": 0, "commits": [],
          "project": {"path_with_namespace": "ops/tools", "web_url": "https://gitlab.example.org/ops/tools"}
        }
        """#

    private static let mergeRequest = #"""
        {
          "object_kind": "merge_request", PLACE,
          "object_attributes": {
            "iid": 9, "title": "Compress old logs", "description": "With zstd.", "action": "open", "state": "opened", "source_branch": "zstd",
            "target_branch": "main", "url": "https://gitlab.example.org/ops/tools/-/merge_requests/9"
          }
        }
        """#.replacing("PLACE", with: place)

    private static let issue = #"""
        {
          "object_kind": "issue", PLACE,
          "object_attributes": {"iid": 23, "title": "Disk fills up", "action": "close", "url": "https://gitlab.example.org/ops/tools/-/issues/23"}
        }
        """#.replacing("PLACE", with: place)

    private static let note = #"""
        {
          "object_kind": "note", PLACE,
          "object_attributes": {"note": "Looks good to me.", "noteable_type": "MergeRequest", "url": "https://gitlab.example.org/ops/tools/-/merge_requests/9#note_1"},
          "merge_request": {"iid": 9, "title": "Compress old logs"}
        }
        """#.replacing("PLACE", with: place)

    private static func pipeline(_ status: String) -> String {
        #"""
        {
          "object_kind": "pipeline", PLACE,
          "object_attributes": {"id": 310, "ref": "main", "status": "STATUS", "duration": 192, "url": "https://gitlab.example.org/ops/tools/-/pipelines/310"},
          "commit": {"message": "Keep a week of them\n"},
          "builds": [
            {"id": 1, "name": "lint", "stage": "check", "status": "failed", "allow_failure": true},
            {"id": 2, "name": "test", "stage": "check", "status": "STATUS", "allow_failure": false},
            {"id": 3, "name": "deploy", "stage": "deploy", "status": "skipped", "allow_failure": false}
          ]
        }
        """#.replacing("STATUS", with: status).replacing("PLACE", with: place)
    }

    private static let job = #"""
        {
          "object_kind": "build", "ref": "main", "build_id": 2, "build_name": "test", "build_stage": "check", "build_status": "failed",
          "build_failure_reason": "script_failure", "build_allow_failure": false, PLACE
        }
        """#.replacing("PLACE", with: place)

    private static let release = #"""
        {
          "object_kind": "release", "action": "create", "tag": "v1.4", "name": "Week of logs", "description": "Logs are kept for a week.",
          "url": "https://gitlab.example.org/ops/tools/-/releases/v1.4", PLACE
        }
        """#.replacing("PLACE", with: place)
}
