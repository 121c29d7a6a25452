import Testing
import XML

extension Alerting.Busy {
    /// More than anybody sends by hand, while the outbox drains.
    @Suite struct AlertLoadTests {
        @Test("hey and others send hundreds of requests at once: each that was answered with 2xx arrives exactly once")
        func load() async throws {
            let scene = try await AlertScene()
            let (ada, bob) = (try await scene.reader("ada"), try await scene.reader("bob"))
            var settings = AlertScene.Settings(people: ["ada": ada.jid, "bob": bob.jid])
            settings.routes["hey"] = "{source: text, to: bob, fold: {messages: 10000}}"
            settings.routes["alerts"] = "{source: alertmanager, to: ada, fold: {messages: 10000}}"
            let daemon = try await scene.begin(settings)
            let (start, mark) = (ada.peer.mark, bob.peer.mark)

            async let hey = Leash.run(
                [
                    "hey", "-n", "200", "-c", "10", "-m", "POST", "-T", "text/plain", "-H", "Authorization: Bearer \(scene.tokens.hooks)",
                    "-d", "the same each time", scene.url("/hooks/hey"),
                ],
                within: .seconds(120)
            )
            async let flood = scene.web.flood(
                150,
                "/hooks/alerts",
                port: scene.port,
                headers: [("Authorization", "Bearer \(scene.tokens.hooks)"), ("Content-Type", "application/json")],
                body: Payload.alertmanager("NUMBER", [("db-1", "firing")]),
                prefix: "Load-"
            )
            let (report, sent) = (try await hey, try await flood)
            // What can't be taken at once is refused so that it is sent again (503, 429); nothing else.
            #expect(sent.unknown.isEmpty && Set(sent.codes.keys).isSubset(of: ["200", "202", "429", "503"]), "\(sent.codes)")
            let codes = report.out.matches(of: /\[(\d+)\]\s+(\d+) responses/).map { (Int($0.1) ?? 0, Int($0.2) ?? 0) }
            #expect(codes.map(\.1).reduce(0, +) == 200 && codes.allSatisfy { [200, 202, 429, 503].contains($0.0) }, "\(report.out)")
            let accepted = codes.filter { 200..<300 ~= $0.0 }.map(\.1).reduce(0, +)
            #expect(accepted > 0 && !sent.accepted.isEmpty)

            try await scene.outboxIsEmpty()
            // A mark behind the last one: the server keeps the order of what it gets.
            for (reader, from) in [(ada, start), (bob, mark)] {
                let done = try await scene.oxbow.command("send", "--from", scene.jid, "--to", reader.jid, input: "that is all")
                #expect(done.code == 0, "\(done.err)")
                _ = try await reader.peer.told("that is all", by: scene.jid, from: from)
            }
            let told = try await ada.peer.everything(by: scene.jid, from: start).dropLast()
            var ids: [String: Set<String>] = [:]
            for item in told {
                let name = item.text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("Load-") }.map(String.init)
                ids[name ?? item.text, default: []].insert(item.id)
            }
            #expect(Set(ids.keys) == Set(sent.accepted))
            #expect(ids.values.allSatisfy { $0.count == 1 })
            let same = bob.peer.stanzas(from: mark).filter { $0.first("openpgp", Wire.namespace) != nil }.compactMap { $0["id"] }
            #expect(Set(same).count == accepted + 1 && same.count == accepted + 1)
            #expect(try await daemon.terminate().code == 0)
        }
    }
}
