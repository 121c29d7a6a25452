import Foundation
import GRE
import MIME
import OX
import OpenPGP
import Testing
import XML
import XMPP

@Suite("Messages to people behind gateways") struct GatewaySealerTests {
    @Test("Signed and encrypted to the recipient and to us, as a mail that says who it is from; nothing of it in the clear")
    func seal() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let thread = Element("thread", Namespace.client, text: "q1@example.org")
            let sent = try await bench.seal([body("A secret word"), thread])
            let encrypted = try #require(sent.encrypted)
            #expect(encrypted["formatter"] == MIMEFormatter.namespace && encrypted["encrypter"] == OpenPGPEncrypter.namespace)
            #expect(!sent.stanza.serialized().contains("secret"))
            // R7, R21: what stands beside it.
            #expect(
                Set(sent.stanza.elements.map(\.local)) == ["body", "thread", "encrypted", "encryption", "store", "origin-id"]
            )
            #expect(sent.stanza.first("thread", Namespace.client)?.text == "q1@example.org")
            let read = try await bench.carolReads(sent)
            #expect(read.mail.text.hasPrefix("A secret word"))
            #expect(read.mail.header.from == Mailbox(address: botMail))
            #expect(read.mail.header.messageID == "m-1@mail.example")
            #expect(read.mail.header.references == ["q1@example.org"])
            #expect(read.signers == [bench.people.bot])
            #expect(try await bench.engine.open(sent.ciphertext, limits: OpenLimits()).signatures.count == 1)
        }
    }

    @Test("R21: what is answered stands in the header inside, never in the stanza, and takes no room of the payload")
    func references() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let answered = try #require(AnsweredMail.element(["q1@example.org", "q2@example.org"]))
            let sent = try await bench.seal([body("x"), Element("thread", Namespace.client, text: "q1@example.org"), answered])
            #expect(!sent.stanza.serialized().contains("q2@example.org"))
            let header = try await bench.carolReads(sent).mail.header
            #expect(header.references == ["q1@example.org", "q2@example.org"] && header.inReplyTo == ["q2@example.org"])
            #expect(await bench.sealError([answered])?.code == .payload)
        }
    }

    @Test("R16, R23: our key goes along as Autocrypt, on first contact as a file, each with the mail address alone; PEP's stays as it was")
    func introduction() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let before = try await bench.engine.export(bench.people.bot, userID: "xmpp:bot@ox.test")
            let first = try await bench.carolReads(try await bench.seal())
            let mailbox = try #require(UserIDMailbox(address: botMail))
            let header = try #require(AutocryptHeader.only(in: first.mail.header.autocrypt, from: mailbox))
            #expect(try await bench.people.engine.inspect(header.keyData).userIDs == ["<\(botMail)>"])
            let file = try #require(first.mail.attachments.first)
            #expect(first.mail.attachments.count == 1 && file.type == "application/pgp-keys")
            #expect(try await bench.people.engine.inspect(file.bytes).fingerprint == bench.people.bot)
            let second = try await bench.carolReads(try await bench.seal())
            #expect(second.mail.attachments.isEmpty && second.mail.header.autocrypt.count == 1)
            #expect(try await bench.engine.export(bench.people.bot, userID: "xmpp:bot@ox.test") == before)
        }
    }

    @Test("A file of a MiB arrives whole")
    func attachment() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let bytes = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
            let file = AttachedFile(name: "data.bin", bytes: bytes)
            let read = try await bench.carolReads(try await bench.seal([body("x"), file.element]))
            #expect(read.mail.attachments.contains { $0.name == "data.bin" && $0.bytes == bytes })
        }
    }

    @Test("R11: what can't fit is refused before anything is asked; what turns out too big, before it is sent. The limit is named")
    func size() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            bench.network.setLimit(SizeLimit(10_000, .announced))
            let big = await bench.sealError([body("x"), AttachedFile(name: nil, bytes: .init(repeating: 7, count: 9000)).element])
            #expect(big?.code == .tooBig && big?.message.contains("10000 bytes") == true)
            #expect(bench.network.requests().isEmpty)
            bench.network.setLimit(SizeLimit(1_000, .learnt))
            let exact = await bench.sealError([body("x")])
            #expect(exact?.code == .tooBig && exact?.message.contains("1000 bytes") == true)
            bench.network.setLimit(SizeLimit(100_000, .announced))
            #expect(await bench.sealError() == nil)
        }
    }

    @Test("R20: without a key there is no message; a refused payload names its element")
    func failures() async throws {
        try await Bench.use { bench in
            #expect(await bench.sealError()?.code == .noUsableKey)
            #expect(await bench.sealError([Element("reading", "urn:example:0")])?.message.contains("reading") == true)
            #expect(await bench.sealError([])?.code == .payload)
            #expect(await bench.sealError(to: jid("not-a-mail-address@mail.test"))?.code == .recipientAddress)
        }
    }

    @Test("R20: a key that only the gateway vouches for is shown as such, encrypted to under tofu, and refused under pinned")
    func vouched() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            #expect(await bench.sealError() == nil)
            let pins = await bench.memories.peerKeys(account: botJID, peer: carolJID).pins
            #expect(pins.map(\.source) == [.gatewayVouched] && pins.map(\.source.rawValue) == ["gateway"])
        }
        try await Bench.use(gateway: AcceptedGateway(domain: mailDomain, trust: .pinned)) { bench in
            try await bench.vouchForCarol()
            #expect(await bench.sealError()?.code == .noUsableKey)
        }
        let carol = try await Correspondents.assembled().carol
        try await Bench.use(gateway: AcceptedGateway(domain: mailDomain, trust: .pinned, keys: [carolJID: [carol]])) { bench in
            try await bench.vouchForCarol()
            #expect(await bench.sealError() == nil)
            #expect(await bench.memories.peerKeys(account: botJID, peer: carolJID).pins.map(\.source) == [.configuration])
        }
    }

    @Test("R20: where the configuration names a key, no other counts, whatever the gateway says")
    func configured() async throws {
        let people = try await Correspondents.assembled()
        try await Bench.use(gateway: AcceptedGateway(domain: mailDomain, keys: [carolJID: [people.carol]])) { bench in
            bench.network.publish([people.carolsOther: try await people.certificate(people.carolsOther)], of: carolJID)
            #expect(await bench.sealError()?.code == .noUsableKey)
            bench.network.setWebKey(try await people.certificate(people.carol), of: "carol@example.org")
            bench.clock.advance(7200)
            #expect(await bench.sealError() == nil)
        }
        // As an account starts: the configuration's pin is there, the key isn't yet, and no source has it.
        try await Bench.use(gateway: AcceptedGateway(domain: mailDomain, keys: [carolJID: [people.carol]])) { bench in
            let pin = Pin(fingerprint: people.carol, standing: .trusted, source: .configuration, firstSeen: 1, announced: false)
            await bench.memories.setPeerKeys(PeerKeys(pins: [pin]), account: botJID, peer: carolJID)
            #expect(await bench.sealError()?.code == .noUsableKey)
            try await bench.vouchForCarol()
            bench.clock.advance(61)
            #expect(await bench.sealError() == nil)
            // Whether sources go on naming it or not.
            bench.network.publish([:], of: carolJID)
            bench.clock.advance(30 * 86_400)
            #expect(await bench.sealError() == nil)
        }
    }

    @Test("R20: sources that disagree have their keys held, and the operator hears of it; the operator's word ends it")
    func disagreement() async throws {
        try await Bench.use { bench in
            let people = bench.people
            bench.network.publish([people.carolsOther: try await people.certificate(people.carolsOther)], of: carolJID)
            bench.network.setWebKey(try await people.certificate(people.carol), of: "carol@example.org")
            #expect(await bench.sealError()?.code == .noUsableKey)
            #expect(bench.keyEvents.all.contains { $0.kind == .held })
            let pins = await bench.memories.peerKeys(account: botJID, peer: carolJID).pins
            #expect(pins.allSatisfy { $0.standing == .held } && pins.count == 2)
            try await bench.keys.trust(people.carol, of: carolJID)
            let read = try await bench.seal()
            #expect(try await people.open(read.ciphertext).signatures.count == 1)
            // Whatever sources say from now on.
            bench.network.setWebKey(nil, of: "carol@example.org")
            bench.clock.advance(30 * 86_400)
            #expect(await bench.sealError() == nil)
        }
    }

    @Test("R20: a Web Key Directory that agrees with the gateway lifts the key; one that comes later and differs holds it")
    func webKeyDirectory() async throws {
        try await Bench.use { bench in
            let people = bench.people
            try await bench.vouchForCarol()
            #expect(await bench.sealError() == nil)
            bench.network.setWebKey(try await people.certificate(people.carol), of: "carol@example.org")
            bench.clock.advance(7200)
            #expect(await bench.sealError() == nil)
            #expect(await bench.memories.peerKeys(account: botJID, peer: carolJID).pins.map(\.source) == [.webKeyDirectory])
        }
        try await Bench.use { bench in
            let people = bench.people
            try await bench.vouchForCarol()
            #expect(await bench.sealError() == nil)
            bench.network.setWebKey(try await people.certificate(people.carolsOther), of: "carol@example.org")
            bench.clock.advance(7200)
            #expect(await bench.sealError()?.code == .noUsableKey)
            #expect(bench.keyEvents.all.contains { $0.kind == .held })
        }
    }

    @Test("R16: a key must carry exactly the recipient's mailbox")
    func mailbox() async throws {
        try await Bench.use { bench in
            let people = bench.people
            bench.network.publish([people.mallory: try await people.certificate(people.mallory)], of: carolJID)
            #expect(await bench.sealError()?.code == .noUsableKey)
            #expect(try await bench.engine.key(people.mallory) == nil)
        }
        for userID in ["Carol <carol@EXAMPLE.org>", "<carol@example.org>", "carol@example.org"] {
            #expect(UserIDRule.mailbox.accepts(userID, for: carolJID), "\(userID)")
        }
        for userID in [
            "Carol <carol@example.org.evil.test>", "carol@example.org <mallory@evil.test>", "<xcarol@example.org>",
            "xmpp:carol@example.org",
            "<carol@example.org> <mallory@evil.test>", "Carol@example.org", "carol@example.org,mallory@evil.test",
        ] { #expect(!UserIDRule.mailbox.accepts(userID, for: carolJID), "\(userID)") }
    }
}
