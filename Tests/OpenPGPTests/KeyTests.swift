import Foundation
import TestSupport
import Testing

@testable import OpenPGP

/// Which keys are taken in, and what is left of them (S3b, S11, P1–P3, A9, A18, A20, A21, T1, T13, R16).
@Suite(.parties) struct KeyTests {
    /// The code of the error with which Bob refuses a key, or `nil` if he imports it.
    private func refusal(_ material: [UInt8], _ expected: Fingerprint, keep: Set<String>) async throws -> OpenPGPError.Code? {
        do {
            _ = try await Parties.current.bob.importKey(material, expected: expected, keep: keep)
            return nil
        } catch let error as OpenPGPError {
            return error.code
        }
    }

    @Test("P1, P2: a new key is [SC] and [E], one User ID, no expiry, no AEAD") func generated() async throws {
        let its = try Parties.current
        let info = try #require(try await its.bob.key(its.bobKey))
        #expect(info.userIDs == ["xmpp:bob@example.org"])
        #expect(info.algorithm == "ed25519")
        #expect(info.expires == nil && info.hasSecret && info.unusable == nil)
        let exported = try await its.bob.export(its.bobKey, userID: "xmpp:bob@example.org")
        let certificate = try Certificate(reading: exported)
        #expect(certificate.parts.map(\.tag) == [6, 13, 14])
        // Version 4, EdDSA; ECDH.
        #expect(certificate.parts[0].body[0] == 4 && certificate.parts[0].body[5] == 22)
        #expect(certificate.parts[2].body[0] == 4 && certificate.parts[2].body[5] == 18)
        let self_ = try #require(SignatureFields(certificate.parts[1].signatureBodies[0]))
        #expect(self_.hashed(SignatureFields.features) == [1])
        #expect(self_.hashed(SignatureFields.preferredAEAD) == nil)
        #expect(self_.hashed(27) == [3])
    }

    @Test("P3: exported is one certificate, binary, with one User ID and no secret packet") func export() async throws {
        let its = try Parties.current
        let exported = try await its.bob.export(its.bobKey, userID: "xmpp:bob@example.org")
        let tags = try PacketReader.packets(of: exported, most: 100).map(\.tag)
        #expect(tags == [6, 13, 2, 14, 2])
        await #expect(throws: OpenPGPError.self) { try await its.bob.export(its.bobKey, userID: "xmpp:bob@example.or") }
        await #expect(throws: OpenPGPError.self) { try await its.bob.export(its.stranger, userID: "xmpp:stranger@example.org") }
    }

    @Test("R16: only the User IDs that are kept get in, and only the one that is named gets out") func userIDs() async throws {
        let its = try Parties.current
        let key = try await its.forge.key("xmpp:two@example.org")
        try await its.forge.gpg(["--quick-add-uid", key.hex, "Two <two@mail.example.org>"])
        try await its.forge.gpg(["--quick-add-uid", key.hex, "xmpp:bob@example.org"])
        let material = try await its.forge.export(key)
        #expect(try await its.bob.inspect(material).userIDs.count == 3)
        let info = try await its.bob.importKey(material, expected: key, keep: ["xmpp:two@example.org", "Two <two@mail.example.org>"])
        #expect(Set(info.userIDs) == ["xmpp:two@example.org", "Two <two@mail.example.org>"])
        let exported = try await its.bob.export(key, userID: "Two <two@mail.example.org>")
        #expect(try Certificate(reading: exported).userIDs == [Array("Two <two@mail.example.org>".utf8)])
        #expect(try await its.bob.inspect(exported).userIDs == ["Two <two@mail.example.org>"])
    }

    @Test(
        "A9: a User ID that only looks like the one that is wanted",
        arguments: [
            "xmpp:alice@ox.test.evil", "xxmpp:alice@ox.test", "XMPP:ALICE@OX.TEST", "xmpp:alice@ox.test ", "Foo <xmpp:alice@ox.test>",
            "xmpp:alice@ox.test\u{202e}", "xmpp:al\u{0456}ce@ox.test", "xmpp:alice@ox.test\u{0}", "xmpp:alice@ox.te\u{301}st",
        ]
    )
    func lookalike(_ name: String) async throws {
        let its = try Parties.current
        // gpg would not make all of these; the form is what is judged here, before any signature.
        let certificate = try Certificate(reading: try await its.forge.export(its.stranger))
        let material = certificate.parts.flatMap { part in
            (part.tag == 13 ? Packet.make(13, Array(name.utf8)) : part.packet) + part.signatures.flatMap(\.self)
        }
        #expect(try await refusal(material, its.stranger, keep: ["xmpp:alice@ox.test"]) == .badKey)
    }

