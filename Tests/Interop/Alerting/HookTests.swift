import Foundation
import Testing
import XML

extension Alerting.Busy {
    /// What else than an Alertmanager sends, by the commands that the documents show.
    @Suite struct HookTests {
        @Test("ntfy's curl works as it stands: title, priority, tags, a group that fires and resolves; with a bearer token or -u")
        func curl() async throws {
            let scene = try await AlertScene()
            let ada = try await scene.reader("ada")
            var settings = AlertScene.Settings(people: ["ada": ada.jid])
            settings.routes["notes"] = "{source: text, to: ada}"
            settings.credentials["ntfy"] = "{token: tk_\(scene.tokens.extra), may: [hooks/notes]}"
            let daemon = try await scene.begin(settings)
            let (url, start) = (scene.url("/hooks/notes"), ada.peer.mark)
            let token = "tk_" + scene.tokens.extra

            let disk = try await scene.curl(
                "--fail-with-body",
                "-H",
                "Authorization: Bearer \(token)",
                "-H",
                "Title: Disk full",
                "-H",
                "Priority: urgent",
                "-H",
                "Tags: warning,disk",
                "-d",
                "98 % of /var on db-1",
                url
            )
            #expect(disk.code == 0, "\(disk.out)\(disk.err)")
            let first = try await ada.peer.told("critical: Disk full\n98 % of /var on db-1\ntags: warning,disk", by: scene.jid, from: start)
            let door = try await scene.curl(
                "--fail-with-body",
                "-u",
                ":\(token)",
                "-d",
                "The door is open",
                url + "?title=Door&group=door&status=firing"
            )
            #expect(door.code == 0, "\(door.out)\(door.err)")
            let opened = try await ada.peer.told("#1 FIRING: Door\nThe door is open", by: scene.jid, from: first.next)
            let closed = try await scene.curl(
                "--fail-with-body",
                "-u",
                ":\(token)",
                "-H",
                "X-Title: Door",
                "-H",
                "X-Group: door",
                "-H",
                "X-Status: resolved",
                "-d",
                "",
                url
            )
            #expect(closed.code == 0, "\(closed.out)\(closed.err)")
            let over = try await ada.peer.told("#1 RESOLVED: Door", by: scene.jid, from: opened.next)
            #expect(over.thread == opened.thread && first.thread != opened.thread)

            // The same text twice is two messages: without a key nothing says that it is a repeat.
            for _ in 0..<2 { #expect(try await scene.curl("--fail-with-body", "-u", ":\(token)", "-d", "ding", url).code == 0) }
            let ding = try await ada.peer.told("ding", by: scene.jid, from: over.next)
            _ = try await ada.peer.told("ding", by: scene.jid, from: ding.next)
            // With one it is.
            for _ in 0..<3 {
                let once = try await scene.curl("--fail-with-body", "-u", ":\(token)", "-H", "Idempotency-Key: k1", "-d", "dong", url)
                #expect(once.code == 0, "\(once.out)")
            }
            #expect(try await scene.curl("--fail-with-body", "-u", ":\(token)", "-d", "last", url).code == 0)
            _ = try await ada.peer.told("last", by: scene.jid, from: ding.next)
            let texts = try await ada.peer.everything(by: scene.jid, from: start).map(\.text)
            #expect(texts.filter { $0.contains("dong") }.count == 1)
            #expect(texts.filter { $0.contains("ding") }.count == 2)
            #expect(!daemon.leash.lines.items.contains { $0.text.contains(token) || $0.text.contains("Disk full") })
            #expect(try await daemon.terminate().code == 0)
        }

        @Test(
            "POST /api/send and GET /api/messages/ID: queued while nobody can be reached, `sent` at the end; a repeated key is one message"
        )
        func send() async throws {
            let scene = try await AlertScene()
            let ada = try await scene.reader("ada")
            let daemon = try await scene.begin(.alertmanager(to: ["ada": ada.jid]))
            let start = ada.peer.mark
            func send(_ body: JSON, key: String? = nil) async throws -> Web.Answer {
                try await scene.post(
                    "/api/send",
                    body.line,
                    token: scene.tokens.send,
                    headers: key.map { [("Idempotency-Key", $0)] } ?? []
                )
            }
            let body: JSON = ["to": .array([.string(ada.jid)]), "text": "backup done"]
            let answers = [try await send(body, key: "backup-1"), try await send(body, key: "backup-1")]
            #expect(answers.allSatisfy { 200..<300 ~= $0.status }, "\(answers)")
            let ids = answers.map { Self.ids($0) }
            #expect(ids[0].count == 1 && ids[0] == ids[1], "\(answers)")
            let told = try await ada.peer.told("backup done", by: scene.jid, from: start)
            #expect(told.id == ids[0].first)
            try await scene.outboxIsEmpty()
            let state = try await scene.get("/api/messages/\(told.id)", token: scene.tokens.send)
            #expect(state.status == 200 && state.body.contains("\"sent\""), "\(state)")
            #expect(!state.body.contains("backup done"))

            let end = try await send(["to": .array([.string(ada.jid)]), "text": "the end"])
            #expect(200..<300 ~= end.status, "\(end)")
            _ = try await ada.peer.told("the end", by: scene.jid, from: told.next)
            #expect(try await ada.peer.everything(by: scene.jid, from: start).filter { $0.text == "backup done" }.count == 1)

            // Rights are those of the credential.
            #expect(try await scene.get("/api/messages/\(told.id)").status == 401)
            #expect([403, 404].contains(try await scene.get("/api/messages/\(told.id)", token: scene.tokens.hooks).status))
            #expect(try await scene.get("/api/messages/no-such-id", token: scene.tokens.send).status == 404)
            #expect(try await daemon.terminate().code == 0)
        }

        /// The ids of messages in an answer, wherever they stand.
        private static func ids(_ answer: Web.Answer) -> [String] {
            func collect(_ json: JSON) -> [String] {
                switch json {
                case .object(let members):
                    members.sorted { $0.key < $1.key }.flatMap { key, value in
                        if ["id", "message"].contains(key), let id = value.string { return [id] }
                        return collect(value)
                    }
                case .array(let items): items.flatMap(collect)
                default: []
                }
            }
            return answer.json.map(collect) ?? []
        }

        @Test(
            "R29: counts of a group are corrected for a client that announces corrections, as long as it is the last message; for others they are new"
        )
        func corrections() async throws {
            let scene = try await AlertScene()
            let (ada, bob) = (try await scene.reader("ada"), try await scene.reader("bob"))
            let daemon = try await scene.begin(.alertmanager(to: ["ada": ada.jid, "bob": bob.jid]))
            try await ada.peer.logout()
            try await ada.peer.login(scene.rig.server, announcing: ["urn:xmpp:message-correct:0"])
            // The account has asked for their presence: now it sees who is there, and what their clients can do.
            for one in [ada, bob] { try await one.peer.send("<presence type='subscribed' to='\(scene.jid)'/>") }
            let (start, other) = (ada.peer.mark, bob.peer.mark)
            func group(_ firing: Int, of count: Int, _ status: String = "firing") -> String {
                Payload.alertmanager("Disk", (0..<count).map { ("db-\($0)", $0 < firing ? "firing" : "resolved") }, status: status)
            }
            // The features are asked for when presence has come; until they are known, what changes is a message of its own.
            var corrected: Told?
            var first = try await tell(scene, ada, group(30, of: 30), "FIRING", from: start)
            for firing in (10..<30).reversed() where corrected == nil {
                let update = try await tell(scene, ada, group(firing, of: 30), "\(firing) firing", from: first.next)
                #expect(update.thread == first.thread)
                if let replaced = update.replaces {
                    #expect(replaced == first.id, "it corrects the last message")
                    corrected = update
                } else {
                    first = update
                }
            }
            let last = try #require(corrected, "no correction in 20 updates")
            #expect(!last.text.contains("(update)"), "a corrected text stands alone: \(last.text)")
            // What somebody must notice is new.
            let over = try await tell(scene, ada, group(0, of: 30, "resolved"), "RESOLVED", from: last.next)
            #expect(over.replaces == nil && over.thread == last.thread)
            _ = try await bob.peer.told("RESOLVED", by: scene.jid, from: other)
            let stanzas = bob.peer.stanzas(from: other).filter { $0.local == "message" }
            for stanza in stanzas where stanza.first("openpgp", Wire.namespace) != nil {
                #expect(try await !bob.peer.open(stanza).content.serialized().contains("message-correct"))
            }
            #expect(try await daemon.terminate().code == 0)
        }

        private func tell(_ scene: AlertScene, _ reader: AlertScene.Reader, _ body: String, _ words: String, from: Int) async throws -> Told
        {
            let answer = try await scene.post("/hooks/alerts", body)
            #expect(200..<300 ~= answer.status, "\(answer)")
            return try await reader.peer.told(words, by: scene.jid, from: from)
        }

        @Test("SIGHUP: a new route and a new credential count at once, what is gone is gone, and a bad file changes nothing")
        func reload() async throws {
            let scene = try await AlertScene()
            let ada = try await scene.reader("ada")
            var settings = AlertScene.Settings.alertmanager(to: ["ada": ada.jid])
            let daemon = try await scene.begin(settings)
            let start = ada.peer.mark
            let token = "new-\(scene.tokens.extra)"
            #expect(try await scene.post("/hooks/notes", "hello", type: "text/plain").status == 404)

            settings.routes["notes"] = "{source: text, to: ada}"
            settings.credentials["new"] = "{token: \(token), may: [hooks/notes]}"
            settings.credentials["hooks"] = "{token: {file: secrets/hooks}, may: [hooks/alerts]}"
            try await scene.reload(settings, daemon)
            let answer = try await scene.post("/hooks/notes", "hello", token: token, type: "text/plain")
            #expect(200..<300 ~= answer.status, "\(answer)")
            let told = try await ada.peer.told("hello", by: scene.jid, from: start)
            #expect([403, 404].contains(try await scene.post("/hooks/notes", "no", type: "text/plain").status))
            #expect([403, 404].contains(try await scene.post("/hooks/alerts", "{}", token: token).status))

            // A bad file: everything stays.
            var bad = settings
            bad.routes["notes"] = "{source: txt, to: ada}"
            try scene.write(bad)
            try daemon.leash.signal("HUP")
            try await daemon.logged("alerts.routes.notes.source")
            #expect(200..<300 ~= (try await scene.post("/hooks/notes", "still", token: token, type: "text/plain").status))
            let still = try await ada.peer.told("still", by: scene.jid, from: told.next)

            settings.credentials["new"] = nil
            try await scene.reload(settings, daemon)
            #expect(try await scene.post("/hooks/notes", "gone", token: token, type: "text/plain").status == 401)
            let alert = try await scene.post("/hooks/alerts", Payload.alertmanager("AfterReload", [("db-1", "firing")]))
            #expect(200..<300 ~= alert.status, "\(alert)")
            _ = try await ada.peer.told("AfterReload", by: scene.jid, from: still.next)
            #expect(try await ada.peer.everything(by: scene.jid, from: start).count == 3)
            #expect(try await daemon.terminate().code == 0)
        }
    }
}
