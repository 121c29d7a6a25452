import Testing

extension Alerting.Busy {
    /// From Debian's Alertmanager to clients that are not ours, and back.
    @Suite struct AlertClientTests {
        @Test("Alertmanager fires, groups and resolves: go-sendxmpp and Profanity read it, and all of one group is in one thread")
        func fire() async throws {
            let scene = try await AlertScene()
            let go = try await GoSendXMPP(scene.rig.server.account("go"), server: scene.rig.server, key: .x25519)
            let profanity = try await Profanity(scene.rig.server.account("prof"), server: scene.rig.server)
            let carol = try await scene.reader("carol")
            let daemon = try await scene.begin(.alertmanager(to: ["ada": go.jid, "bob": profanity.jid, "carol": carol.jid]))
            let manager = try await Alertmanager(to: scene.hook())
            try await profanity.befriend(scene.jid)
            try await profanity.meet(scene.jid, key: try await carol.peer.learnKey(of: scene.jid))
            let (screen, mark, start) = (try await go.listen(), profanity.mark, carol.peer.mark)

            // Three alerts, one message.
            let name = "DiskFull\(Wire.id().prefix(6))"
            let labels = ["db-1", "db-2", "db-3"].map { ["alertname": name, "severity": "critical", "instance": $0] }
            try await manager.fire(labels[0], labels[1], labels[2], annotations: ["summary": "no room on /var"])
            try await screen.line(containing: "[OX] \(scene.jid): #1 FIRING critical: \(name), 3 alerts")
            try await profanity.showsAnswer(name, of: scene.jid, from: mark)
            let fired = try await carol.peer.told("#1 FIRING critical: \(name), 3 alerts", by: scene.jid, from: start)
            for instance in ["db-1", "db-2", "db-3"] { #expect(fired.text.contains("instance=\(instance)"), "\(fired.text)") }

            // One of them is over, then all.
            try await manager.resolve(labels[0])
            let fewer = try await carol.peer.told("2 firing, 1 resolved", by: scene.jid, from: fired.next)
            try await manager.resolve(labels[1], labels[2])
            try await screen.line(containing: "[OX] \(scene.jid): #1 RESOLVED: \(name), 2 alerts")
            try await profanity.showsAnswer("RESOLVED", of: scene.jid, from: mark)
            let resolved = try await carol.peer.told("#1 RESOLVED", by: scene.jid, from: fewer.next)
            #expect(fired.thread != nil && fired.thread == fewer.thread && fired.thread == resolved.thread)
            #expect(fired.signer == (try await carol.peer.learnKey(of: scene.jid)))

            // What fires again later is another conversation.
            try await manager.fire(labels[0], annotations: ["summary": "no room on /var"])
            let again = try await carol.peer.told("#2 FIRING", by: scene.jid, from: resolved.next)
            #expect(again.thread != fired.thread)
            try await screen.line(containing: "[OX] \(scene.jid): #2 FIRING critical: \(name): no room on /var")
            #expect(try await carol.peer.everything(by: scene.jid, from: start).count == 4)
            #expect(!screen.lines.items.contains { $0.isError }, "\(screen.lines.items)")
            try await alertsStaySecret([name, "no room on /var"], scene, daemon)
            #expect(try await daemon.terminate().code == 0)
        }

        /// Neither the server nor the log has a word of an alert, and nobody has a token.
        private func alertsStaySecret(_ words: [String], _ scene: AlertScene, _ daemon: Daemon) async throws {
            let records = try scene.rig.server.records()
            let log = daemon.leash.lines.items.map(\.text).joined(separator: "\n")
            let metrics = try await scene.metrics()
            for word in words + scene.tokens.all {
                #expect(!Leaks.contains(word, records), "the server has '\(word)'")
                #expect(!Leaks.contains(word, log), "the log has '\(word)'")
                #expect(!Leaks.contains(word, metrics), "the metrics have '\(word)'")
            }
            #expect(log.contains(scene.jid), "a log with nothing in it proves nothing")
        }

        @Test("People answer in chat: list, show, ack, silence and unsilence, which amtool sees; the others hear of it")
        func chat() async throws {
            let scene = try await AlertScene(hears: #"["*@localhost"]"#)
            let go = try await GoSendXMPP(scene.rig.server.account("go"), server: scene.rig.server, key: .x25519)
            let (bob, stranger) = (try await scene.reader("bob"), try await scene.reader("eve"))
            let manager = try await Alertmanager(to: scene.hook())
            var settings = AlertScene.Settings.alertmanager(to: ["ada": go.jid, "bob": bob.jid], at: manager.url)
            settings.keys = [go.jid: try await bob.peer.learnKey(of: go.jid), bob.jid: bob.key, stranger.jid: stranger.key]
            let daemon = try await scene.begin(settings)
            let (screen, start) = (try await go.listen(), bob.peer.mark)
            func says(_ words: String, _ answer: String) async throws {
                let from = screen.lines.count
                try await go.send(words, to: scene.jid)
                try await screen.lines.first(from: from, "'\(answer)' for '\(words)'") { $0.text.contains(answer) }
            }

            try await manager.fire(["alertname": "DiskFull", "severity": "critical", "instance": "db-1"])
            try await manager.fire(["alertname": "HostDown", "severity": "warning", "instance": "web-1"])
            for name in ["DiskFull", "HostDown"] { try await screen.line(containing: name) }
            let number = try #require(
                try await bob.peer.told("DiskFull", by: scene.jid, from: start).number
            )
            try await says("list", "#\(number) critical: DiskFull")
            try await says("show \(number)", "instance=db-1")
            try await says("ack \(number) on my way", "#\(number) acknowledged.")
            let acked = try await bob.peer.told("acknowledged by ada: on my way", by: scene.jid, from: start)

            try await says("silence \(number) 2h new disk", "#\(number) silenced for 2h, id ")
            let silenced = try await bob.peer.told("silenced for 2h by ada: new disk", by: scene.jid, from: acked.next)
            #expect(silenced.thread == acked.thread)
            let silence = try #require(try await manager.silences().first)
            #expect(silence["createdBy"]?.string == "ada")
            #expect(silence["comment"]?.string?.hasPrefix("new disk") == true)
            let matchers = silence["matchers"]?.array ?? []
            #expect(matchers.allSatisfy { $0["isEqual"] != .bool(false) && $0["isRegex"] == .bool(false) })
            let pairs = matchers.map { "\($0["name"]?.string ?? "")=\($0["value"]?.string ?? "")" }
            #expect(Set(pairs) == ["alertname=DiskFull", "instance=db-1", "severity=critical"])
            #expect(try await manager.amtool("alert", "query", "--active").contains("HostDown"))
            #expect(!(try await manager.amtool("alert", "query", "--active").contains("DiskFull")))

            // The operator sees it too, without a word of what was told.
            let status = try await daemon.oxbow.command("status").out
            #expect(status.contains("alerts  2 open, 1 unacknowledged"), "\(status)")
            #expect(status.contains("silenced  #\(number) of \(scene.jid) by ada until "), "\(status)")
            #expect(!status.contains("DiskFull") && !status.contains("new disk"))

            try await says("unsilence \(number)", "is ended.")
            _ = try await bob.peer.told("silence ended by ada", by: scene.jid, from: silenced.next)
            #expect(try await manager.silences().isEmpty)
            try await says("who", "alerts: ada, bob")
            try await says("silense \(number)", "Did you mean \"silence\"?")

            // Who isn't named by `allow` changes nothing.
            let eve = try await stranger.correspondent()
            let from = eve.peer.mark
            try await eve.say("unack \(number)")
            _ = try await eve.peer.told("I take commands only from those", by: scene.jid, from: from)
            try await says("show \(number)", "acknowledged by ada")
            #expect(try await daemon.terminate().code == 0)
        }
    }
}
