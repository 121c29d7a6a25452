import Testing

@testable import OpenPGP

/// R24, S1: what may pass as an encrypted message without a key to look inside.
@Suite(.parties) struct MessageFormTests {
    @Test("Session keys and one container with integrity protection, and nothing else") func forms() async throws {
        let its = try Parties.current
        let sealed = try await its.bob.seal(Array("hello".utf8), signer: its.bobKey, recipients: [its.alice, its.bobKey])
        #expect(MessageForm.isEncryptedOnly(sealed))
        #expect(MessageForm.isEncryptedOnly(try await its.forge.seal("hello", signers: [], to: [its.bobKey], ["--throw-keyids"])))

        let packets = try PacketReader.packets(of: sealed, most: 10)
        let keys = Array(sealed[..<packets[2].whole.lowerBound])
        let container = Array(sealed[packets[2].whole])
        let text = Packet.literal("in the clear")
        let others: [(String, [UInt8])] = [
            ("nothing", []), ("text", Array("hello".utf8)), ("armored", Array(ASCIIArmor.encode(sealed, as: .message).utf8)),
            ("signed", try await its.forge.gpg(["-s", "-u", its.alice.hex], input: [1])), ("a literal", text),
            ("a literal behind it", sealed + text), ("a literal before it", text + sealed), ("a literal inside", keys + text + container),
            ("two messages", sealed + sealed), ("two containers", sealed + container), ("no session key", container),
            ("no container", keys), ("truncated", Array(sealed.dropLast())), ("a byte behind it", sealed + [0]),
            ("a password", try await its.forge.gpg(["-c"], input: [1], passphrase: "x")),
            ("a password too", Packet.make(3, [4, 9, 3, 8] + Array("saltsalt".utf8) + [96]) + sealed),
            ("no integrity protection", keys + Packet.make(9, Array(sealed[packets[2].body].dropFirst()))),
            ("a text in a marker", Packet.make(10, Array("in the clear".utf8)) + sealed),
            ("a text in padding", Packet.make(21, Array("in the clear".utf8)) + sealed),
            ("padding behind it", sealed + Packet.make(21, Array("in the clear".utf8))), ("a key", try await its.forge.export(its.alice)),
        ]
        for (what, bytes) in others { #expect(!MessageForm.isEncryptedOnly(bytes), "\(what)") }
    }
}
