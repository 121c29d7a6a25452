import Testing
import XML

extension Interop {
    /// That the peers themselves work, without anything of ours: what fails here is not Oxbow's fault.
    @Suite struct RigTests {
        @Test("slixmpp with gpg and go-sendxmpp understand each other", arguments: GoSendXMPP.KeyKind.allCases)
        func foreigners(kind: GoSendXMPP.KeyKind) async throws {
            let rig = try Rig.current
            let other = try await GoSendXMPP(rig.server.account("go"), server: rig.server, key: kind)
            let alice = try await rig.correspondent("alice", with: other.jid)

            let start = alice.peer.mark
            try await other.send("from go", to: alice.jid)
            let opened = try await alice.answer(from: start)
            #expect(opened.body == "from go")
            #expect(opened.signer == alice.botKey)

            let listening = try await other.listen()
            try await alice.say("from gpg")
            try await listening.line(containing: "[OX] \(alice.jid): from gpg")
        }

        @Test("slixmpp with gpg and Profanity understand each other")
        func profanity() async throws {
            let rig = try Rig.current
            let bob = try await rig.peer("bob")
            let bobKey = try await bob.makeKey()
            try await bob.announce(bobKey)
            let profanity = try await Profanity(rig.server.account("prof"), server: rig.server)
            let jid = profanity.jid
            let start = bob.mark
            try await profanity.befriend(bob.jid)
            _ = try await bob.stanza(from: start, "a request for subscription") { $0["type"] == "subscribe" }
            try await bob.send("<presence type='subscribed' to='\(jid)'/><presence type='subscribe' to='\(jid)'/>")
            _ = try await bob.stanza(from: start, "presence") { $0["from"]?.hasPrefix(jid + "/") == true }
            try await profanity.meet(bob.jid, key: bobKey)
            let correspondent = Correspondent(peer: bob, key: bobKey, bot: jid, botKey: try await bob.learnKey(of: jid))
            #expect(correspondent.botKey == profanity.key)

            try await profanity.type("from-profanity", answer: "from-profanity")
            #expect(try await correspondent.answer(from: start).body == "from-profanity")

            let mark = profanity.mark
            try await correspondent.say("from-gpg")
            try await profanity.shows("from-gpg", from: mark)
        }
    }
}
