import Alerting
import Testing

@Suite struct HealthchecksSourceTests {
    @Test func downAndUp() throws {
        let (down, up) = (try intake("healthchecks", sample: "down"), try intake("healthchecks", sample: "up"))
        #expect(down.status == .firing)
        #expect(up.status == .resolved)
        #expect(down.groupKey == up.groupKey)
        #expect(
            try message("healthchecks", down) == """
                FIRING error: Backup of db-1 is down
                pg_dump to the vault
                last ping: 2026-11-20 02:00 UTC
                tags: db nightly
                """
        )
        #expect(try message("healthchecks", up).contains("\nbackup: 3 files \"changed\"\n"))
    }

    @Test func theJSONAlone() throws {
        let made = try intake("healthchecks", sample: "json-alone")
        #expect(made.title == "Backup of db-1 is down")
        #expect(made.groupKey == "check:8d6f5b2f5a31")
    }

    @Test func refused() throws {
        #expect(refusal("healthchecks", "{}")?.path == "status")
        #expect(refusal("healthchecks", #"{"status": "sideways"}"#)?.code == .unsupported)
        #expect(try read("healthchecks", #"{"status": "paused"}"#) == .nothing("a check that is 'paused' isn't told"))
    }
}
