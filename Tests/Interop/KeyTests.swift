import Foundation
import Testing
import XML

extension Interop {
    /// Peers' keys as they change, and what a server or a stranger may do to them.
    @Suite(.scene()) struct KeyTests {
        @Test("T11: a notification without payload is followed")
        func notificationWithoutPayload() async throws {
            let scene = try Scene.current
            let alice = try await scene.acquaintance()
            try await alice.befriend()
            let owner = "http://jabber.org/protocol/pubsub#owner"
            let answer = try await alice.peer.iq(
                "set",
                "<pubsub xmlns='\(owner)'><configure node='\(Wire.listNode)'><x xmlns='jabber:x:data' type='submit'>"
                    + "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#node_config</value></field>"
                    + "<field var='pubsub#deliver_payloads'><value>false</value></field>"
                    + "<field var='pubsub#access_model'><value>open</value></field></x></configure></pubsub>"
            )
            try #require(answer["type"] == "result", "\(answer.serialized())")
            let second = try await alice.peer.makeKey()
            try await alice.peer.publishKey(alice.peer.export(second), as: second)
            try await alice.peer.publishList(Peer.entry(alice.key) + Peer.entry(second))
            try await alice.ask(until: scene, knows: second)
        }

        @Test("T12: a key that only contacts may read counts once we are one (Profanity on Prosody)")
        func presenceOnly() async throws {
            let scene = try Scene.current
            let peer = try await scene.rig.peer("carol")
            let key = try await peer.makeKey()
            try await peer.publish(
                Wire.listNode + ":" + key,
                item: nil,
                "<pubkey xmlns='\(Wire.namespace)'><data>\(Data(peer.export(key)).base64EncodedString())</data></pubkey>",
                access: nil
            )
            try await peer.publish(
                Wire.listNode,
                item: nil,
                "<public-keys-list xmlns='\(Wire.namespace)'>\(Peer.entry(key))</public-keys-list>",
                access: nil
            )
            let carol = Correspondent(peer: peer, key: key, bot: scene.bot, botKey: try await peer.learnKey(of: scene.bot))
            let before = try await scene.counters()
            try await carol.say("too early")
            try await scene.until { $0.contains { $0.key.hasPrefix("refused.") && $0.value > before[$0.key] ?? 0 } }
            try await carol.befriend()
            let start = peer.mark
            #expect(try await carol.ask("now") == "now")
            #expect(carol.answers(from: start) == 1)
            let refused = Difference(from: before, to: try await scene.counters()).refused
            #expect(refused.values.reduce(0, +) == 1, "\(refused)")
        }

        @Test("T13: a User ID as a URI, percent-encoded", arguments: ["xmpp:%@", "raw"])
        func encodedUserID(form: String) async throws {
            let scene = try Scene.current
            // RFC 5122 escapes the percent sign; Gajim writes User IDs so, all others write the address as it stands.
            let jid = try await scene.rig.server.account("per%cent")
            let peer = Peer(jid, crafter: scene.rig.crafter)
            try await peer.login(scene.rig.server)
            let key = try await peer.makeKey(userID: "xmpp:" + (form == "raw" ? jid : jid.replacing("%", with: "%25")))
            try await peer.announce(key)
            let one = Correspondent(peer: peer, key: key, bot: scene.bot, botKey: try await peer.learnKey(of: scene.bot))
            #expect(try await one.ask("hello") == "hello")
        }

        @Test("A19: a key that the server adds is held: not encrypted to, and its signatures don't count")
        func addedKey() async throws {
            let scene = try Scene.current
            let alice = try await scene.acquaintance()
            try await alice.befriend()
            let added = try await alice.peer.makeKey()
            try await alice.peer.publishKey(alice.peer.export(added), as: added)
            try await alice.peer.publishList(Peer.entry(added, date: Wire.now(offset: 60)) + Peer.entry(alice.key))
            try await alice.ask(until: scene, knows: added)

            let before = try await scene.counters()
            try await alice.send(content: Wire.content(to: [alice.bot], body: "x"), signers: [added])
            let start = alice.peer.mark
            try await alice.say("honest")
            let bot = alice.bot
            let stanza = try await alice.peer.stanza(from: start, "an answer") {
                $0.local == "message" && $0["from"]?.hasPrefix(bot) == true && $0.first("openpgp", Wire.namespace) != nil
            }
            #expect(try await alice.peer.open(stanza).body == "honest")
            let recipients = try await alice.peer.recipients(of: stanza)
            #expect(recipients.contains(try await alice.peer.encryptionKeyID(of: alice.key)))
            #expect(!recipients.contains(try await alice.peer.encryptionKeyID(of: added)))
            let difference = Difference(from: before, to: try await scene.counters())
            #expect(difference.refused.values.reduce(0, +) == 1 && difference.events == 1, "\(difference.counted)")

            // The operator looks at it, and says yes.
            let trusted = try await scene.daemon.oxbow.command("keys", "trust", alice.jid, added, "--account", bot)
            #expect(trusted.code == 0, "\(trusted.err)")
            var renewed = alice
            renewed.key = added
            #expect(try await renewed.ask("with the new key") == "with the new key")
        }

        @Test("A12: a signature by a subkey that its certificate revokes doesn't count; one by its successor does")
        func revokedSubkey() async throws {
            let scene = try Scene.current
            let peer = try await scene.rig.peer("eve")
            let key = try await peer.makeKey(.separate)
            let eve = Correspondent(peer: peer, key: key, bot: scene.bot, botKey: try await peer.learnKey(of: scene.bot))
            try await eve.befriend()
            // Another copy of the key doesn't know of the revocation, and signs.
            let thief = Peer(peer.jid, crafter: scene.rig.crafter, name: peer.jid + " (copy)")
            try await thief.importKey(peer.gpgDone(["--export-secret-keys", key]).out)
            try await thief.importKey(peer.export(eve.botKey))
            let script = "key 1\nrevkey\ny\n0\n\ny\nsave\n"
            try await peer.gpgDone(["--no-batch", "--command-fd", "0", "--edit-key", key], input: Array(script.utf8))
            try await peer.announce(key)
            let before = try await scene.counters()
            try await eve.send(thief.openPGP(Wire.content(to: [eve.bot], body: "x"), signers: [key], to: [eve.botKey]))

            // A new date on the list says that the key has changed.
            try await peer.gpgDone(["--quick-add-key", key, "ed25519", "sign", "0"])
            try await peer.publishKey(peer.export(key), as: key)
            try await peer.publishList(Peer.entry(key, date: Wire.now(offset: 60)))
            #expect(try await eve.ask("honest") == "honest")
            let difference = Difference(from: before, to: try await scene.counters())
            #expect(difference.refused.values.reduce(0, +) == 1 && difference.events == 1, "\(difference.counted)")
        }

        @Test("A17: an emptied list, a deleted node: nothing leaves in the clear, and the pins stay", arguments: ["emptied", "deleted"])
        func noList(how: String) async throws {
            let scene = try Scene.current
            let alice = try await scene.acquaintance()
            try await alice.befriend()
            let keys = try await scene.keys(of: alice.jid)
            if how == "emptied" { try await alice.peer.publishList("") } else { try await alice.peer.deleteNode(Wire.listNode) }
            let before = try await scene.counters()
            try await alice.peer.send("<message to='\(alice.bot)' type='chat' id='\(Wire.id())'><body>hello?</body></message>")
            // The list comes back: the same key counts at once, and what was held back for it goes out.
            try await alice.peer.publishList(Peer.entry(alice.key))
            #expect(try await alice.ask("back again") == "back again")
            let difference = Difference(from: before, to: try await scene.counters())
            #expect(difference.refused == ["plaintext": 1], "\(difference.counted)")
            #expect(
                try await scene.keys(of: alice.jid)["peers"]?.array?.first?["keys"]?.array?.count
                    == keys["peers"]?.array?.first?["keys"]?.array?.count
            )
        }

