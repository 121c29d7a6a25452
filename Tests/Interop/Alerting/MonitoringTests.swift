import Foundation
import Testing

extension Alerting.Busy {
    /// What Prometheus is given: by its own tool.
    @Suite struct MonitoringTests {
        @Test("promtool finds nothing wrong with /metrics; health is told to those who ask without a word more")
        func metrics() async throws {
            let scene = try await AlertScene()
            let ada = try await scene.reader("ada")
            let daemon = try await scene.begin(.alertmanager(to: ["ada": ada.jid]))
            #expect(200..<300 ~= (try await scene.post("/hooks/alerts", Payload.alertmanager("Down", [("db-1", "firing")])).status))
            _ = try await ada.peer.told("Down", by: scene.jid, from: 0)
            try await scene.outboxIsEmpty()
            _ = try await scene.post("/hooks/alerts", "{", token: "wrong-wrong-wrong-wrong")

            let page = try await scene.metrics()
            let checked = try await Leash.run(["promtool", "check", "metrics"], input: page)
            #expect(checked.code == 0 && checked.lines.isEmpty, "\(checked.out)\(checked.err)")
            #expect(page.contains("oxbow_account_connected{account=\"\(scene.jid)\"} 1"), "\(page)")
            #expect(page.firstMatch(of: /oxbow_outbox_messages\{[^}]*\} 0/) != nil)
            for secret in scene.tokens.all + [ada.jid, "Down", "db-1"] { #expect(!page.contains(secret), "\(secret) is in the metrics") }

            #expect(try await scene.get("/live").status == 200)
            #expect(try await scene.get("/ready").status == 200)
            #expect(try await scene.get("/metrics").status != 200, "metrics have a listener of their own")
            try await scene.rig.server.stop()
            try await daemon.logged("offline")
            #expect(try await scene.get("/live").status == 200)
            // What strangers are told is up to a second old.
            var ready = try await scene.get("/ready").status
            for _ in 0..<10_000 where ready == 200 { ready = try await scene.get("/ready").status }
            #expect(ready == 503)
            try await scene.rig.server.start()
            #expect(try await daemon.terminate().code == 0)
        }

        @Test("promtool: the shipped rules are right, and fire when they shall")
        func rules() async throws {
            let folder = Place.root + "/packaging/monitoring"
            let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
            let tests = files.filter { $0.contains("test") }
            let rules = files.filter { !$0.contains("test") }
            #expect(!rules.isEmpty && !tests.isEmpty, "\(files)")
            for (what, names) in [("check", rules), ("test", tests)] {
                let end = try await Leash.run(["promtool", what, "rules"] + names, folder: folder)
                #expect(end.code == 0, "\(end.out)\(end.err)")
            }
        }
    }
}
