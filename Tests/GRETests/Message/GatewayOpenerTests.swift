import Foundation
import GRE
import OX
import OpenPGP
import Testing
import XML
import XMPP

@Suite("Messages from people behind gateways") struct GatewayOpenerTests {
    @Test("RFC 3156 § 6.2: signed and encrypted in one")
    func combined() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let message = relayed(try await bench.sealed(), [Element("origin-id", Namespace.stanzaIDs, ["id": "o1"])])
            let opened = try await bench.receive(message).get()
            #expect(opened.payload.first { $0.is("body", Namespace.client) }?.text.hasPrefix("Hello bot") == true)
            #expect(opened.payload.first { $0.is("subject", Namespace.client) }?.text == "A question")
            #expect(opened.authorship == .verified(signer: bench.people.carol, source: .gatewayVouched))
            #expect(opened.thread == "q1@example.org" && opened.originID == "o1")
            let origin = try #require(opened.gateway)
            #expect(origin.isAddressed && !origin.isAutomatic && origin.legacyAddress == "carol@example.org")
            // R20: it commands nothing.
            #expect(!origin.mayCommand)
            #expect(opened.sender == carolJID)
        }
    }

    @Test("RFC 3156 § 6.1: a multipart/signed inside; fields outside of the signed part prove nothing")
    func nested() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            func wrapped(_ part: String, by signer: Fingerprint? = nil, fields: String = "") async throws -> [UInt8] {
                let signature = try await bench.people.signature(part, by: signer ?? bench.people.carol)
                let armored = signature.replacingOccurrences(of: "\n", with: "\r\n")
                let mail = """
                    \(fields)Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha512; boundary=b\r
                    \r
                    --b\r
                    \(part)\r
                    --b\r
                    Content-Type: application/pgp-signature\r
                    \r
                    \(armored)\r
                    --b--\r

                    """
                return try await bench.people.encrypt(mail, to: bench.people.bot)
            }
            let opened = try await bench.receive(relayed(try await wrapped(bench.mail()))).get()
            #expect(opened.signer == bench.people.carol)
            #expect(opened.gateway?.isAddressed == true)
            let bare = "Content-Type: text/plain\r\n\r\nHello\r\n"
            let outside = "From: carol@example.org\r\nTo: \(botMail)\r\nDate: \(Bench.date(bench.clock.now))\r\n"
            let unaddressed = try await bench.receive(relayed(try await wrapped(bare, fields: outside))).get()
            #expect(unaddressed.gateway?.isAddressed == false)
            await bench.expect(.wrongSigner, relayed(try await wrapped(bench.mail(), by: bench.people.mallory)))
            // One byte of the signed part changed on the way.
            let signature = try await bench.people.signature(bench.mail(), by: bench.people.carol)
            let changed =
                "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\r\n\r\n--b\r\n"
                + bench.mail(text: "Bye bot") + "\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n" + signature + "\r\n--b--\r\n"
            await bench.expect(.badSignature, relayed(try await bench.people.encrypt(changed, to: bench.people.bot)))
        }
    }

    @Test("R22: an inline message in a plain body, which is all that Libervia passes on")
    func inline() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let armored = try await bench.people.armored("Hello from mutt\n", by: bench.people.carol, to: bench.people.bot)
            let subject = Element("subject", Namespace.client, text: "forged")
            let opened = try await bench.receive(message([subject, body(armored + "\n")])).get()
            #expect(opened.payload == [body("Hello from mutt\n")])
            #expect(opened.signer == bench.people.carol && opened.gateway?.isAddressed == false)
            for text in ["Hi!\n\(armored)", "\(armored)\nP.S. pay!", armored + "\n" + armored, "", "Hello"] {
                await bench.expect(.plaintext, message([body(text)]))
            }
        }
    }

    @Test("R22: addressed only if the signed content itself says so")
    func addressed() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            for (mail, expected) in [
                (bench.mail(), true), (bench.mail(to: "Bot <BOT@mail.example>"), false), (bench.mail(to: "bot@MAIL.example"), true),
                (bench.mail(to: "dave@example.org"), false), (bench.mail(to: nil), false), (bench.mail(from: nil), false),
                (bench.mail(to: "dave@example.org", date: nil, text: "x", "Cc: \(botMail)"), true),
            ] {
                let opened = try await bench.receive(relayed(try await bench.sealed(mail))).get()
                #expect(opened.gateway?.isAddressed == expected, "\(mail)")
            }
        }
    }

    @Test("Mail of lists and programs is marked: nobody answers it")
    func automatic() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            for field in ["Auto-Submitted: auto-replied", "List-Id: <x.example.org>", "Precedence: bulk"] {
                let mail = bench.mail(from: "carol@example.org", to: botMail, date: nil, text: "x", field)
                let opened = try await bench.receive(relayed(try await bench.sealed(mail))).get()
                #expect(opened.gateway?.isAutomatic == true, "\(field)")
            }
        }
    }

    @Test("R20: what may command: a key that the operator trusts, or any if the configuration says so")
    func commands() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let message = relayed(try await bench.sealed())
            #expect(try await bench.receive(message).get().gateway?.mayCommand == false)
            try await bench.keys.trust(bench.people.carol, of: carolJID)
            #expect(try await bench.receive(message).get().gateway?.mayCommand == true)
        }
        try await Bench.use(gateway: AcceptedGateway(domain: mailDomain, commandsFromVouched: true)) { bench in
            try await bench.vouchForCarol()
            #expect(try await bench.receive(relayed(try await bench.sealed())).get().gateway?.mayCommand == true)
        }
    }

    @Test("R22: the same signature in another ciphertext has the same replay key, in another signature another")
    func replay() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let now = bench.clock.now
            let mail = bench.mail()
            let one = try await bench.receive(relayed(try await bench.sealed(mail, at: now - 60))).get()
            let same = try await bench.receive(relayed(try await bench.sealed(mail, at: now - 60))).get()
            let other = try await bench.receive(relayed(try await bench.sealed(mail, at: now - 50))).get()
            #expect(one.hash != same.hash && one.contentHash == same.contentHash && one.contentHash != other.contentHash)
            #expect(one.replayName == bench.people.carol.hex)
        }
    }

    @Test("R1: older than max_age, or from the future, is refused, by date and by signature")
    func age() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let now = bench.clock.now
            await bench.expect(.stale, relayed(try await bench.sealed(bench.mail(date: now - 8 * 86_400))))
            await bench.expect(.time, relayed(try await bench.sealed(bench.mail(date: now + 86_400))))
            let days = relayed(try await bench.sealed(bench.mail(date: now - 86_400)))
            await bench.expect(nil, days)
            await bench.expect(.stale, days, received: now + 9 * 86_400)
        }
    }

    @Test("S19: what nobody signed is refused; accepted, it names no author and commands nothing")
    func unsigned() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            await bench.expect(.unsigned, relayed(try await bench.people.encrypt(bench.mail(), to: bench.people.bot)))
        }
        try await Bench.use(gateway: AcceptedGateway(domain: mailDomain, commandsFromVouched: true, acceptsUnsigned: true)) { bench in
            try await bench.vouchForCarol()
            let opened = try await bench.receive(relayed(try await bench.people.encrypt(bench.mail(), to: bench.people.bot))).get()
            #expect(opened.authorship == .unverified && opened.signer == nil && opened.source == nil)
            #expect(opened.gateway?.isAddressed == false && opened.gateway?.mayCommand == false)
            #expect(opened.replayName == "unsigned \(carolJID)")
            let forged = bench.mail(from: "mallory@example.org")
            await bench.expect(.conflictingFrom, relayed(try await bench.people.encrypt(forged, to: bench.people.bot)))
        }
    }

    @Test("A handler's payload survives the way there and back: what the bot sends, a bot behind a gateway reads")
    func attachments() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let mail = """
                From: carol@example.org\r
                To: \(botMail)\r
                Date: \(Bench.date(bench.clock.now))\r
                Content-Type: multipart/mixed; boundary=b\r
                \r
                --b\r
                Content-Type: text/plain\r
                \r
                See file\r
                --b\r
                Content-Type: application/x-thing; name="../../etc/passwd"\r
                Content-Disposition: attachment; filename="../../etc/passwd"\r
                Content-Transfer-Encoding: base64\r
                \r
                AAEC\r
                --b--\r

                """
            let opened = try await bench.receive(relayed(try await bench.sealed(mail))).get()
            let file = try #require(opened.payload.compactMap { AttachedFile($0) }.first)
            #expect(file.bytes == [0, 1, 2] && file.type == "application/x-thing")
            #expect(file.name?.contains("/") == false)
        }
    }

    @Test("R21: the thread is what the signed header says; where it says nothing, what the gateway says")
    func thread() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            let outer = Element("thread", Namespace.client, text: "outer@example.org")
            let fields = "References: <q0@example.org>\r\nIn-Reply-To: <q0@example.org>"
            let mail = bench.mail(from: "carol@example.org", to: botMail, date: nil, text: "x", fields)
            let inside = try await bench.receive(relayed(try await bench.sealed(mail), [outer])).get()
            #expect(inside.thread == "q0@example.org" && inside.gateway?.references == ["q0@example.org", "q1@example.org"])
            let bare = "Content-Type: text/plain\r\n\r\nx\r\n"
            let outside = try await bench.receive(relayed(try await bench.sealed(bare), [outer])).get()
            #expect(outside.thread == "outer@example.org" && outside.gateway?.references == [])
            #expect(try await bench.receive(relayed(try await bench.sealed(bare + "y"))).get().thread == nil)
        }
    }

    @Test("R27: another key in a signed mail's Autocrypt field is held and told; it replaces nothing")
    func autocrypt() async throws {
        try await Bench.use { bench in
            let people = bench.people
            try await bench.vouchForCarol()
            let mailbox = try #require(UserIDMailbox(address: "carol@example.org"))
            let other = AutocryptHeader(
                mailbox: mailbox,
                prefersEncryption: true,
                keyData: try await people.certificate(people.carolsOther)
            )
            let mail = bench.mail(from: "carol@example.org", to: botMail, date: nil, text: "x", "Autocrypt: \(other.foldedValue)")
            await bench.expect(nil, relayed(try await bench.sealed(mail)))
            let pins = await bench.memories.peerKeys(account: botJID, peer: carolJID).pins
            #expect(pins.map(\.fingerprint) == [people.carol, people.carolsOther])
            #expect(pins.map(\.standing) == [.trusted, .held] && pins.map(\.source) == [.gatewayVouched, .autocrypt])
            #expect(bench.keyEvents.all.contains { $0.kind == .held })
            #expect(try await bench.carolReads(try await bench.seal()).signers == [people.bot])
        }
    }
}
