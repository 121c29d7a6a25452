import TestSupport
import Testing

@testable import OpenPGP

/// Which signatures are good, and whose they are (T7, S2, A12, A21).
@Suite(.parties) struct SignatureTests {
    private func signatures(_ message: [UInt8]) async throws -> [SignatureInfo] {
        try await Parties.current.bob.open(message, limits: OpenLimits()).signatures
    }

    @Test("T7: a signing subkey is mapped to its primary key") func signingSubkey() async throws {
        let its = try Parties.current
        let key = try await its.forge.key("xmpp:sub@example.org", subkeys: [("cv25519", "encr"), ("ed25519", "sign")])
        try await its.introduce(key, "xmpp:sub@example.org")
        let subkey = try #require(try await its.forge.subkeys(of: key).last)
        let signature = try #require(try await signatures(try await its.forge.seal("x", signers: [subkey], to: [its.bobKey])).first)
        #expect(signature.verdict == .good)
        #expect(signature.primary == key)
        #expect(signature.signer == subkey.hex)
    }

    @Test("T7: RSA with one key for everything, and NIST curves", arguments: ["rsa2048", "nistp256"])
    func otherAlgorithms(_ algorithm: String) async throws {
        let its = try Parties.current
        let name = "xmpp:\(algorithm)@example.org"
        let rsa = algorithm.hasPrefix("rsa")
        let key = try await its.forge.key(
            name,
            algorithm: algorithm,
            usage: rsa ? "sign,cert,encr" : "sign,cert",
            subkeys: rsa ? [] : [(algorithm, "encr")]
        )
        try await its.introduce(key, name)
        let signature = try #require(try await signatures(try await its.forge.seal("x", signers: [key], to: [its.bobKey])).first)
        #expect(signature.verdict == .good && signature.primary == key)
        // And we can write to it.
        let sealed = try await its.bob.seal([1, 2, 3], signer: its.bobKey, recipients: [key])
        #expect(try await its.forge.gpg(["-d"], input: sealed) == [1, 2, 3])
    }

    @Test("A12: a signature by a subkey that is bound for encryption or authentication only", arguments: ["encr", "auth"])
    func wrongUsage(_ usage: String) async throws {
        let its = try Parties.current
        let name = "xmpp:usage-\(usage)@example.org"
        // RSA, since such a key can do everything; only its binding says what it is for.
        let key = try await its.forge.key(name, subkeys: [("cv25519", "encr"), ("rsa2048", "sign")], at: "20250101T000000")
        let subkey = try #require(try await its.forge.subkeys(of: key).last)
        let message = try await its.forge.seal("x", signers: [subkey], to: [its.bobKey])
        // In a forge of its own, where the key can be changed. A later binding, by the primary key itself, that doesn't allow signing.
        let other = try Forge()
        try await other.gpg(["--import"], input: try await its.forge.gpg(["--export-secret-keys", key.hex]))
        let commands = "key 2\nchange-usage\nS\n\(usage == "encr" ? "E" : "A")\nQ\nsave\n"
        try await other.gpg(["--command-fd", "0", "--expert", "--edit-key", key.hex], input: Array(commands.utf8))
        let changed = try await other.export(key)
        await other.close()
        let binding = try #require(try Certificate(reading: changed).parts.last)
        let flags = binding.signatureBodies.compactMap { SignatureFields($0)?.hashed(27)?[0] }
        #expect(flags.contains { $0 & 0x02 == 0 }, "the forge did not do what the test needs")
        _ = try await its.bob.importKey(changed, expected: key, keep: [name])
        let signature = try #require(try await signatures(message).first)
        #expect(signature.verdict != .good)
    }

    @Test("A12: a signing subkey without cross-certification") func noCrossCertification() async throws {
        let its = try Parties.current
        let name = "xmpp:uncrossed@example.org"
        let key = try await its.forge.key(name, subkeys: [("cv25519", "encr"), ("ed25519", "sign")])
        let subkey = try #require(try await its.forge.subkeys(of: key).last)
        let certificate = try Certificate(reading: try await its.forge.export(key))
        // The embedded signature stands in the part of the binding that nobody has signed: an attacker can't make it, but can adopt
        // somebody's subkey without one.
        let stripped = certificate.parts.flatMap { part in
            part.packet + part.signatureBodies.flatMap { Packet.make(2, part.tag == 14 ? Crafted.withoutEmbedded($0) : $0) }
        }
        _ = try await its.bob.importKey(stripped, expected: key, keep: [name])
        let message = try await its.forge.seal("x", signers: [subkey], to: [its.bobKey])
        let signature = try #require(try await signatures(message).first)
        #expect(signature.verdict != .good)
        #expect(signature.verdict != .unknownKey)
    }

    @Test("A12: a revoked subkey") func revokedSubkey() async throws {
        let its = try Parties.current
        let name = "xmpp:revsub@example.org"
        let key = try await its.forge.key(name, subkeys: [("cv25519", "encr"), ("ed25519", "sign")])
        let subkey = try #require(try await its.forge.subkeys(of: key).last)
        let message = try await its.forge.seal("x", signers: [subkey], to: [its.bobKey])
        try await its.forge.gpg(
            ["--command-fd", "0", "--expert", "--edit-key", key.hex],
            input: Array("key 2\nrevkey\ny\n0\n\ny\nsave\n".utf8)
        )
        try await its.introduce(key, name)
        let signature = try #require(try await signatures(message).first)
        #expect(signature.verdict == .revoked)
        #expect(signature.primary == key)
    }

