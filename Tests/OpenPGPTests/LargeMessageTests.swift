import Testing

@testable import OpenPGP

/// Attachments: plaintexts of megabytes, within limits that the caller sets.
@Suite(.parties) struct LargeMessageTests {
    /// Bytes that don't compress.
    private func noise(_ count: Int) -> [UInt8] {
        var random = Noise(state: 0x9E37_79B9_7F4A_7C15)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count { withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(count))
    }

    @Test("4 MiB sealed, opened, and refused one byte below its length") func fourMebibytes() async throws {
        let its = try Parties.current
        let plaintext = noise(4 << 20)
        let sealed = try await its.bob.seal(plaintext, signer: its.bobKey, recipients: [its.alice, its.bobKey])
        #expect(sealed.count < plaintext.count + 4096)
        #expect(MessageForm.isEncryptedOnly(sealed))
        let opened = try await its.bob.open(sealed, limits: OpenLimits(plaintextBytes: plaintext.count))
        #expect(opened.plaintext == plaintext)
        #expect(opened.signatures.map(\.verdict) == [.good])
        #expect(await its.refusal(sealed, limits: OpenLimits(plaintextBytes: plaintext.count - 1)) == .tooBig)
        // The default limit is for chat; it refuses before gpg starts.
        #expect(await its.refusal(sealed) == .tooBig)
        #expect(try await its.forge.gpg(["-d"], input: sealed) == plaintext)
    }

    @Test("2 MiB with ASCII armor around it, and a detached signature over as much") func armoredAndDetached() async throws {
        let its = try Parties.current
        let plaintext = noise(2 << 20)
        let sealed = try await its.bob.seal(plaintext, signer: its.bobKey, recipients: [its.bobKey])
        let armored = Array(ASCIIArmor.encode(sealed, as: .message).utf8)
        #expect(try await its.bob.open(armored, limits: OpenLimits(plaintextBytes: 4 << 20)).plaintext == plaintext)
        let signature = try await its.forge.gpg(["--detach-sign", "-u", its.alice.hex], input: plaintext)
        #expect(try await its.bob.verify(plaintext, signature: signature).map(\.verdict) == [.good])
    }

    @Test("32 MiB, the most that a caller should ask for") func thirtyTwoMebibytes() async throws {
        let its = try Parties.current
        let plaintext = noise(32 << 20)
        let sealed = try await its.bob.seal(plaintext, signer: its.bobKey, recipients: [its.bobKey])
        let opened = try await its.bob.open(sealed, limits: OpenLimits(plaintextBytes: 32 << 20))
        // Not #expect on the arrays: a difference would be printed.
        let same = opened.plaintext == plaintext
        #expect(same)
        #expect(opened.signatures.map(\.verdict) == [.good])
    }
}
