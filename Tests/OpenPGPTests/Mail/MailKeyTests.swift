import TestSupport
import Testing

@testable import OpenPGP

/// R16, R20, R23: keys with mailboxes on them, ours and others'.
@Suite(.parties) struct MailKeyTests {
    private let xmpp = "xmpp:bot@example.org"

    private func userIDLines(_ certificate: [UInt8]) async throws -> [String] {
        let listing = String(decoding: try await Parties.current.forge.gpg(["--list-packets"], input: certificate), as: UTF8.self)
        return listing.split(separator: "\n").filter { $0.hasPrefix(":user ID packet:") }.map(String.init)
    }

    private func selfSignature(_ certificate: [UInt8]) throws -> SignatureFields {
        let part = try Certificate(reading: certificate).parts[1]
        return try #require(SignatureFields(part.signatureBodies[0]))
    }

    @Test("R16: a second User ID, and what is announced is byte for byte what it was") func second() async throws {
        let home = Home()
        let engine = try await home.engine()
        let key = try await engine.generateKey(userID: xmpp)
        let announced = try await engine.export(key, userID: xmpp)
        let mailbox = try #require(UserIDMailbox(address: "bot@mail.example.org"))

        try await engine.addUserID(mailbox.userID, to: key)
        #expect(Set(try await engine.key(key)?.userIDs ?? []) == [xmpp, "<bot@mail.example.org>"])
        #expect(try await engine.key(key)?.unusable == nil)
        #expect(try await engine.export(key, userID: xmpp) == announced)
        #expect(try await userIDLines(announced) == [":user ID packet: \"\(xmpp)\""])

        // Again does nothing: not even a new self-signature.
        let mail = try await engine.mailCertificate(key, mailbox: mailbox)
        try await engine.addUserID(mailbox.userID, to: key)
        #expect(try await engine.mailCertificate(key, mailbox: mailbox) == mail)

        #expect(mail.userID == "<bot@mail.example.org>" && mail.fingerprint == key)
        #expect(try await userIDLines(mail.bytes) == [":user ID packet: \"<bot@mail.example.org>\""])
        // Autocrypt Level 1 § 2.1.1: exactly these five packets.
        #expect(try PacketReader.packets(of: mail.bytes, most: 10).map(\.tag) == [6, 13, 2, 14, 2])
        // P2: the self-signature allows and promises what that of the first User ID does.
        let first = try selfSignature(announced)
        let second = try selfSignature(mail.bytes)
        for subpacket: UInt8 in [11, 21, 22, 27, SignatureFields.features, SignatureFields.preferredAEAD] {
            #expect(first.hashed(subpacket) == second.hashed(subpacket), "subpacket \(subpacket)")
        }
        await engine.close()
    }

    @Test("R23: a mail user's gpg takes the exported key and writes to the mailbox; what it sends we open") func mailUser() async throws {
        let home = Home()
        let engine = try await home.engine()
        let key = try await engine.generateKey(userID: xmpp)
        let mailbox = try #require(UserIDMailbox(address: "bot@mail.example.org"))
        try await engine.addUserID(mailbox.userID, to: key)
        let mail = try await engine.mailCertificate(key, mailbox: mailbox)
        let header = try AutocryptHeader(parsing: mail.autocrypt().foldedValue, from: mailbox)
        #expect(header.prefersEncryption)
        for form in [mail.bytes, Array(mail.armored.utf8), header.keyData] {
            let user = try Forge()
            try await user.gpg(["--import"], input: form)
            let listed = String(decoding: try await user.gpg(["--with-colons", "--list-keys", "<bot@mail.example.org>"]), as: UTF8.self)
            #expect(listed.contains(key.hex) && !listed.contains("xmpp"))
            let message = try await user.gpg(["-e", "-r", "bot@mail.example.org"], input: Array("hello".utf8))
            #expect(try await engine.open(message, limits: OpenLimits()).plaintext == Array("hello".utf8))
            // What is sealed with the key is verified with the mail's form of it.
            let sealed = try await engine.seal([1, 2], signer: key, recipients: [key])
            #expect(MessageForm.isEncryptedOnly(sealed))
            await user.close()
        }
        #expect(mail.directory?.path(.direct).hasPrefix(".well-known/openpgpkey/hu/") == true)
        let other = try #require(UserIDMailbox(address: "bot@example.org"))
        let error = await #expect(throws: OpenPGPError.self) { try await engine.mailCertificate(key, mailbox: other) }
        #expect(error?.code == .unusableKey)
        await engine.close()
    }