        @Test("A24: an event that somebody else sends changes nothing", arguments: ["a peer's list", "our own list"])
        func forgedEvent(whose: String) async throws {
            let scene = try Scene.current
            let (alice, mallory) = (try await scene.acquaintance(), try await scene.acquaintance("mallory"))
            let before = (try await scene.keys(of: alice.jid), try await mallory.peer.items(Wire.listNode, of: scene.bot))
            let owner = whose == "our own list" ? scene.bot : alice.jid
            try await mallory.peer.send(
                "<message to='\(scene.bot)' from='\(mallory.jid)/crafter' type='headline'>"
                    + "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='\(Wire.listNode)'>"
                    + "<item id='current' publisher='\(owner)'><public-keys-list xmlns='\(Wire.namespace)'>\(Peer.entry(mallory.key))"
                    + "</public-keys-list></item></items></event><addresses xmlns='http://jabber.org/protocol/address'>"
                    + "<address type='ofrom' jid='\(owner)'/></addresses></message>"
            )
            #expect(try await mallory.ask("honest") == "honest")
            #expect(try await alice.ask("also honest") == "also honest")
            #expect(try await scene.keys(of: alice.jid) == before.0)
            #expect(try await mallory.peer.items(Wire.listNode, of: scene.bot) == before.1)
        }

