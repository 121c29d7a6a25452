import TestSupport
import Testing

@testable import OpenPGP

/// Detached signatures: which are good, whose they are, over which bytes (RFC 3156 § 6.1, T7, S2, A11, A12, A21, R22).
@Suite(.parties) struct VerifyTests {
    private let content = Array("Content-Type: text/plain\r\n\r\nhello\r\n".utf8)

    private func sign(_ content: [UInt8], _ signers: [Fingerprint], _ more: [String] = []) async throws -> [UInt8] {
        try await Parties.current.forge.gpg(more + ["--detach-sign"] + signers.flatMap { ["-u", $0.hex + "!"] }, input: content)
    }

    private func verdicts(_ content: [UInt8], _ signature: [UInt8]) async throws -> [SignatureInfo.Verdict] {
        try await Parties.current.bob.verify(content, signature: signature).map(\.verdict)
    }

    /// The code of the error with which Bob refuses a signature, or `nil` if he reports on it.
    private func refusal(_ signature: [UInt8]) async throws -> OpenPGPError.Code? {
        do {
            _ = try await Parties.current.bob.verify(content, signature: signature)
            return nil
        } catch let error as OpenPGPError {
            return error.code
        }
    }

    @Test("Binary and armored, over anything and over nothing") func good() async throws {
        let its = try Parties.current
        for content in [content, [], [0, 255, 10, 13, 0], [UInt8](repeating: 7, count: 300_000)] {
            for armor in [[], ["--armor"]] {
                let infos = try await its.bob.verify(content, signature: try await sign(content, [its.alice], armor))
                #expect(infos.map(\.verdict) == [.good])
                #expect(infos.map(\.primary) == [its.alice])
                #expect(infos.map(\.signer) == [its.alice.hex])
                #expect(infos.allSatisfy { $0.created > 1_700_000_000 })
            }
        }
    }

    @Test("S2: over other data, however little other") func otherData() async throws {
        let its = try Parties.current
        let signature = try await sign(content, [its.alice])
        for other in [content + [10], Array(content.dropLast()), [], content.map { $0 == 13 ? 32 : $0 }, content.filter { $0 != 13 }] {
            let infos = try await its.bob.verify(other, signature: signature)
            #expect(infos.map(\.verdict) == [.bad])
            #expect(infos.allSatisfy { $0.primary == nil })
        }
    }

    @Test("A flipped bit or a missing byte in the signature is never good") func damaged() async throws {
        let its = try Parties.current
        let signature = try await sign(content, [its.alice])
        for position in stride(from: 0, to: signature.count, by: 5) {
            var flipped = signature
            flipped[position] ^= 4
            let infos = (try? await its.bob.verify(content, signature: flipped)) ?? []
            // What names the key without being signed may be free; the key that gpg then finds is Alice's or none.
            #expect(infos.allSatisfy { $0.verdict != .good || $0.primary == its.alice }, "flipped at \(position)")
        }
        for length in stride(from: 0, to: signature.count, by: 7) {
            #expect(try await refusal(Array(signature.prefix(length))) == .malformed, "truncated to \(length)")
        }
    }

    @Test("A11: several signatures are all reported, whatever becomes of the others") func several() async throws {
        let its = try Parties.current
        let both = try await its.bob.verify(content, signature: try await sign(content, [its.alice, its.carol]))
        #expect(Set(both.map(\.primary)) == [its.alice, its.carol] && both.map(\.verdict) == [.good, .good])

        let good = try await sign(content, [its.alice])
        let bad = try await sign([1], [its.carol])
        let unknown = try await sign(content, [its.stranger])
        #expect(try await verdicts(content, good + bad) == [.good, .bad])
        // Given all at once, gpg would stop here at the first.
        #expect(try await verdicts(content, bad + good) == [.bad, .good])
        #expect(try await verdicts(content, unknown + good + bad) == [.unknownKey, .good, .bad])
        // Classes differ: given both at once, gpg would check the first and never mention the other.
        let text = try await sign([1], [its.carol], ["--textmode"])
        #expect(try await verdicts(content, good + text) == [.good, .bad])
        #expect(try await verdicts(content, text + good) == [.bad, .good])
        // The same one twice is two.
        #expect(try await verdicts(content, good + good) == [.good, .good])

        #expect(try await verdicts(content, Array(repeatElement(good, count: 16).joined())).count == 16)
        #expect(try await refusal(Array(repeatElement(good, count: 17).joined())) == .malformed)
    }

