import Testing

extension Alerting.Busy {
    /// What goes wrong between an alert and a person: nothing that was accepted is lost, and what wasn't is sent again by who sent it.
    @Suite struct AlertRecoveryTests {
        @Test("R28: the XMPP server is away and Oxbow is killed meanwhile, twice: every alert arrives, each once")
        func kills() async throws {
            let scene = try await AlertScene(host: "archive.localhost")
            let (ada, bob) = (try await scene.reader("ada"), try await scene.reader("bob"))
            let settings = AlertScene.Settings.alertmanager(to: ["ada": ada.jid, "bob": bob.jid])
            let first = try await scene.begin(settings)
            let manager = try await Alertmanager(to: scene.hook())
            var names: [String] = []
            func fire(_ count: Int) async throws {
                for _ in 0..<count {
                    names.append("Alert\(names.count)-\(Wire.id().prefix(8))")
                    try await manager.fire(["alertname": names[names.count - 1], "severity": "warning"])
                }
            }
            /// Waits until Alertmanager has nothing left to tell.
            func told(_ count: Int) async throws {
                var (from, left) = (0, count)
                while left > 0 {
                    from =
                        try await manager.log.first(from: from, within: .seconds(90), "\(left) more requests that were answered with 2xx") {
                            $0.text.contains("Notify success")
                        }.index + 1
                    left -= 1
                }
            }

            // All is well; then the server goes, and what comes is kept.
            try await fire(2)
            _ = try await ada.peer.told(names[1], by: scene.jid, from: 0)
            for one in [ada, bob] { try await one.peer.logout() }
            try await scene.rig.server.stop()
            try await fire(4)
            try await told(names.count)
            try first.leash.signal("KILL")
            _ = try await first.leash.end()

            // Oxbow is away: Alertmanager tries again and again.
            let away = manager.log.count
            try await fire(4)
            _ = try await manager.log.first(from: away, "a request that nobody takes") { $0.text.contains("connection refused") }
            let second = try await scene.run()
            try await told(names.count)
            // Killed with requests under way: what it has accepted without saying so is told again, and known by that (R28).
            try await fire(6)
            _ = try await manager.log.first(from: 0, "one more") { $0.text.contains("Notify success") }
            try second.leash.signal("KILL")
            _ = try await second.leash.end()
            try await fire(2)

            try await scene.rig.server.start()
            let third = try await scene.run()
            try await told(names.count)
            try await scene.outboxIsEmpty()
            for one in [ada, bob] {
                try await one.peer.login(scene.rig.server)
                let archive = try await one.peer.archive(from: scene.jid)
                var told: [String: Set<String>] = [:]
                for message in archive {
                    let text = try await one.peer.open(message)
                    let name = try #require(names.first { text.contains($0) }, "\(text)")
                    told[name, default: []].insert(message.id)
                }
                #expect(Set(told.keys) == Set(names), "lost: \(names.filter { told[$0] == nil })")
                #expect(told.values.allSatisfy { $0.count == 1 }, "told twice: \(told.filter { $0.value.count > 1 })")
            }
            #expect(try await third.terminate().code == 0)
        }

        @Test("A full disk: 503, so that Alertmanager tries again; when there is room, it arrives once")
        func full() async throws {
            let scene = try await AlertScene(capacity: 24 << 10)
            let ada = try await scene.reader("ada")
            let nobody = try await scene.rig.server.account("keyless")
            var settings = AlertScene.Settings.alertmanager(to: ["ada": ada.jid])
            // Nobody's key is known: what the store still has room for waits there, and keeps nobody busy.
            settings.routes["bulk"] = "{source: text, to: \(nobody), fold: {messages: 10000}}"
            let daemon = try await scene.begin(settings)
            let manager = try await Alertmanager(to: scene.hook())
            let start = ada.peer.mark

            try await scene.fill()
            let flood = try await scene.web.flood(
                400,
                "/hooks/bulk",
                port: scene.port,
                headers: [("Authorization", "Bearer \(scene.tokens.hooks)")],
                body: "NUMBER " + String(repeating: "x", count: 3900),
                prefix: "bulk-"
            )
            #expect(flood.codes["503"] ?? 0 > 0 && Set(flood.codes.keys).isSubset(of: ["200", "202", "503"]), "\(flood.codes)")
            try await manager.fire(["alertname": "DuringTheFlood", "severity": "critical"])
            _ = try await manager.log.first("an answer that lets it try again") { $0.text.contains("503") }
            #expect(try await ada.peer.everything(by: scene.jid, from: start).isEmpty)
            try await scene.empty()
            let told = try await ada.peer.told("DuringTheFlood", by: scene.jid, from: start)
            try await manager.fire(["alertname": "Afterwards"])
            _ = try await ada.peer.told("Afterwards", by: scene.jid, from: told.next)
            #expect(try await ada.peer.everything(by: scene.jid, from: start).count == 2)
            #expect(try await daemon.terminate().code == 0)
        }
    }
}
