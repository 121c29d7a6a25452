import Foundation
import Testing
import XML

extension Interop {
    /// Conversations with whole clients.
    @Suite(.scene()) struct ClientTests {
        @Test("go-sendxmpp asks and gets its answer", arguments: GoSendXMPP.KeyKind.allCases)
        func goSendXMPP(kind: GoSendXMPP.KeyKind) async throws {
            let scene = try Scene.current
            let other = try await GoSendXMPP(scene.rig.server.account("go"), server: scene.rig.server, key: kind)
            let listening = try await other.listen()
            for text in ["hello from go", "schöne Grüße, <&>"] {
                try await other.send(text, to: scene.bot)
                try await listening.line(containing: "[OX] \(scene.bot): \(text)")
            }
            #expect(!listening.lines.items.contains { $0.isError }, "\(listening.lines.items)")
        }

        @Test("oxbow send reaches go-sendxmpp", arguments: GoSendXMPP.KeyKind.allCases)
        func send(kind: GoSendXMPP.KeyKind) async throws {
            let scene = try Scene.current
            let other = try await GoSendXMPP(scene.rig.server.account("go"), server: scene.rig.server, key: kind)
            let listening = try await other.listen()
            let sent = try await scene.daemon.oxbow.command("send", "--from", scene.bot, "--to", other.jid, input: "an alert")
            #expect(sent.code == 0, "\(sent.out)\(sent.err)")
            try await listening.line(containing: "[OX] \(scene.bot): an alert")
        }

        @Test("Profanity asks and gets its answer; its key is readable only by subscription (R15)")
        func profanity() async throws {
            let scene = try Scene.current
            let profanity = try await Profanity(scene.rig.server.account("prof"), server: scene.rig.server)
            try await profanity.befriend(scene.bot)
            let reader = try await scene.rig.peer("reader")
            try await profanity.meet(scene.bot, key: try await reader.learnKey(of: scene.bot))
            let mark = profanity.mark
            // What is typed is on the screen once, what is answered a second time.
            let text = "word-\(Wire.id().prefix(8))"
            try await profanity.type(text, answer: text)
            try await profanity.showsAnswer(text, of: scene.bot, from: mark)

            let sent = try await scene.daemon.oxbow.command("send", "--from", scene.bot, "--to", profanity.jid, input: "alert-\(text)")
            #expect(sent.code == 0, "\(sent.out)\(sent.err)")
            try await profanity.shows("alert-\(text)", from: mark)
        }

        @Test("No message with a body has left without encryption (S14)")
        func noPlaintext() async throws {
            let scene = try Scene.current
            let alice = try await scene.acquaintance()
            _ = try await alice.ask("one more")
            let sent = try scene.rig.server.seen(scene.bot).filter { $0.isInbound && $0.xml.hasPrefix("<message") }
            #expect(!sent.isEmpty)
            for stanza in sent {
                let message = try Document.parse(Array(stanza.xml.utf8), limits: ParserLimits())
                guard message["type"] != "error", let body = message.first("body", message.namespace) else { continue }
                #expect(message.first("openpgp", Wire.namespace) != nil, "\(stanza.xml)")
                #expect(!body.text.contains("one more") && !body.text.contains("hello"))
                #expect(message.first("store", "urn:xmpp:hints") != nil)
                #expect(message.first("encryption", "urn:xmpp:eme:0")?["namespace"] == Wire.namespace)
            }
        }
    }
}