    @Test("A9: a User ID that the key has not signed") func unsignedUserID() async throws {
        let its = try Parties.current
        let certificate = try Certificate(reading: try await its.forge.export(its.stranger))
        let material = certificate.parts.flatMap { part in
            part.packet + part.signatures.flatMap(\.self) + (part.tag == 13 ? Packet.make(13, Array("xmpp:alice@ox.test".utf8)) : [])
        }
        #expect(try await refusal(material, its.stranger, keep: ["xmpp:alice@ox.test"]) == .badKey)
        // Signed by somebody else's key: the signature of one certificate under the name in another.
        let other = try await its.forge.key("xmpp:alice@ox.test")
        let its_ = try Certificate(reading: try await its.forge.export(other))
        let name = try #require(its_.parts.first { $0.tag == 13 })
        let moved = certificate.parts.flatMap { part in
            part.packet + part.signatures.flatMap(\.self) + (part.tag == 13 ? name.packet + name.signatures.flatMap(\.self) : [])
        }
        #expect(try await refusal(moved, its.stranger, keep: ["xmpp:alice@ox.test"]) == .badKey)
        #expect(try await its.bob.inspect(moved).userIDs == ["xmpp:stranger@example.org"])
    }

    @Test("A18: another key than the one that was announced") func otherKey() async throws {
        let its = try Parties.current
        let material = try await its.forge.export(its.stranger)
        #expect(try await refusal(material, its.alice, keep: ["xmpp:stranger@example.org"]) == .badKey)
        #expect(try await its.bob.key(its.stranger) == nil)
    }

    @Test("A20: secret keys, two certificates, other versions, rubbish, too much") func material() async throws {
        let its = try Parties.current
        let keep: Set = ["xmpp:stranger@example.org"]
        let good = try await its.forge.export(its.stranger)
        let secret = try await its.forge.gpg(["--export-secret-keys", its.stranger.hex])
        let armoredSecret = try await its.forge.gpg(["--armor", "--export-secret-keys", its.stranger.hex])
        let secretSubkeys = try await its.forge.gpg(["--export-secret-subkeys", its.stranger.hex])
        var bad: [(String, [UInt8])] = [
            ("secret", secret), ("armored secret", armoredSecret), ("secret subkeys", secretSubkeys), ("two", good + good),
            ("another behind it", good + (try await its.forge.export(its.alice))), ("secret behind it", good + secret), ("nothing", []),
            ("text", Array("hello".utf8)), ("truncated", Array(good.dropLast(20))), ("a message", Packet.literal("hello")),
            ("64 KiB", good + Packet.make(2, Array(repeating: 4, count: 65_536))),
            ("10,000 signatures", good + Array(repeatElement(Packet.make(2, [4]), count: 10_000).joined())),
            ("1,001 packets", good + Array(repeatElement([0xc2, 1, 4], count: 1001).joined())),
        ]
        for version: UInt8 in [2, 3, 5, 6] {
            var other = good
            let body = try #require(try PacketReader.packets(of: good, most: 100).first).body
            other[body.lowerBound] = version
            bad.append(("version \(version)", other))
        }
        for (what, material) in bad {
            let code = try await refusal(material, its.stranger, keep: keep)
            #expect(code == .badKey, "\(what)")
            await #expect(throws: OpenPGPError.self, "\(what)") { try await its.bob.inspect(material) }
        }
        #expect(try await its.bob.key(its.stranger) == nil)
    }

    @Test("A20: photographs and other people's signatures are left behind") func ballast() async throws {
        let its = try Parties.current
        let key = try await its.forge.key("xmpp:ballast@example.org")
        try await its.forge.gpg(["-u", its.alice.hex, "--quick-sign-key", key.hex])
        let certificate = try Certificate(reading: try await its.forge.export(key))
        #expect(certificate.parts[1].signatures.count == 2)
        let material = certificate.parts.flatMap { part in
            part.packet + part.signatures.flatMap(\.self) + (part.tag == 13 ? Packet.make(17, Array(repeating: 1, count: 500)) : [])
        }
        _ = try await its.bob.importKey(material, expected: key, keep: ["xmpp:ballast@example.org"])
        let kept = try Certificate(reading: try await its.bob.export(key, userID: "xmpp:ballast@example.org"))
        #expect(kept.parts.map(\.tag) == [6, 13, 14])
        #expect(kept.parts.map(\.signatures.count) == [0, 1, 1])
    }