    @Test("A21: a key that has been revoked since") func revokedKey() async throws {
        let its = try Parties.current
        let name = "xmpp:revoked@example.org"
        let key = try await its.forge.key(name)
        try await its.introduce(key, name)
        let message = try await its.forge.seal("x", signers: [key], to: [its.bobKey])
        #expect(try await signatures(message).map(\.verdict) == [.good])
        try await its.forge.revoke(key)
        let info = try await its.bob.importKey(try await its.forge.export(key), expected: key, keep: [name])
        #expect(info.unusable?.contains("revoked") == true)
        #expect(try await signatures(message).map(\.verdict) == [.revoked])
        await #expect(throws: OpenPGPError.self) { try await its.bob.seal([1], signer: its.bobKey, recipients: [key]) }
    }

    @Test("A21: a key that has expired") func expiredKey() async throws {
        let its = try Parties.current
        let name = "xmpp:expired@example.org"
        let key = try await its.forge.key(name, at: "20250101T000000", expires: "2025-02-01")
        let signed = try await its.forge.gpg(["--faked-system-time", "20250110T000000", "-s", "-u", key.hex], input: [120])
        let message = try await its.forge.encrypt(packets: signed, to: its.bobKey)
        // A key that has expired isn't imported; one that was imported in time has its signatures called expired.
        await #expect(throws: OpenPGPError.self) { try await its.introduce(key, name) }
        _ = try? await run("gpg", ["--homedir", its.home, "--import"], input: try await its.forge.export(key))
        let signature = try #require(try await signatures(message).first)
        #expect(signature.verdict == .expired)
        #expect(signature.primary == key)
        let info = try #require(try await its.bob.key(key))
        #expect(info.unusable == "it has expired")
        #expect(info.expires != nil)
    }

    @Test("A21: a signature that has expired") func expiredSignature() async throws {
        let its = try Parties.current
        let name = "xmpp:old@example.org"
        let key = try await its.forge.key(name, at: "20250101T000000")
        try await its.introduce(key, name)
        let signed = try await its.forge.gpg(
            ["--faked-system-time", "20250110T000000", "--default-sig-expire", "1d", "-s", "-u", key.hex],
            input: [120]
        )
        let message = try await its.forge.encrypt(packets: signed, to: its.bobKey)
        #expect(try await signatures(message).map(\.verdict) == [.expired])
    }

    @Test("S11: a signature that rests on SHA-1") func weakDigest() async throws {
        let its = try Parties.current
        let message = try await its.forge.seal("x", signers: [its.alice], to: [its.bobKey], ["--digest-algo", "SHA1"])
        let verdict = try #require(try await signatures(message).first).verdict
        #expect(verdict != .good)
    }

    @Test("A11: more signatures than anybody makes") func manySignatures() async throws {
        let its = try Parties.current
        let signed = try await its.forge.gpg(["--detach-sign", "-u", its.alice.hex], input: [120])
        // gpg needs minutes for the last: it is ended before.
        for count in [16, 17, 8000] {
            let packets = Array(repeatElement(signed, count: count).joined()) + Packet.literal("x")
            let message = try await its.forge.encrypt(packets: packets, to: its.bobKey)
            #expect(await its.refusal(message) == (count == 16 ? nil : .malformed), "\(count)")
        }
    }

    @Test("A signature that is not over data, but over a key, or over nothing") func otherClasses() async throws {
        let its = try Parties.current
        let certificate = try Certificate(reading: try await its.forge.export(its.alice))
        for part in certificate.parts where !part.signatures.isEmpty {
            let packets = part.signatures[0] + Packet.literal("x")
            let message = try await its.forge.encrypt(packets: packets, to: its.bobKey)
            guard let opened = try? await its.bob.open(message, limits: OpenLimits()) else { continue }
            #expect(!opened.signatures.contains { $0.verdict == .good })
        }
    }

    @Test("S2: a signature over other data") func badSignature() async throws {
        let its = try Parties.current
        let signed = try await its.forge.gpg(["-s", "-z", "0", "-u", its.alice.hex], input: Array("one".utf8))
        let packets = try PacketReader.packets(of: signed, most: 10)
        #expect(packets.map(\.tag) == [4, 11, 2])
        let forged = Array(signed[packets[0].whole]) + Packet.literal("two") + Array(signed[packets[2].whole])
        let signature = try #require(try await signatures(try await its.forge.encrypt(packets: forged, to: its.bobKey)).first)
        #expect(signature.verdict == .bad)
        #expect(signature.primary == nil)
        // The same with the signed data intact is good, so the test tests what it says.
        let intact = try await its.forge.encrypt(packets: signed, to: its.bobKey)
        #expect(try await signatures(intact).map(\.verdict) == [.good])
        // One-pass packet or signature alone.
        let half = Array(signed[packets[0].whole]) + Array(signed[packets[1].whole])
        if let result = try? await its.bob.open(try await its.forge.encrypt(packets: half, to: its.bobKey), limits: OpenLimits()) {
            #expect(!result.signatures.contains { $0.verdict == .good })
        }
    }
}

/// Changes to packets that no program offers.
enum Crafted {
    /// A version 4 signature's body without the embedded signature (type 32) among its unhashed subpackets, all of which are short.
    static func withoutEmbedded(_ body: [UInt8]) -> [UInt8] {
        let start = 6 + (Int(body[4]) << 8 | Int(body[5]))
        let end = start + 2 + (Int(body[start]) << 8 | Int(body[start + 1]))
        var kept: [UInt8] = []
        var position = start + 2
        while position < end {
            let length = Int(body[position])
            if body[position + 1] & 0x7f != 32 { kept += body[position...position + length] }
            position += 1 + length
        }
        return Array(body[..<start]) + [UInt8(kept.count >> 8), UInt8(kept.count & 255)] + kept + Array(body[end...])
    }
}
