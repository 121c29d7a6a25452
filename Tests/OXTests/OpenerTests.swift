import Foundation
import OX
import OpenPGP
import Testing
import XML
import XMPP

@Suite("Opening messages of honest peers")
struct OpenerTests {
    @Test("a message of a peer whose list was never read opens at first sight")
    func firstSight() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            let opened = try await bench.receive(stanza(try await bench.sealed(), from: jid("alice@ox.test/phone"))).get()
            #expect(opened.account == botJID)
            #expect(opened.sender == jid("alice@ox.test/phone"))
            #expect(opened.signer == bench.cast.alice)
            #expect(opened.source == .firstSight)
            #expect(opened.payload.map(\.text) == ["Hello"])
            #expect(opened.hash.count == 64 && opened.contentHash.count == 64 && opened.hash != opened.contentHash)
            #expect(opened.id == "m1")
            #expect(bench.events.all.map(\.kind) == [.pinned])
        }
    }

    @Test("T1 T2 T3 T4 T5 T6 the forms that peers send, through the whole of it")
    func tolerances() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            let now = bench.clock.now
            let smack =
                "<signcrypt xmlns='urn:xmpp:openpgp:0'><to jid='alice@ox.test'/><to jid='bot@ox.test'/>"
                + "<time stamp='\(DateTime.text(now).dropLast()).123+00:00'/><payload><body xmlns='jabber:client'>1</body></payload><rpad>x</rpad></signcrypt>"
            let fluux = bench.content().replacingOccurrences(of: "<payload>", with: "<payload xmlns='jabber:client'>")
            let profanity = bench.content(stamp: String(DateTime.text(now).dropLast()) + "+0000")
            let libervia = bench.content(
                payload:
                    "<body xmlns='jabber:client'>4</body><origin-id xmlns='urn:xmpp:sid:0' id='x'/><thread xmlns='jabber:client'>t</thread>"
            )
            let dinox = bench.content(to: ["bot@ox.test/home"], payload: "<body>5</body>")
            var opened: [OpenedMessage] = []
            for text in [smack, fluux, profanity, libervia, dinox] {
                opened.append(try await bench.receive(stanza(try await bench.sealed(text))).get())
            }
            #expect(opened.map { $0.payload.map(\.text) } == [["1"], ["Hello"], ["Hello"], ["4"], ["5"]])
            #expect(opened.allSatisfy { $0.payload.allSatisfy { $0.is("body", Namespace.client) } })
            #expect(opened[3].thread == "t")

            let binary = try await bench.sealed()
            let armored = Data(
                try await bench.forge.seal(
                    bench.content(),
                    by: [bench.cast.alice.hex],
                    to: [bench.cast.bot],
                    at: bench.clock.start,
                    options: ["--armor"]
                )
            )
            let base64 = Data(binary).base64EncodedString()
            let wrapped = Data(binary).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
            for text in [
                "\n    " + base64 + "\n  ", wrapped + "\n=AbCd\n", base64.replacingOccurrences(of: "=", with: ""),
                armored.base64EncodedString(),
            ] {
                #expect(await bench.receive(stanza(text: text, type: nil)).refusal == nil)
            }
        }
    }

    @Test("T7 signing subkeys, RSA, NIST and brainpool; a single RSA key for everything")
    func keyKinds() async throws {
        try await Bench.use { bench in
            for (number, (primary, subkeys)) in [
                ("ed25519/cert", ["ed25519/sign", "cv25519/encr"]), ("rsa2048/sign,cert,encr", []),
                ("nistp256/sign,cert", ["nistp256/encr"]),
                ("brainpoolP256r1/sign,cert", ["brainpoolP256r1/encr"]),
            ].enumerated() {
                let peer = jid("kind\(number)@ox.test")
                let key = try await bench.forge.key("xmpp:\(peer)", primary: primary, subkeys: subkeys)
                try await bench.publish(key, by: peer)
                let opened = try await bench.receive(stanza(try await bench.sealed(by: [key]), from: peer)).get()
                #expect(opened.signer == key)
                let answer = try await bench.sealer.seal([body("Back")], to: peer, id: "1")
                #expect(try await bench.decrypted(answer).contains("Back"))
            }
        }
    }

    @Test("T8 two signatures by trusted keys of the sender")
    func twoSignatures() async throws {
        try await Bench.use { bench in
            let second = try await bench.forge.key("xmpp:alice@ox.test")
            try await bench.publish(bench.cast.alice, second, by: aliceJID)
            try await bench.expect(nil, bench.sealed(by: [bench.cast.alice, second]))
        }
    }

    @Test("T15 payload elements of all kinds are kept; R5 what belongs to the stanza is left out")
    func payload() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            let payload =
                "<active xmlns='http://jabber.org/protocol/chatstates'/><body xmlns='jabber:client'>x</body><x xmlns='jabber:x:oob'><url>aesgcm://h/p</url></x>"
                + "<subject xmlns='jabber:client'>s</subject><delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/><stanza-id xmlns='urn:xmpp:sid:0' id='i' by='bot@ox.test'/>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='i'/><store xmlns='urn:xmpp:hints'/><encryption xmlns='urn:xmpp:eme:0' namespace='x'/><thread xmlns='jabber:client'/>"
            let outer = [Element("origin-id", Namespace.stanzaIDs, ["id": "outer"]), body("the outer body is never read (S15)")]
            let opened = try await bench.receive(stanza(try await bench.sealed(bench.content(payload: payload)), outer)).get()
            #expect(opened.payload.map(\.local) == ["active", "body", "x", "subject"])
            #expect(opened.originID == "outer")
            #expect(opened.thread == nil)
        }
    }

    @Test("a compressed message opens: our peers send such") func compressed() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            let sealed = try await bench.forge.seal(
                bench.content(),
                by: [bench.cast.alice.hex],
                to: [bench.cast.bot],
                at: bench.clock.start,
                options: ["-z", "6"]
            )
            #expect(try await bench.bodies(sealed) == ["Hello"])
        }
    }

    @Test("R1 a message that our server kept opens days later, also from the journal")
    func delayed() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            let sent = bench.clock.now
            let sealed = try await bench.sealed()
            let kept = Element("delay", Namespace.delay, ["from": "ox.test", "stamp": DateTime.text(sent + 2)])
            await bench.expect(nil, sealed, received: sent + 3 * 86_400, [kept])
            await bench.expect(.stale, sealed, received: sent + 3 * 86_400)
            await bench.expect(.stale, sealed, received: sent + 8 * 86_400, [kept])
            bench.clock.advance(30 * 86_400)
            await bench.expect(nil, sealed, received: sent + 5)
        }
    }

    @Test("R15 an unknown signer leads to one reading in five minutes")
    func unknownSigner() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            try await bench.expect(nil, bench.sealed())
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 1)
            let strange = try await bench.sealed(by: [bench.cast.mallory])
            bench.clock.advance(301)
            for _ in 0..<3 { await bench.expect(.wrongSigner, strange) }
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 2)
            bench.clock.advance(301)
            await bench.expect(.wrongSigner, strange, received: bench.clock.now - 602)
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 3)
        }
    }

    @Test("A30 what fails here is worth another try, and refuses nobody")
    func failure() async throws {
        try await Bench.use { bench in
            let sealed = try await bench.sealed()
            bench.server.setOffline(true)
            await bench.expect(.failure, sealed)
            bench.server.setOffline(false)
            bench.pins.setBroken(true)
            await bench.expect(.failure, sealed)
            bench.pins.setBroken(false)
            try await bench.publish(bench.cast.alice, by: aliceJID)
            await bench.expect(nil, sealed)
        }
    }
}