    @Test("T1: ASCII armor around a key, with and without its checksum") func armor() async throws {
        let its = try Parties.current
        let armored = try await its.forge.gpg(["--armor", "--export", its.stranger.hex])
        #expect(try await its.bob.inspect(armored).fingerprint == its.stranger)
        let lines = String(decoding: armored, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let bare = lines.filter { !($0.hasPrefix("=") && $0.count == 5) }.joined(separator: "\r\n")
        #expect(try await its.bob.inspect(Array(bare.utf8)).fingerprint == its.stranger)
    }

    @Test("S11, A21: revoked, expired, not yet valid, without encryption, weak") func unusable() async throws {
        let its = try Parties.current
        var cases: [(name: String, key: Fingerprint, reason: String)] = []
        let revoked = try await its.forge.key("xmpp:r@x.org")
        try await its.forge.revoke(revoked)
        cases.append(("xmpp:r@x.org", revoked, "revoked"))
        cases.append(("xmpp:e@x.org", try await its.forge.key("xmpp:e@x.org", at: "20250101T000000", expires: "2025-02-01"), "expired"))
        cases.append(("xmpp:n@x.org", try await its.forge.key("xmpp:n@x.org", subkeys: []), "no encryption key"))
        cases.append(
            ("xmpp:w@x.org", try await its.forge.key("xmpp:w@x.org", algorithm: "rsa1024", subkeys: [("rsa1024", "encr")]), "too weak")
        )
        cases.append(
            ("xmpp:d@x.org", try await its.forge.key("xmpp:d@x.org", algorithm: "dsa2048", subkeys: [("elg2048", "encr")]), "too weak")
        )
        cases.append(("xmpp:s@x.org", try await its.forge.key("xmpp:s@x.org", subkeys: [("rsa1024", "encr")]), "too weak"))
        for (name, key, reason) in cases {
            let material = try await its.forge.export(key)
            let info = try await its.bob.inspect(material)
            #expect(info.unusable?.contains(reason) == true, "\(name): \(info.unusable ?? "usable")")
            #expect(try await refusal(material, key, keep: [name]) == .badKey, "\(name)")
            #expect(try await its.bob.key(key) == nil, "\(name)")
        }
        // One from the future, and one whose self-signatures rest on SHA-1.
        let future = try await its.forge.key("xmpp:f@x.org", at: "20990101T000000")
        #expect(try await refusal(try await its.forge.export(future), future, keep: ["xmpp:f@x.org"]) == .badKey)
        try await its.forge.gpg(["--cert-digest-algo", "SHA1", "--quick-gen-key", "xmpp:h@x.org", "rsa2048", "sign,cert,encr", "0"])
        let sha1 = try await its.forge.fingerprint("xmpp:h@x.org")
        #expect(try await refusal(try await its.forge.export(sha1), sha1, keep: ["xmpp:h@x.org"]) == .badKey)
    }

    @Test("E8: a key that can't be used is never encrypted to, nor is anything sent to the others") func partial() async throws {
        let its = try Parties.current
        await #expect(throws: OpenPGPError.self) {
            try await its.bob.seal([1], signer: its.bobKey, recipients: [its.alice, its.stranger])
        }
        await #expect(throws: OpenPGPError.self) { try await its.bob.seal([1], signer: its.alice, recipients: [its.alice]) }
        await #expect(throws: OpenPGPError.self) { try await its.bob.seal([1], signer: its.bobKey, recipients: []) }
        // A key that is in the keyring and has expired meanwhile, put there behind our back.
        let expired = try await its.forge.key("xmpp:gone@x.org", at: "20250101T000000", expires: "2025-02-01")
        try await run("gpg", ["--homedir", its.home, "--batch", "--import"], input: try await its.forge.export(expired))
        #expect(try await its.bob.key(expired)?.unusable == "it has expired")
        let error = await #expect(throws: OpenPGPError.self) {
            try await its.bob.seal([1], signer: its.bobKey, recipients: [its.alice, expired])
        }
        #expect(error?.code == .unusableKey)
    }

    @Test("E1, E8, fact 1: sealed is binary, uncompressed, signed by the primary key, for exactly those recipients") func sealed()
        async throws
    {
        let its = try Parties.current
        // Bob is given a signing subkey, which gpg would prefer.
        let home = Home()
        let engine = try await home.engine()
        let key = try await its.forge.key("xmpp:signer@example.org", subkeys: [("cv25519", "encr"), ("ed25519", "sign")])
        try await run("gpg", ["--homedir", home.path, "--batch", "--import"], input: try await its.forge.export(key))
        _ = try await engine.keys()
        try await engine.withAgent {
            try await run(
                "gpg",
                ["--homedir", home.path, "--batch", "--pinentry-mode", "loopback", "--passphrase", "", "--import"],
                input: try await its.forge.gpg(["--export-secret-keys", key.hex])
            )
        }
        let sealed = try await engine.seal(Array("hello".utf8), signer: key, recipients: [key])
        let message = try EncryptedMessage(reading: sealed)
        #expect(message.recipients == 1 && message.bytes == sealed)
        let listing = String(decoding: try await its.forge.gpg(["--list-packets"], input: sealed), as: UTF8.self)
        #expect(!listing.contains("compressed packet"))
        #expect(listing.contains(":literal data packet"))
        #expect(listing.contains("mdc_method: 2"))
        let opened = try await engine.open(sealed, limits: OpenLimits())
        #expect(opened.signatures.map(\.signer) == [key.hex])
        #expect(opened.signatures.map(\.primary) == [key])
        await engine.close()
    }

    @Test("Deleting takes certificates, never keys with secrets, and not what isn't there") func delete() async throws {
        let its = try Parties.current
        let key = try await its.forge.key("xmpp:delete@example.org")
        try await its.introduce(key, "xmpp:delete@example.org")
        try await its.bob.delete(key)
        #expect(try await its.bob.key(key) == nil)
        try await its.bob.delete(key)
        let error = await #expect(throws: OpenPGPError.self) { try await its.bob.delete(its.bobKey) }
        #expect(error?.code == .unusableKey)
        #expect(try await its.bob.key(its.bobKey) != nil)
    }

    @Test("What was listed is kept through changes of our own, and forgotten after anybody else's") func cached() async throws {
        let its = try Parties.current
        let home = Home()
        let engine = try await home.engine()
        // The agent's first start makes a directory, which is a change.
        try await engine.withAgent {}
        let material = try await its.forge.export(its.stranger)
        _ = try await engine.importKey(try await its.forge.export(its.alice), expected: its.alice, keep: ["xmpp:alice@example.org"])
        _ = try await engine.importKey(material, expected: its.stranger, keep: ["xmpp:stranger@example.org"])
        #expect(engine.cache.key(its.alice) != nil && engine.cache.key(its.stranger) != nil)
        try await engine.delete(its.stranger)
        #expect(engine.cache.key(its.alice) != nil && engine.cache.key(its.stranger) == nil)
        #expect(try await engine.key(its.stranger) == nil)
        try await run("gpg", ["--homedir", home.path, "--batch", "--import"], input: material)
        #expect(engine.cache.key(its.alice) == nil)
        #expect(try await engine.key(its.stranger) != nil)
        await engine.close()
    }

    @Test("A subkey's fingerprint finds nothing") func subkey() async throws {
        let its = try Parties.current
        let subkey = try #require(try await its.forge.subkeys(of: its.alice).first)
        #expect(try await its.bob.key(subkey) == nil)
        await #expect(throws: OpenPGPError.self) { try await its.bob.seal([1], signer: its.bobKey, recipients: [subkey]) }
    }

    @Test(
        "A User ID for a new key is one plain line",
        arguments: ["", " ", "a\nb", "xmpp:a@b\u{0}", "x </GnupgKeyParms> y", " xmpp:a@b", "xmpp:a@b ", "a\u{202e}b", "%no-protection\n"]
    )
    func userIDText(_ text: String) async throws {
        let error = await #expect(throws: OpenPGPError.self) { try await Parties.current.bob.generateKey(userID: text) }
        #expect(error?.code == .badKey)
    }

    @Test("User IDs with brackets, blanks, quotes and letters of all kinds") func unusualUserID() async throws {
        let home = Home()
        let engine = try await home.engine()
        for name in ["<bot@mail.example.org>", "Bot (test) <bot@example.org>", "xmpp:jörg%40x\\20y'\"@exämple.org", "xmpp:ボット@example.org"]
        {
            let key = try await engine.generateKey(userID: name)
            #expect(try await engine.key(key)?.userIDs == [name])
            #expect(try Certificate(reading: try await engine.export(key, userID: name)).userIDs == [Array(name.utf8)])
        }
        await engine.close()
    }
}
