import Alerting
import Testing

@Suite struct GitLabSourceTests {
    @Test func push() throws {
        #expect(
            try message("gitlab", intake("gitlab", sample: "push")) == """
                ops/tools: Ben pushed 4 commits to main
                - b6568db1 Rotate logs (Ben)
                - da156088 Keep a week of them (Ben)
                and 2 more
                https://gitlab.example.org/ops/tools/-/compare/95790bf891e76fee5e1747ab589903a6a1f80f22...da1560886d4f094c3e6c9ef40349f7d38b5d27d7
                """
        )
        #expect(try intake("gitlab", sample: "tag").title == "ops/tools: Ben pushed tag v1.4")
        let deleted = #"{"object_kind": "push", "ref": "refs/heads/old", "after": "0000000000000000000000000000000000000000"}"#
        #expect(try read("gitlab", deleted) == .nothing("'old' was deleted"))
    }

    @Test func mergeRequests() throws {
        let opened = try intake("gitlab", sample: "merge-request")
        #expect(opened.title == "ops/tools: Ben opened merge request !9: Compress old logs")
        #expect(try intake("gitlab", sample: "note").groupKey == opened.groupKey)
        let updated = try sample("merge-request", of: "gitlab").body.replacing("\"open\"", with: "\"update\"")
        #expect(try read("gitlab", updated) == .nothing("'update' of a merge request isn't told"))
    }

    @Test func pipelines() throws {
        let red = try intake("gitlab", sample: "pipeline-failed")
        let green = try intake("gitlab", sample: "pipeline-success")
        #expect(red.groupKey == green.groupKey)
        #expect(green.onlyWhenOpen)
        #expect(
            try message("gitlab", red) == """
                FIRING error: ops/tools: pipeline #310 failed on main after 3m
                Keep a week of them
                - test: failed
                https://gitlab.example.org/ops/tools/-/pipelines/310
                """
        )
        let running = try sample("pipeline-failed", of: "gitlab").body.replacing("\"failed\"", with: "\"running\"")
        #expect(try read("gitlab", running) == .nothing("a pipeline that is 'running' isn't told"))
    }

    @Test func jobs() throws {
        #expect(
            try message("gitlab", intake("gitlab", sample: "job-failed")).hasPrefix(
                "FIRING error: ops/tools: job test failed on main\nscript failure\n"
            )
        )
        let allowed = try sample("job-failed", of: "gitlab").body.replacing(
            "\"build_allow_failure\": false",
            with: "\"build_allow_failure\": true"
        )
        #expect(try read("gitlab", allowed) == .nothing("a job that may fail isn't told"))
    }

    @Test func theRest() throws {
        #expect(try intake("gitlab", sample: "issue").title == "ops/tools: Ben closed issue #23: Disk fills up")
        #expect(try read("gitlab", #"{"object_kind": "wiki_page"}"#) == .nothing("the event 'wiki_page' isn't told"))
        #expect(try read("gitlab", "{}", headers: ["x-gitlab-event": "System Hook"]) == .nothing("an event without object_kind isn't told"))
        #expect(refusal("gitlab", "{}")?.path == "object_kind")
        #expect(refusal("gitlab", #"{"object_kind": "pipeline"}"#)?.path == "object_attributes")
    }
}