    @Test("An unknown signer is named as the signature names it") func unknownKey() async throws {
        let its = try Parties.current
        let info = try #require(try await its.bob.verify(content, signature: try await sign(content, [its.stranger])).first)
        #expect(info.verdict == .unknownKey && info.primary == nil)
        #expect(!info.signer.isEmpty && its.stranger.hex.hasSuffix(info.signer))
    }

    @Test("T7: a signing subkey is mapped to its primary key") func subkey() async throws {
        let its = try Parties.current
        let key = try await its.forge.key("<sub@example.org>", subkeys: [("cv25519", "encr"), ("ed25519", "sign")])
        try await its.introduce(key, "<sub@example.org>")
        let subkey = try #require(try await its.forge.subkeys(of: key).last)
        let info = try #require(try await its.bob.verify(content, signature: try await sign(content, [subkey])).first)
        #expect(info.verdict == .good && info.primary == key && info.signer == subkey.hex)
    }

    @Test("A12: a signing subkey without cross-certification, or revoked since") func badSubkeys() async throws {
        let its = try Parties.current
        let key = try await its.forge.key("<uncrossed@example.org>", subkeys: [("cv25519", "encr"), ("ed25519", "sign")])
        let subkey = try #require(try await its.forge.subkeys(of: key).last)
        let signature = try await sign(content, [subkey])
        let stripped = try Certificate(reading: try await its.forge.export(key)).parts.flatMap { part in
            part.packet + part.signatureBodies.flatMap { Packet.make(2, part.tag == 14 ? Crafted.withoutEmbedded($0) : $0) }
        }
        _ = try await its.bob.importKey(stripped, expected: key, keep: ["<uncrossed@example.org>"])
        let verdict = try #require(try await verdicts(content, signature).first)
        #expect(verdict != .good && verdict != .unknownKey)

        let revoked = try await its.forge.key("<revsub@example.org>", subkeys: [("cv25519", "encr"), ("ed25519", "sign")])
        let gone = try #require(try await its.forge.subkeys(of: revoked).last)
        let old = try await sign(content, [gone])
        let commands = Array("key 2\nrevkey\ny\n0\n\ny\nsave\n".utf8)
        try await its.forge.gpg(["--command-fd", "0", "--expert", "--edit-key", revoked.hex], input: commands)
        try await its.introduce(revoked, "<revsub@example.org>")
        #expect(try await verdicts(content, old) == [.revoked])
    }

    @Test("A21: revoked and expired keys, an expired signature, SHA-1") func unusable() async throws {
        let its = try Parties.current
        let revoked = try await its.forge.key("<revoked@example.org>")
        try await its.introduce(revoked, "<revoked@example.org>")
        let before = try await sign(content, [revoked])
        #expect(try await verdicts(content, before) == [.good])
        try await its.forge.revoke(revoked)
        try await its.introduce(revoked, "<revoked@example.org>")
        #expect(try await verdicts(content, before) == [.revoked])

        let expired = try await its.forge.key("<expired@example.org>", at: "20250101T000000", expires: "2025-02-01")
        let late = try await sign(content, [expired], ["--faked-system-time", "20250110T000000"])
        _ = try await run("gpg", ["--homedir", its.home, "--import"], input: try await its.forge.export(expired))
        #expect(try await verdicts(content, late) == [.expired])

        let short = try await sign(content, [its.alice], ["--default-sig-expire", "seconds=1"])
        let past = try await sign(content, [its.alice], ["--digest-algo", "SHA1"])
        #expect(try await verdicts(content, past) != [.good])
        // In time or just too late: never anything else.
        let verdict = try #require(try await verdicts(content, short).first)
        #expect(verdict == .good || verdict == .expired)
        let old = try await its.forge.key("<old@example.org>", at: "20250101T000000")
        try await its.introduce(old, "<old@example.org>")
        let over = try await sign(content, [old], ["--faked-system-time", "20250110T000000", "--default-sig-expire", "1d"])
        #expect(try await verdicts(content, over) == [.expired])
    }

