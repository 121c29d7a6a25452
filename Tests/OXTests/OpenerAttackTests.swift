import Foundation
import OX
import OpenPGP
import Testing
import XML
import XMPP

/// The attacks of the study against opening: each is refused, with the reason that the operator should see.
@Suite("Attacks on opening")
struct OpenerAttackTests {
    /// A bench on which Alice's and Bob's keys are known and one good message of Alice's was read.
    private func withPeers(_ body: (Bench) async throws -> Void) async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            try await bench.publish(bench.cast.bob, by: bobJID)
            try await bench.publish(bench.cast.mallory, by: malloryJID)
            try await bench.expect(nil, bench.sealed())
            try await bench.expect(nil, bench.sealed(by: [bench.cast.bob]), from: bobJID)
            try await bench.expect(nil, bench.sealed(by: [bench.cast.mallory]), from: malloryJID)
            let before = try await bench.directory.list().map(\.keys)
            try await body(bench)
            // Nothing about anybody's keys has changed.
            #expect(try await bench.directory.list().map(\.keys) == before)
        }
    }

    @Test("A1 surreptitious forwarding: the content is for somebody else")
    func forwarding() async throws {
        try await withPeers { bench in
            try await bench.expect(.addressee, bench.sealed(bench.content(to: ["carol@ox.test"])))
        }
    }

    @Test("A2 no to, similar domains, homographs")
    func addressees() async throws {
        try await withPeers { bench in
            for to in [
                [], ["bot@ox.test.evil"], ["bot@ox.tests"], ["b\u{43e}t@ox.test"], ["bot%40ox.test@evil.test"], ["ox.test"],
                ["bot@ox.test@x"],
            ] {
                try await bench.expect(.addressee, bench.sealed(bench.content(to: to)))
            }
        }
    }

    @Test("A3 Mallory sends Alice's ciphertext as her own")
    func resent() async throws {
        try await withPeers { bench in
            try await bench.expect(.wrongSigner, bench.sealed(), from: malloryJID)
        }
    }

    @Test("A4 Mallory announces Alice's key as hers and sends Alice's ciphertext")
    func unknownKeyShare() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            try await bench.publish(bench.cast.alice, by: malloryJID)
            let sealed = try await bench.sealed()
            await bench.expect(.untrusted, sealed, from: malloryJID)
            await bench.expect(nil, sealed)
            await bench.expect(.untrusted, sealed, from: malloryJID)
            #expect(try await bench.directory.keys(of: malloryJID).pins.isEmpty)
        }
    }

    @Test("A4 also when the store has Alice's key pinned for Mallory: the key must carry the sender's address")
    func unknownKeyShareWithPin() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            try await bench.expect(nil, bench.sealed())
            let pin = Pin(fingerprint: bench.cast.alice, standing: .trusted, source: .configuration, firstSeen: 0, announced: true)
            try await bench.pins.setPeerKeys(PeerKeys(pins: [pin], lastRead: bench.clock.now), account: botJID, peer: carolJID)
            try await bench.expect(.wrongSigner, bench.sealed(), from: carolJID)
        }
    }

    @Test("A5 the same content in another ciphertext has another hash and the same content hash")
    func replay() async throws {
        try await withPeers { bench in
            let content = bench.content()
            let signed = try await bench.forge.seal(content, by: [bench.cast.alice.hex], to: [], at: bench.clock.start)
            // What anybody can do who may read it: take the signed part out and encrypt it anew.
            let once = try await bench.forge.encrypt(signed: signed, to: bench.cast.bot)
            let twice = try await bench.forge.encrypt(signed: signed, to: bench.cast.bot)
            let first = try await bench.receive(stanza(once)).get()
            let second = try await bench.receive(stanza(twice)).get()
            #expect(first.hash != second.hash)
            #expect(first.contentHash == second.contentHash && first.signer == second.signer)
            let other = try await bench.receive(
                stanza(try await bench.sealed(bench.content(payload: "<body xmlns='jabber:client'>x</body>")))
            ).get()
            #expect(other.contentHash != first.contentHash)
        }
    }

    @Test("A6 stale, future, missing, doubled and disagreeing times")
    func times() async throws {
        try await withPeers { bench in
            let now = bench.clock.now
            let sealed = try await bench.sealed()
            await bench.expect(.stale, sealed, received: now + 12 * 365 * 86_400)
            await bench.expect(.time, sealed, received: now - 3600)
            for stamp in ["2014-07-10T17:06:00+02:00", "2036-01-01T00:00:00Z", DateTime.text(now - 400), DateTime.text(now + 400)] {
                try await bench.expect(.time, bench.sealed(bench.content(stamp: stamp)))
            }
            let twice = bench.content().replacingOccurrences(of: "<rpad>", with: "<time stamp='\(DateTime.text(now))'/><rpad>")
            try await bench.expect(.time, bench.sealed(twice))
        }
    }

    @Test("A6 a delay that Mallory forged in our domain's name explains no more than max_age (R1)")
    func forgedDelay() async throws {
        try await withPeers { bench in
            let sealed = try await bench.sealed()
            let now = bench.clock.now
            let forged = Element("delay", Namespace.delay, ["from": "ox.test", "stamp": DateTime.text(now)])
            let foreign = Element("delay", Namespace.delay, ["from": "alice@ox.test", "stamp": DateTime.text(now)])
            await bench.expect(.stale, sealed, received: now + 8 * 86_400, [forged])
            await bench.expect(.stale, sealed, received: now + 86_400, [foreign])
        }
    }

    @Test("A7 signature by another contact's key in the same keyring")
    func otherContact() async throws {
        try await withPeers { bench in
            try await bench.expect(.wrongSigner, bench.sealed(by: [bench.cast.bob]))
        }
    }

    @Test("A8 a key with the right User ID that was never announced")
    func fakeAlice() async throws {
        try await withPeers { bench in
            let fake = try await bench.forge.key("xmpp:alice@ox.test")
            try await bench.expect(.wrongSigner, bench.sealed(by: [fake]))
            // Even if it has found its way into the keyring.
            _ = try await bench.engine.importKey(try await bench.forge.export(fake), expected: fake, keep: ["xmpp:alice@ox.test"])
            try await bench.expect(.wrongSigner, bench.sealed(by: [fake]))
        }
    }

    @Test("A10 sign only, crypt only, unsigned signcrypt, signed crypt, encrypted sign, and no encryption at all")
    func modes() async throws {
        try await withPeers { bench in
            let content = bench.content()
            func root(_ name: String) -> String { content.replacingOccurrences(of: "signcrypt", with: name) }
            try await bench.expect(.unsigned, bench.sealed(content, by: []))
            try await bench.expect(.unsigned, bench.sealed(root("crypt"), by: []))
            try await bench.expect(.content, bench.sealed(root("crypt")))
            try await bench.expect(.content, bench.sealed(root("sign")))
            for text in [content, root("sign")] {
                let signed = try await bench.forge.seal(text, by: [bench.cast.alice.hex], to: [], at: bench.clock.start)
                await bench.expect(.undecryptable, signed)
            }
        }
    }

    @Test("A11 a good signature beside an unrelated, an unknown or a bad one")
    func secondSignature() async throws {
        try await withPeers { bench in
            let stranger = try await bench.forge.key("xmpp:stranger@ox.test")
            for signers in [
                [bench.cast.alice, bench.cast.bob], [bench.cast.bob, bench.cast.alice], [bench.cast.alice, stranger],
                [stranger, bench.cast.alice],
            ] {
                try await bench.expect(.wrongSigner, bench.sealed(by: signers))
            }
        }
    }

    @Test("A11 an expired signature")
    func expiredSignature() async throws {
        try await withPeers { bench in
            let signed = try await bench.forge.seal(
                bench.content(),
                by: [bench.cast.alice.hex],
                to: [],
                at: bench.clock.start - 250,
                options: ["--default-sig-expire", "seconds=100"]
            )
            try await bench.expect(.badSignature, bench.forge.encrypt(signed: signed, to: bench.cast.bot))
        }
    }

    @Test("A12 a signature by a revoked signing subkey")
    func revokedSubkey() async throws {
        try await Bench.use { bench in
            let key = try await bench.forge.key("xmpp:alice@ox.test", primary: "ed25519/cert", subkeys: ["ed25519/sign", "cv25519/encr"])
            try await bench.publish(key, by: aliceJID)
            try await bench.expect(nil, bench.sealed(by: [key]))
            let signed = try await bench.sealed(by: [key])
            let script = "key 1\nrevkey\ny\n1\n\ny\nsave\n"
            try await bench.forge.edit(key, script)
            try await bench.publish(key, by: aliceJID, dated: "2026-02-02T00:00:00Z")
            await bench.directory.refresh(aliceJID)
            await bench.expect(.badSignature, signed)
        }
    }

    @Test("A13 a DTD in the content, a billion laughs, an instruction, broken UTF-8")
    func documents() async throws {
        try await withPeers { bench in
            let laughs =
                "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>"
                + bench.content(payload: "<body xmlns='jabber:client'>&b;</body>")
            let external = "<!DOCTYPE l SYSTEM 'file:///etc/passwd'>" + bench.content()
            for text in [laughs, external, "<?x y?>" + bench.content(), "<!-- x -->" + bench.content()] {
                try await bench.expect(.content, bench.sealed(text))
            }
        }
    }

    @Test("A14 a second root, a second payload, a second openpgp")
    func confusion() async throws {
        try await withPeers { bench in
            try await bench.expect(.content, bench.sealed(bench.content() + bench.content()))
            let two = bench.content().replacingOccurrences(
                of: "</payload>",
                with: "</payload><payload><body xmlns='jabber:client'>2</body></payload>"
            )
            try await bench.expect(.content, bench.sealed(two))
            let sealed = try await bench.sealed()
            let second = Element("openpgp", Namespace.openPGP, text: Data(sealed).base64EncodedString())
            await bench.expect(.envelope, sealed, [second])
        }
    }

    @Test("A15 a compression bomb")
    func bomb() async throws {
        try await withPeers { bench in
            let big = bench.content(payload: "<body xmlns='jabber:client'>\(String(repeating: "a", count: 4 << 20))</body>")
            let sealed = try await bench.forge.seal(
                big,
                by: [bench.cast.alice.hex],
                to: [bench.cast.bot],
                at: bench.clock.start,
                options: ["-z", "9"]
            )
            await bench.expect(.limits, sealed)
        }
    }

    @Test("A16 truncated, changed and unprotected messages")
    func integrity() async throws {
        try await withPeers { bench in
            var sealed = try await bench.sealed()
            let truncated = Array(sealed.dropLast(40))
            sealed[sealed.count - 30] ^= 1
            for message in [truncated, sealed] {
                let reason = await bench.receive(stanza(message)).refusal?.reason
                #expect(reason == .integrity || reason == .undecryptable)
            }
        }
    }

    @Test("A18 A19 a message by a key that the server has slipped into the list is not read")
    func slippedIn() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            try await bench.expect(nil, bench.sealed())
            let evil = try await bench.forge.key("xmpp:alice@ox.test")
            try await bench.publish(bench.cast.alice, evil, by: aliceJID, dated: "2026-03-03T00:00:00Z")
            bench.clock.advance(400)
            let sent = bench.clock.now - 400
            try await bench.expect(.untrusted, bench.sealed(bench.content(time: sent), by: [evil]), received: sent)
            #expect(bench.events.all.map(\.kind) == [.pinned, .held])
            try await bench.expect(nil, bench.sealed(bench.content(time: sent)), received: sent)
        }
    }

    @Test("A25 a payload with another message, an error, MUC elements or a command")
    func smuggling() async throws {
        try await withPeers { bench in
            for element in [
                "<openpgp xmlns='urn:xmpp:openpgp:0'>hAEC</openpgp>", "<forwarded xmlns='urn:xmpp:forward:0'/>",
                "<received xmlns='urn:xmpp:carbons:2'/>",
                "<sent xmlns='urn:xmpp:carbons:2'/>", "<result xmlns='urn:xmpp:mam:2'/>",
                "<x xmlns='urn:x'><y><forwarded xmlns='urn:xmpp:forward:0'/></y></x>",
            ] {
                let payload = "<body xmlns='jabber:client'>x</body>" + element
                try await bench.expect(.smuggling, bench.sealed(bench.content(payload: payload)))
            }
            let undeclared =
                "<body xmlns='jabber:client'>x</body><x xmlns='http://jabber.org/protocol/muc#user'/><error type='cancel' xmlns='jabber:client'/>"
                + "<command xmlns='http://jabber.org/protocol/commands' node='x'/>"
            let opened = try await bench.receive(stanza(try await bench.sealed(bench.content(payload: undeclared)), from: aliceJID)).get()
            // They are payload elements that no handler declares; the stanza's own facts are untouched.
            #expect(opened.sender == aliceJID && opened.id == "m1")
        }
    }

    @Test("A26 Alice's message from a room's occupant is nobody's")
    func occupant() async throws {
        try await withPeers { bench in
            try await bench.expect(.untrusted, bench.sealed(), from: jid("room@rooms.ox.test/alice"))
        }
    }

    @Test("A28 what the operator hears holds no content, and every answer is the same")
    func oracle() async throws {
        try await withPeers { bench in
            let secret = "SECRET-\(UInt64.random(in: .min ... .max))"
            let payload = "<body xmlns='jabber:client'>\(secret)</body>"
            var broken = try await bench.sealed(bench.content(payload: payload))
            broken[broken.count - 5] ^= 1
            var policy = RefusalPolicy()
            var answers: [Refusal] = []
            for sealed in [
                try await bench.sealed(bench.content(to: ["x@ox.test"], payload: payload)),
                try await bench.sealed(bench.content(payload: payload), by: []),
                try await bench.sealed("<\(secret)", by: nil), broken,
            ] {
                let message = stanza(sealed)
                let refusal = try #require(await bench.receive(message).refusal)
                #expect(!"\(refusal)".contains(secret))
                policy = RefusalPolicy()
                policy.note(message, reason: refusal.reason, at: 1000)
                answers += policy.due(at: 1010)
            }
            #expect(answers.count == 4 && Set(answers).count == 1)
        }
    }

    @Test("A29 a message for another account's key of the same process")
    func crossAccount() async throws {
        try await withPeers { bench in
            let other = try await bench.forge.key("xmpp:other@ox.test")
            let sealed = try await bench.sealed(bench.content(to: ["other@ox.test", "bot@ox.test"]), to: [other])
            await bench.expect(.undecryptable, sealed)
        }
    }

    @Test("our own message reflected at us as if a peer had sent it")
    func reflected() async throws {
        try await withPeers { bench in
            let own = try await bench.sealer.seal([body("x")], to: aliceJID, id: "1")
            guard case .openPGP(let text) = own.envelope else { return }
            let reason = await bench.receive(stanza(text: text)).refusal?.reason
            #expect(reason == .wrongSigner)
        }
    }
}
