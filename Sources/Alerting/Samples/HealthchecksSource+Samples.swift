extension HealthchecksSource {
    var samples: [SourceSample] {
        [
            SourceSample("down", body: Self.body("down", at: "2026-11-21T18:13:00+00:00", body: "\"\"")),
            SourceSample("up", body: Self.body("up", at: "2026-11-21T18:13:30+00:00", body: #""backup: 3 files \"changed\"""#)),
            SourceSample("json-alone", body: Self.check("down")),
        ]
    }

    private static func body(_ status: String, at now: String, body: String) -> String {
        #"{"status": "\#(status)", "now": "\#(now)", "code": "397f8e6e-6ab4-4bb0-8f1e-8d6f5b2f5a31", "check": \#(check(status)), "body": \#(body)}"#
    }

    private static func check(_ status: String) -> String {
        #"""
        {"name": "Backup of db-1", "slug": "backup-db-1", "tags": "db nightly", "desc": "pg_dump to the vault", "grace": 3600, "n_pings": 341, "status": "STATUS", "started": false, "last_ping": "2026-11-20T02:00:11+00:00", "next_ping": null, "manual_resume": false, "methods": "", "unique_key": "8d6f5b2f5a31", "timeout": 86400}
        """#.replacing("STATUS", with: status)
    }
}