    @Test("S1: anything but signatures over data is refused before gpg sees it") func otherPackets() async throws {
        let its = try Parties.current
        let good = try await sign(content, [its.alice])
        let message = try await its.forge.gpg(["-s", "-z", "0", "-u", its.alice.hex], input: content)
        let compressed = try await its.forge.gpg(["-s", "-u", its.alice.hex], input: content)
        let key = try Certificate(reading: try await its.forge.export(its.alice))
        let certification = try #require(key.parts.first { $0.tag == 13 }?.signatures.first)
        let bad: [(String, [UInt8])] = [
            ("nothing", []), ("white space", [10, 10]), ("text", Array("hello".utf8)), ("a whole signed message", message),
            ("a compressed one", compressed), ("a literal behind it", good + Packet.literal("hello")),
            ("a literal before it", Packet.literal("hello") + good), ("a marker", Packet.make(10, Array("PGP".utf8)) + good),
            ("garbage behind it", good + Array("hello".utf8)), ("zeros behind it", good + [0, 0]),
            ("padding", good + Packet.make(21, [1, 2])),
            ("a key", try await its.forge.export(its.alice)), ("a signature over a key", certification),
            ("one of no data", Packet.make(2, [4, 2] + Array(repeating: 0, count: 20))), ("an empty packet", Packet.make(2, [])),
            ("an encrypted message", try await its.forge.seal("x", signers: [its.alice], to: [its.bobKey])),
        ]
        for (what, signature) in bad { #expect(try await refusal(signature) == .malformed, "\(what)") }
        let long = good + Packet.make(2, [4, 0] + Array(repeating: 0, count: 70_000))
        #expect(try await refusal(long) == .tooBig)
        #expect(try await refusal(Array(ASCIIArmor.encode(long, as: .signature).utf8)) == .tooBig)
        #expect(try await refusal(Array(repeating: 45, count: 1 << 20)) == .tooBig)
    }

    @Test("Armor: exactly one block of a signature, and nothing around it") func armor() async throws {
        let its = try Parties.current
        let good = try await sign(content, [its.alice])
        let armored = ASCIIArmor.encode(good, as: .signature)
        #expect(try await verdicts(content, Array(("\r\n" + armored + "\n\n").utf8)) == [.good])
        #expect(try await verdicts(content, Array(armored.replacing("\n", with: "\r\n").utf8)) == [.good])
        let clear = try await its.forge.gpg(["--clearsign", "-u", its.alice.hex], input: content)
        let bad: [(String, [UInt8])] = [
            ("text behind it", Array((armored + "and more\n").utf8)), ("text before it", Array(("hello\n" + armored).utf8)),
            ("two blocks", Array((armored + armored).utf8)), ("binary behind it", Array(armored.utf8) + good),
            ("another kind", Array(ASCIIArmor.encode(good, as: .message).utf8)), ("clear-signed text", clear),
            ("cut", Array(armored.utf8.dropLast(20))),
        ]
        for (what, signature) in bad { #expect(try await refusal(signature) == .malformed, "\(what)") }
    }

    @Test("Versions other than 4 are reported and never good", arguments: [2, 3, 5, 6] as [UInt8]) func versions(_ version: UInt8)
        async throws
    {
        let its = try Parties.current
        let good = try await sign(content, [its.alice])
        var other = good
        let body = try #require(try PacketReader.packets(of: good, most: 1).first).body
        other[body.lowerBound] = version
        // In versions up to 3 the class stands one byte further on.
        if version < 4 { other[body.lowerBound + 2] = 0 }
        let infos = try await its.bob.verify(content, signature: good + other)
        #expect(infos.map(\.verdict) == [.good, .error("it is of version \(version)")])
        #expect(infos[1].primary == nil)
    }

    @Test("A signature over text fits all line ends that are alike") func text() async throws {
        let its = try Parties.current
        let signature = try await sign(Array("a\nb\n".utf8), [its.alice], ["--textmode"])
        for content in ["a\nb\n", "a\r\nb\r\n"] { #expect(try await verdicts(Array(content.utf8), signature) == [.good], "\(content)") }
        for content in ["a\nb", "a\n\nb\n", "a b\n", "a\nc\n", ""] { #expect(try await verdicts(Array(content.utf8), signature) == [.bad]) }
        // One over bytes doesn't.
        let binary = try await sign(Array("a\nb\n".utf8), [its.alice])
        #expect(try await verdicts(Array("a\r\nb\r\n".utf8), binary) == [.bad])
    }

    @Test("A signature over text that gpg calls good over contents with other lines", arguments: ["a\r\r\nb\r\n", "a\r\nb\n", "a\nb\r\n"])
    func ambiguousText(_ content: String) async throws {
        let its = try Parties.current
        let signature = try await sign(Array("a\nb\n".utf8), [its.alice], ["--textmode"])
        let info = try #require(try await its.bob.verify(Array(content.utf8), signature: signature).first)
        guard case .error(let words) = info.verdict else {
            Issue.record("\(info.verdict)")
            return
        }
        #expect(words.contains("signature over text"))
    }

    @Test("A signature over text whose long line gpg reads only in part") func longLine() async throws {
        let its = try Parties.current
        // gpg complains of a line this long when it signs it, and still signs it.
        let line = String(repeating: "a", count: 19_993)
        let made = try await its.forge.attempt(["--textmode", "--detach-sign", "-u", its.alice.hex], input: Array((line + "\r\n").utf8))
        let forged = Array((line + " and what Alice never wrote\r\n").utf8)
        let information = try #require(try await its.bob.verify(forged, signature: made.output).first)
        guard case .error(let words) = information.verdict else {
            Issue.record("\(information.verdict): is this gpg one that reads whole lines?")
            return
        }
        #expect(words.contains("signature over text"))
        // Up to where all of it is read, what is good is exactly what was signed.
        let short = String(repeating: "a", count: TextForm.longestLine - 2)
        let whole = try await sign(Array((short + "x\r\n").utf8), [its.alice], ["--textmode"])
        #expect(try await verdicts(Array((short + "x\r\n").utf8), whole) == [.good])
        #expect(try await verdicts(Array((short + "y\r\n").utf8), whole) == [.bad])
    }

    @Test("A30: the time limit holds for all signatures together") func timeLimit() async throws {
        let its = try Parties.current
        let home = Home()
        let engine = try await home.engine()
        let hurried = try await home.engine(options: .init(time: .milliseconds(1)))
        let signature = try await sign([1], [its.alice])
        let many = Array(repeatElement(signature, count: 16).joined())
        let error = await #expect(throws: OpenPGPError.self) {
            try await hurried.verify([UInt8](repeating: 1, count: 8 << 20), signature: many)
        }
        #expect(error?.code == .timedOut)
        // And the keyring works on.
        #expect(try await engine.verify([1], signature: signature).map(\.verdict) == [.unknownKey])
        await hurried.close()
        await engine.close()
    }

    @Test("R22: what is repeated has the same number, however its packets are dressed up") func replay() async throws {
        let its = try Parties.current
        let signature = try await sign(content, [its.alice])
        let info = try #require(try await its.bob.verify(content, signature: signature).first)
        // The same signature in another frame, with an unsigned notation added to it.
        let packet = try #require(try PacketReader.packets(of: signature, most: 1).first)
        let body = Array(signature[packet.body])
        let start = 6 + (Int(body[4]) << 8 | Int(body[5]))
        let unsigned = Int(body[start]) << 8 | Int(body[start + 1])
        let added: [UInt8] = [4, 100, 1, 2, 3]
        let length = unsigned + added.count
        let dressed = Packet.make(
            2,
            Array(body[..<start]) + [UInt8(length >> 8), UInt8(length & 255)] + added + Array(body[(start + 2)...])
        )
        #expect(dressed != signature)
        let again = try #require(try await its.bob.verify(content, signature: dressed).first)
        #expect(again.verdict == .good)
        #expect(again.replayHash(of: content) == info.replayHash(of: content))
        #expect(info.replayHash(of: content).count == 32)
        // Line ends are not a difference; content and time are.
        #expect(info.replayHash(of: content.filter { $0 != 13 }) == info.replayHash(of: content))
        #expect(info.replayHash(of: content + [32]) != info.replayHash(of: content))
        var later = info
        later.created += 1
        #expect(later.replayHash(of: content) != info.replayHash(of: content))
    }
}