        @Test("A28: whatever is refused is answered with the same words, once")
        func sameWords() async throws {
            let scene = try Scene.current
            let bot = scene.bot
            let people = [
                try await scene.acquaintance("a"), try await scene.acquaintance("b"), try await scene.acquaintance("c"),
                try await scene.acquaintance("d"),
            ]
            let start = people[0].peer.mark
            try await people[0].send(people[0].altered { $0[$0.count - 60] ^= 1 })
            try await people[1].send(content: Wire.content(to: [bot], body: "x"), signers: [])
            try await people[2].send(content: Wire.content(to: [bot], time: "2014-01-01T00:00:00Z", body: "x"))
            try await people[3].peer.send("<message to='\(bot)' type='chat' id='\(Wire.id())'><body>x</body></message>")
            var answers: Set<String> = []
            for one in people {
                try await one.send("AAAA")
                var answer = try await one.peer.stanza(from: start, "a stanza error") { $0.local == "message" && $0["type"] == "error" }
                for name in ["id", "to"] { answer[name] = nil }
                answers.insert(answer.serialized())
            }
            #expect(answers.count == 1, "\(answers)")
            #expect(answers.first?.contains("not-acceptable") == true)
            for one in people {
                let text = Wire.id()
                #expect(try await one.ask(text) == text)
                let errors = one.peer.stanzas(from: start).filter { $0.local == "message" && $0["type"] == "error" }
                #expect(errors.count == 1)
            }
        }

        @Test("R3: strangers get silence, and nothing is fetched for them")
        func strangers() async throws {
            let rig = try Rig.current
            let bot = try await rig.server.account("bot")
            let alice = try await rig.peer("alice")
            let oxbow = try OxbowProgram(
                [.init(jid: bot)],
                server: rig.server,
                bots: ["all": OxbowProgram.echoAll.replacing("[\"*@localhost\", \"*@*.localhost\"]", with: "[\"\(alice.jid)\"]")]
            )
            let daemon = try await Daemon.online(oxbow)
            let friend = Correspondent(peer: alice, key: try await alice.makeKey(), bot: bot, botKey: try await alice.learnKey(of: bot))
            try await alice.announce(friend.key)
            let mallory = try await rig.correspondent("mallory", with: bot)
            let start = mallory.peer.mark
            try await mallory.peer.send("<presence type='subscribe' to='\(bot)'/>")
            try await mallory.say("hello")
            try await mallory.peer.send("<message to='\(bot)' type='chat' id='\(Wire.id())'><body>x</body></message>")
            #expect(try await friend.ask("hello") == "hello")
            #expect(try await daemon.status().counters(bot)["refused.not-allowed"] == 2)
            // Prosody itself acknowledges the request with unavailable presence in the bot's name.
            let heard = mallory.peer.stanzas(from: start).filter { $0["from"]?.hasPrefix(bot) == true && $0["type"] != "unavailable" }
            #expect(heard.isEmpty)
            let asked = try rig.server.seen(bot).filter { $0.isInbound && $0.xml.contains(mallory.jid) }
            #expect(asked.isEmpty, "\(asked.map(\.xml))")
        }
    }
}

extension Correspondent {
    /// Talks with the bot until it has read our list again, which it does before it answers once it has heard of a change.
    func ask(until scene: Scene, knows key: String) async throws {
        for _ in 0..<20 {
            _ = try await ask(Wire.id())
            if try await scene.keys(of: jid).line.contains(key) { return }
        }
        throw Trouble("the bot has not noticed the key \(key): \(try await scene.keys(of: jid).line)")
    }
}

extension Peer {
    /// The key IDs that a message is encrypted to.
    func recipients(of stanza: Element) async throws -> Set<String> {
        let data = Data(base64Encoded: stanza.first("openpgp", Wire.namespace)?.text ?? "") ?? Data()
        let said = try await gpgDone(["--decrypt"], input: [UInt8](data)).err
        return Set(said.matches(of: /ENC_TO ([0-9A-F]{16})/).map { String($0.1) })
    }

    /// The ID of a key's encryption subkey.
    func encryptionKeyID(of key: String) async throws -> String {
        let listing = String(decoding: try await gpgDone(["--with-colons", "--list-keys", key]).out, as: UTF8.self)
        for line in listing.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields[0] == "sub" || fields[0] == "pub", fields[11].contains("e") { return String(fields[4]) }
        }
        throw Trouble("\(key) has no encryption key")
    }

    /// The revocation certificate that GnuPG made with a key; the colon that keeps it from being used by mistake is taken off.
    func revocation(of key: String) async throws -> [UInt8] {
        let answer = try await crafter.ask(["do": "read", "as": .string(name), "name": .string("g/openpgp-revocs.d/\(key).rev")])
        let text = String(decoding: Data(base64Encoded: answer["data"]?.string ?? "") ?? Data(), as: UTF8.self)
        return Array(text.replacing(":-----BEGIN", with: "-----BEGIN").utf8)
    }
}
