import Testing

extension Alerting.Waiting {
    /// What happens when nobody does anything.
    @Suite struct AlertClockTests {
        @Test("Escalation: who acknowledges nothing is passed by, in order; an acknowledgement stops it, and is told to all")
        func escalation() async throws {
            let scene = try await AlertScene()
            let (ada, bob, carol) = (try await scene.reader("ada"), try await scene.reader("bob"), try await scene.reader("carol"))
            var settings = AlertScene.Settings.alertmanager(to: ["ada": ada.jid, "bob": bob.jid, "carol": carol.jid])
            settings.groups["oncall"] = "{members: [ada, bob], notify: in-order}"
            settings.routes["alerts"] = "{source: alertmanager, to: oncall, escalate: {after: 10s, to: [carol]}}"
            settings.keys = [bob.jid: bob.key]
            let daemon = try await scene.begin(settings)
            let helper = try await bob.correspondent()
            for name in ["Seen", "Unseen"] {
                let answer = try await scene.post("/hooks/alerts", Payload.alertmanager(name, [("db-1", "firing")]))
                #expect(200..<300 ~= answer.status, "\(answer)")
            }
            let seen = try await ada.peer.told("#1 FIRING", by: scene.jid, from: 0)
            _ = try await ada.peer.told("#2 FIRING", by: scene.jid, from: seen.next)
            let second = try await bob.peer.told("#1 (escalated to bob: not acknowledged for 10s)", by: scene.jid, from: 0)
            try await helper.say("ack 1")
            let heard = try await ada.peer.told("#1 acknowledged by bob", by: scene.jid, from: seen.next)
            #expect(seen.thread == second.thread && heard.thread == seen.thread)
            let third = try await carol.peer.told("#2 (escalated to carol: not acknowledged for 10s)", by: scene.jid, from: 0)
            // Then there is nobody else, which those who were told hear; and of #1 carol has heard nothing.
            let end = try await carol.peer.told(
                "#2 nobody has acknowledged it, and there is nobody else to tell",
                by: scene.jid,
                from: third.next
            )
            _ = try await ada.peer.told("there is nobody else to tell", by: scene.jid, from: heard.next)
            #expect(end.thread == third.thread)
            for item in try await carol.peer.everything(by: scene.jid, from: 0) { #expect(item.text.hasPrefix("#2 "), "\(item.text)") }
            #expect(try await daemon.terminate().code == 0)
        }

        @Test("A Watchdog that stays away is an alert, resolved when it is back; and somebody else is told that Oxbow lives")
        func heartbeat() async throws {
            let scene = try await AlertScene()
            let ada = try await scene.reader("ada")
            let (elsewhere, port) = try await pings(scene.web)
            var settings = AlertScene.Settings.alertmanager(to: ["ada": ada.jid])
            settings.heartbeats["prometheus"] = "{route: alerts, match: {alertname: Watchdog}, within: 10s}"
            settings.alerts = ["heartbeats_out: [{url: \"http://127.0.0.1:\(port)/ping/sekrit\", every: 10s}]"]
            let daemon = try await scene.begin(settings)
            let watchdog = Payload.alertmanager("Watchdog", [("prometheus", "firing")])
            let answer = try await scene.post("/hooks/alerts", watchdog)
            #expect(200..<300 ~= answer.status, "\(answer)")
            let missing = try await ada.peer.told("critical: heartbeat prometheus is missing for 10s", by: scene.jid, from: 0)
            #expect(200..<300 ~= (try await scene.post("/hooks/alerts", watchdog).status))
            let back = try await ada.peer.told("RESOLVED: heartbeat prometheus is back", by: scene.jid, from: missing.next)
            #expect(back.thread == missing.thread)
            // The heartbeat itself is never told.
            #expect(try await ada.peer.everything(by: scene.jid, from: 0).allSatisfy { !$0.text.contains("Watchdog") })
            try await elsewhere.line(containing: "GET /ping/sekrit")
            #expect(!daemon.leash.lines.items.contains { $0.text.contains("sekrit") })
            #expect(try await daemon.terminate().code == 0)
        }

        /// Something that hears heartbeats.
        private func pings(_ web: Web) async throws -> (Leash, Int) {
            let port = try await web.ports(1)[0]
            let program = """
                import http.server, sys
                class Hook(http.server.BaseHTTPRequestHandler):
                    def do_GET(self):
                        print("GET", self.path, flush=True)
                        self.send_response(200)
                        self.send_header("Content-Length", "0")
                        self.end_headers()
                    def log_message(self, *_): pass
                server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Hook)
                print("ready", flush=True)
                server.serve_forever()
                """
            let leash = try await Leash(["python3", "-uc", program, "\(port)"])
            Cleanup.after { await leash.stop() }
            try await leash.line(containing: "ready")
            return (leash, port)
        }

        @Test("Slow lines: heads and bodies a byte at a time, and lines that say nothing, keep nobody else out, and are closed")
        func slow() async throws {
            let scene = try await AlertScene()
            let ada = try await scene.reader("ada")
            var settings = AlertScene.Settings(people: ["ada": ada.jid])
            settings.routes["notes"] = "{source: text, to: ada}"
            let daemon = try await scene.begin(settings)
            let head = "POST /hooks/notes HTTP/1.1\r\nHost: x\r\n"
            let login = "Authorization: Bearer \(scene.tokens.hooks)\r\nContent-Length: 1000\r\n\r\n"
            try await scene.web.loris(40, port: scene.port, head: head, drip: "X-Slow: a\r\n")
            try await scene.web.loris(40, port: scene.port, head: head + login, drip: "slow ")
            let start = ada.peer.mark
            for number in 0..<3 {
                #expect(200..<300 ~= (try await scene.post("/hooks/notes", "quick-\(number)", type: "text/plain").status))
                _ = try await ada.peer.told("quick-\(number)", by: scene.jid, from: start)
            }
            try await scene.web.dropped(80)
            #expect(200..<300 ~= (try await scene.post("/hooks/notes", "quick-3", type: "text/plain").status))
            _ = try await ada.peer.told("quick-3", by: scene.jid, from: start)
            #expect(try await ada.peer.everything(by: scene.jid, from: start).count == 4)
            #expect(try await daemon.terminate().code == 0)
        }
    }
}
