import Foundation
import GRE
import OX
import OpenPGP
import Testing
import XML
import XMPP

@Suite("A27: attacks by gateways, and through them") struct GatewayAttackTests {
    @Test("Only configured gateways that say that they are one")
    func spoofedGateway() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let sealed = try await bench.sealed()
            await bench.expect(.notAGateway, relayed(sealed, from: jid("carol\\40example.org@evil.test")))
            await bench.expect(.notAGateway, relayed(sealed, from: jid("carol\\40example.org@sub.mail.test")))
            await bench.expect(.notAGateway, relayed(sealed, from: mailDomain))
            bench.network.gateway(mailDomain, identity: "client")
            await bench.expect(.notAGateway, relayed(sealed))
        }
        try await Bench.use { bench in
            // Can't be asked now: left for later, not refused.
            let sealed = try await bench.sealed()
            bench.network.setOffline(true)
            await bench.expect(.failure, relayed(sealed))
        }
    }

    @Test("Formatter and encrypter: missing, unknown, or not what the gateway offers")
    func kinds() async throws {
        try await Bench.use(formatters: [MIMEFormatter(), ToyFormatter(version: 0)], extraEncrypters: [ToyEncrypter(version: 0)]) { bench in
            try await bench.vouchForCarol()
            let sealed = try await bench.sealed()
            await bench.expect(.gatewayKind, relayed(sealed, formatter: nil))
            await bench.expect(.gatewayKind, relayed(sealed, encrypter: nil))
            await bench.expect(.gatewayKind, relayed(sealed, formatter: "urn:xmpp:gre:formatter:mime:1"))
            await bench.expect(.gatewayKind, relayed(sealed, formatter: OpenPGPEncrypter.namespace))
            await bench.expect(.gatewayKind, relayed(sealed, encrypter: "urn:xmpp:gre:encrypter:rot13:0"))
            await bench.expect(.gatewayKind, relayed(sealed, formatter: "urn:xmpp:gre:formatter:toy:0"))
            let toy = Element("byte", "urn:example:toy", ["value": "66"])
            let attributes: [String: String?] = ["formatter": MIMEFormatter.namespace, "encrypter": "urn:xmpp:gre:encrypter:toy:0"]
            await bench.expect(.gatewayKind, message([Element("encrypted", Namespace.gatewayRelay, attributes, [toy])]))
        }
    }

    @Test("Base64 and OpenPGP that are none, cut off, or changed; line breaks are tolerated")
    func encodings() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let sealed = try await bench.sealed()
            let text = Data(sealed).base64EncodedString()
            await bench.expect(.envelope, relayed(text: "%%%" + text))
            await bench.expect(.envelope, relayed(text: ""))
            await bench.expect(.envelope, relayed(text: Data("hello".utf8).base64EncodedString()))
            await bench.expect(.envelope, relayed(text: String(text.dropLast(3))))
            await bench.expect(nil, relayed(text: Data(sealed).base64EncodedString(options: [.lineLength64Characters])))
            let cut = await bench.receive(relayed(Array(sealed.prefix(sealed.count - 40))))
            #expect(throws: OpenRefusal.self) { try cut.get() }
            var changed = sealed
            changed[changed.count - 30] ^= 1
            let broken = await bench.receive(relayed(changed))
            #expect(throws: OpenRefusal.self) { try broken.get() }
            await bench.expect(.undecryptable, relayed(try await bench.people.encrypt("x", to: bench.people.mallory)))
        }
    }

    @Test("Two ciphertexts, elements inside, OX from a gateway, wrappers, and stanzas that carry nothing for us")
    func shapes() async throws {
        try await Bench.use { bench in
            let sealed = try await bench.sealed()
            let again = try #require(relayed(sealed).element.elements.first)
            await bench.expect(.envelope, relayed(sealed, [again]))
            await bench.expect(.envelope, relayed(sealed, [Element("openpgp", Namespace.openPGP, text: "AAAA")]))
            await bench.expect(.wrapper, relayed(sealed, [Element("forwarded", "urn:xmpp:forward:0")]))
            for type in ["groupchat", "headline", "error"] { await bench.expect(.kind, relayed(sealed, type: type)) }
            #expect(bench.opener.examine(message([]), isAllowed: true) == .nothing)
            if case .refused(let refusal) = bench.opener.examine(relayed(sealed), isAllowed: false) {
                #expect(refusal.reason == .notAllowed)
            } else {
                Issue.record("a stranger was heard")
            }
            var elsewhere = relayed(sealed).element
            elsewhere["to"] = "other@ox.test"
            await bench.expect(.addressee, try #require(Message(elsewhere, account: botJID)))
        }
    }

    @Test("Signed by somebody else: a stranger, another correspondent, a key that names the address but that no source names")
    func signers() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            await bench.expect(.wrongSigner, relayed(try await bench.sealed(by: bench.people.mallory)))
            await bench.expect(.wrongSigner, relayed(try await bench.sealed(by: bench.people.carolsOther)))
            // Mallory, as herself, with Carol's mail: her mailbox isn't on Carol's key.
            let mallory = jid("mallory\\40example.org@mail.test")
            bench.network.publish([bench.people.carol: try await bench.people.certificate(bench.people.carol)], of: mallory)
            let stolen = await bench.receive(relayed(try await bench.sealed(), from: mallory))
            #expect(throws: OpenRefusal.self) { try stolen.get() }
        }
    }

    @Test("An author inside that isn't the sender, several, or one that can't be read")
    func conflictingFrom() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            for from in [
                "mallory@example.org", "carol@example.org, mallory@example.org", "\"carol@example.org\" <mallory@example.org>",
                "carol@example.org\r\nFrom: mallory@example.org", "carol@example.org.evil.test", "undisclosed:;",
            ] { await bench.expect(.conflictingFrom, relayed(try await bench.sealed(bench.mail(from: from)))) }
            // Case is lost in a JID: it is no conflict.
            await bench.expect(nil, relayed(try await bench.sealed(bench.mail(from: "Carol@Example.org"))))
        }
    }

    @Test("A sender_id with line breaks, or that is no address, never reaches a mail")
    func senderIDs() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            for value in [
                "bot@mail.example\r\nBcc: mallory@example.org", "bot@mail.example, mallory@example.org", "Bot <bot@mail.example>", "x",
            ] {
                await bench.directory.sessionBegan()
                bench.network.senderID(value)
                #expect(await bench.sealError()?.code == .noGatewayData, "\(value)")
            }
            // Nothing of it is remembered.
            #expect(await bench.memories.gatewayRecord(account: botJID, gateway: mailDomain)?.senderID == nil)
            #expect(try await bench.engine.key(bench.people.bot)?.userIDs == ["xmpp:bot@ox.test"])
        }
    }

    @Test("A held or refused key opens nothing")
    func heldKeys() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            await bench.expect(nil, relayed(try await bench.sealed()))
            try await bench.keys.untrust(bench.people.carol, of: carolJID)
            await bench.expect(.untrusted, relayed(try await bench.sealed()))
        }
    }
}
