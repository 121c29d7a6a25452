import Foundation
import OpenPGP
import Testing
import XML
import XMPP

@testable import OX

@Suite("Sealing")
struct SealerTests {
    @Test("E1 E2 E8 E9 a sealed message: exact content, binary, uncompressed, to all keys of the peer and our own")
    func sealed() async throws {
        try await Bench.use(padding: Padding { "PADDING" }) { bench in
            let second = try await bench.forge.key("xmpp:alice@ox.test")
            try await bench.publish(bench.cast.alice, second, by: aliceJID)
            let message = try await bench.sealer.seal([body("Hi <you>")], to: jid("alice@ox.test/phone"), id: "id1", requestsReceipt: true)
            #expect(message.id == "id1" && message.to == jid("alice@ox.test/phone") && message.requestsReceipt)
            guard case .openPGP(let base64) = message.envelope else { return }
            #expect(!base64.utf8.contains(where: Base64.isWhiteSpace))
            let stamp = DateTime.text(bench.clock.now)
            #expect(
                try await bench.decrypted(message)
                    == "<signcrypt xmlns='urn:xmpp:openpgp:0'><to jid='alice@ox.test'/><time stamp='\(stamp)'/><rpad>PADDING</rpad>"
                    + "<payload><body xmlns='jabber:client'>Hi &lt;you&gt;</body></payload></signcrypt>"
            )
            let packets = try await bench.forge.packets(Array(Data(base64Encoded: base64) ?? Data()))
            let recipients = Set(packets.matches(of: /:pubkey enc packet:.*keyid ([0-9A-F]{16})/).map { String($0.output.1) })
            var expected: Set<String> = []
            for key in [bench.cast.alice, second, bench.cast.bot] {
                expected.insert(String(try #require(try await bench.forge.subkeys(key).last).hex.suffix(16)))
            }
            #expect(recipients == expected)
            #expect(!packets.contains(":compressed packet:"))
            #expect(packets.contains(":encrypted data packet:") && packets.contains("mdc_method: 2"))
            #expect(packets.contains("issuer fpr v4 \(bench.cast.bot.hex)"))
        }
    }

    @Test("R8 one recipient, one signcrypt: each names only its own recipient")
    func oneRecipient() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            try await bench.publish(bench.cast.bob, by: bobJID)
            let text = try await bench.decrypted(try await bench.sealer.seal([body("x")], to: aliceJID, id: "1"))
            #expect(text.contains("<to jid='alice@ox.test'/>") && !text.contains("bob@ox.test") && !text.contains("bot@ox.test"))
        }
    }

    @Test("S14 without a usable key nothing comes out, and the error says why")
    func noKey() async throws {
        try await Bench.use { bench in
            let error = await bench.sealError(aliceJID)
            #expect(error?.code == .noUsableKey)
            #expect(error?.description.contains("item-not-found") == true)
            bench.publishList([], by: bobJID)
            #expect(await bench.sealError(bobJID)?.code == .noUsableKey)
            #expect(bench.events.all.map(\.kind) == [.unreadable, .noneLeft, .noneLeft])
        }
    }

    @Test("S14 without an own key, or with a broken store, nothing comes out") func noOwnKey() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            let pins = MemoryPins()
            let directory = KeyDirectory(account: botJID, engine: bench.engine, session: nil, pins: pins, policy: .tofu, clock: { 0 })
            let sealer = Sealer(engine: bench.engine, directory: directory, clock: { 0 })
            let first = await #expect(throws: SealError.self) { try await sealer.seal([body("x")], to: aliceJID, id: "1") }
            #expect(first?.code == .noOwnKey)
            pins.setBroken(true)
            let second = await #expect(throws: SealError.self) { try await sealer.seal([body("x")], to: aliceJID, id: "1") }
            #expect(second?.code == .store)
        }
    }

    @Test("R5 a payload that every receiver refuses, or none, is not sealed") func payload() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            for payload in [[], [Element("openpgp", Namespace.openPGP)], [body("x"), Element("forwarded", Namespace.forward)]] {
                let error = await #expect(throws: SealError.self) { try await bench.sealer.seal(payload, to: aliceJID, id: "1") }
                #expect(error?.code == .payload)
            }
        }
    }

    @Test("to ourselves: our own key, without asking anybody") func own() async throws {
        try await Bench.use { bench in
            let message = try await bench.sealer.seal([body("note")], to: jid("bot@ox.test/other"), id: "1")
            guard case .openPGP(let base64) = message.envelope else { return }
            #expect(bench.server.reads(of: listNode, by: botJID) == 0)
            let opened = try await bench.receive(stanza(text: base64, from: botJID)).get()
            #expect(opened.signer == bench.cast.bot && opened.payload.map(\.text) == ["note"])
        }
    }

    @Test("A21 one unusable key of several doesn't keep the message from the others") func oneExpired() async throws {
        try await Bench.use { bench in
            let old = try await bench.forge.key("xmpp:alice@ox.test", expires: "seconds=2")
            try await bench.publish(bench.cast.alice, by: aliceJID)
            await bench.directory.refresh(aliceJID)
            let keys = try await bench.directory.keys(of: aliceJID)
            let pin = Pin(fingerprint: old, standing: .trusted, source: .operatorSaid, firstSeen: 0, announced: true)
            try await bench.pins.setPeerKeys(PeerKeys(pins: keys.pins + [pin], lastRead: keys.lastRead), account: botJID, peer: aliceJID)
            #expect(await bench.sealError(aliceJID) == nil)
        }
    }
}