    @Test("A passphrase is asked for, and a wrong one named") func passphrase() async throws {
        let home = Home()
        let engine = try await home.engine(passphrase: "correct horse")
        let key = try await engine.generateKey(userID: xmpp)
        await engine.close()
        let wrong = try await home.engine(passphrase: "battery")
        let error = await #expect(throws: OpenPGPError.self) { try await wrong.addUserID("<bot@example.org>", to: key) }
        #expect(error?.code == .passphrase)
        await wrong.close()
        let none = try await home.engine()
        let missing = await #expect(throws: OpenPGPError.self) { try await none.addUserID("<bot@example.org>", to: key) }
        #expect(missing?.code == .passphrase)
        #expect(try await none.key(key)?.userIDs == [xmpp])
        await none.close()
        let asked = Asked()
        let right = try await GPGMEEngine(home: home.path, passphrase: asked.source("correct horse"), logger: .silent)
        try await right.addUserID("<bot@example.org>", to: key)
        #expect(asked.times == 1)
        #expect(Set(try await right.key(key)?.userIDs ?? []) == [xmpp, "<bot@example.org>"])
        await right.close()
    }

    @Test("Two at once put it there once") func twice() async throws {
        let home = Home()
        let engine = try await home.engine()
        let key = try await engine.generateKey(userID: xmpp)
        async let one: Void = engine.addUserID("<bot@example.org>", to: key)
        async let two: Void = engine.addUserID("<bot@example.org>", to: key)
        _ = try await (one, two)
        #expect(try await engine.key(key)?.userIDs.count == 2)
        await engine.close()
    }

    @Test("Only plain texts, only on keys of our own") func refused() async throws {
        let its = try Parties.current
        for text in ["", "<a@example.org>\n", "<a@example.org>\0", " <a@example.org>", "<a\u{202e}@example.org>"] {
            let error = await #expect(throws: OpenPGPError.self) { try await its.bob.addUserID(text, to: its.bobKey) }
            #expect(error?.code == .badKey)
        }
        for key in [its.alice, its.stranger] {
            let error = await #expect(throws: OpenPGPError.self) { try await its.bob.addUserID("<a@example.org>", to: key) }
            #expect(error?.code == .unusableKey)
        }
        #expect(try await its.bob.key(its.bobKey)?.userIDs == ["xmpp:bob@example.org"])
    }

    @Test("A User ID that was revoked doesn't come back") func revoked() async throws {
        let home = Home()
        let engine = try await home.engine()
        let key = try await engine.generateKey(userID: xmpp)
        try await engine.addUserID("<bot@example.org>", to: key)
        try await engine.withAgent {
            let fixed = ["--homedir", home.path, "--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""]
            let revoke = try await run("gpg", fixed + ["--quick-revoke-uid", key.hex, "<bot@example.org>"])
            #expect(revoke.status == 0, "\(revoke.errors)")
        }
        #expect(try await engine.key(key)?.userIDs == [xmpp])
        let error = await #expect(throws: OpenPGPError.self) { try await engine.addUserID("<bot@example.org>", to: key) }
        #expect(error?.code == .badKey)
        await engine.close()
    }

    @Test(
        "R16, R20: others' mail keys: looked at first, then taken with the exact texts",
        arguments: [
            ["Carol M\u{fc}ller <carol@mail.example>"], ["<carol@mail.example>"], ["carol@mail.example"],
            ["\u{30ad}\u{30e3}\u{30ed}\u{30eb} <carol@MAIL.example>", "Carol <carol@other.example>", "xmpp:carol@mail.example"],
            ["carol@mail.example.evil.test <carol@mail.example.evil>", "Carol <carol@mail.example>"],
        ]
    )
    func others(_ texts: [String]) async throws {
        let its = try Parties.current
        let mailbox = try #require(UserIDMailbox(address: "carol@mail.example"))
        let key = try await its.forge.key(texts[0])
        for text in texts.dropFirst() { try await its.forge.gpg(["--quick-add-uid", key.hex, text]) }
        let material = try await its.forge.export(key)
        let keep = try await its.bob.inspect(material).userIDs(for: mailbox)
        #expect(keep == texts.filter { $0.lowercased().hasSuffix("carol@mail.example>") || $0 == "carol@mail.example" })
        let info = try await its.bob.importKey(material, expected: key, keep: Set(keep))
        #expect(Set(info.userIDs) == Set(keep))
        #expect(try await userIDLines(try await its.bob.mailCertificate(key, mailbox: mailbox).bytes).count == 1)
        try await its.bob.delete(key)
        try await its.forge.gpg(["--delete-secret-and-public-key", key.hex])
    }

    @Test("R20: a key whose mailbox only looks like the one that is wanted is not for it") func lookalike() async throws {
        let its = try Parties.current
        let mailbox = try #require(UserIDMailbox(address: "dave@mail.example"))
        for text in ["Dave <dave@mail.example.evil>", "xdave@mail.example", "dave@mail.example <m@evil.example>", "xmpp:dave@mail.example"]
        {
            let key = try await its.forge.key(text)
            let material = try await its.forge.export(key)
            #expect(try await its.bob.inspect(material).userIDs(for: mailbox) == [], "\(text)")
            await #expect(throws: OpenPGPError.self) { try await its.bob.importKey(material, expected: key, keep: []) }
        }
    }
}
