import Foundation
import Testing

@testable import OpenPGP

/// Autocrypt Level 1 § 2.1, with a key that gpg made.
@Suite(.parties) struct AutocryptHeaderTests {
    private struct Sample {
        let sender: UserIDMailbox
        let key: [UInt8]
        let digits: String
    }

    private func sample() async throws -> Sample {
        let key = try await Parties.current.forge.export(Parties.current.alice)
        let sender = try #require(UserIDMailbox(address: "alice@example.org"))
        return Sample(sender: sender, key: key, digits: Data(key).base64EncodedString())
    }

    private func problem(_ value: String, _ sender: UserIDMailbox) -> AutocryptHeader.Problem? {
        do {
            _ = try AutocryptHeader(parsing: value, from: sender)
            return nil
        } catch {
            return error
        }
    }

    @Test("What we write, and how others write it") func accepted() async throws {
        let its = try await sample()
        for mutual in [true, false] {
            let header = AutocryptHeader(mailbox: its.sender, prefersEncryption: mutual, keyData: its.key)
            #expect(try AutocryptHeader(parsing: header.value, from: its.sender) == header)
            #expect(try AutocryptHeader(parsing: header.foldedValue, from: its.sender) == header)
            #expect(!header.value.contains("\n"))
            let lines = header.foldedValue.split(separator: "\r\n")
            #expect(lines.count > 2 && lines.dropFirst().allSatisfy { $0.first == " " && $0.utf8.count <= 77 })
        }
        let written: [(String, Bool)] = [
            ("addr=alice@example.org; keydata=\(its.digits)", false), ("addr=alice@Example.ORG;keydata=\(its.digits)", false),
            (" addr = alice@example.org ;\t prefer-encrypt = mutual ; keydata = \(its.digits) ", true),
            ("prefer-encrypt=mutual; addr=alice@example.org; keydata=\n \(its.digits)", true),
            ("addr=alice@example.org; prefer-encrypt=nopreference; keydata=\(its.digits)", false),
            ("addr=alice@example.org; prefer-encrypt=whatever; keydata=\(its.digits)", false),
            ("addr=alice@example.org; _monkey=ok; _x=a=b; _monkey=again; keydata=\(its.digits)", false),
        ]
        for (value, mutual) in written {
            let header = try AutocryptHeader(parsing: value, from: its.sender)
            #expect(header.keyData == its.key && header.mailbox == its.sender && header.prefersEncryption == mutual)
        }
    }

    @Test("What is ignored, and why") func refused() async throws {
        let its = try await sample()
        let good = "addr=alice@example.org; keydata=\(its.digits)"
        let secret = Data(try await Parties.current.forge.gpg(["--export-secret-keys", Parties.current.alice.hex])).base64EncodedString()
        let two = Data(its.key + its.key).base64EncodedString()
        let armored = Data(ASCIIArmor.encode(its.key, as: .publicKey).utf8).base64EncodedString()
        let cases: [(String, AutocryptHeader.Problem)] = [
            ("", .malformed), (";", .malformed), ("addr", .malformed), ("addr=alice@example.org", .incomplete),
            ("keydata=\(its.digits)", .incomplete), ("addr=; keydata=\(its.digits)", .otherAddress),
            ("addr=alice@example.org; critical=1; keydata=\(its.digits)", .unknownAttribute("critical")),
            ("addr=alice@example.org; ADDR=x; keydata=\(its.digits)", .unknownAttribute("ADDR")),
            ("addr=alice@example.org; type=1; keydata=\(its.digits)", .unknownAttribute("type")),
            ("addr=mallory@example.org; keydata=\(its.digits)", .otherAddress),
            ("addr=Alice@example.org; keydata=\(its.digits)", .otherAddress),
            ("addr=<alice@example.org>; keydata=\(its.digits)", .otherAddress),
            ("addr=Alice <alice@example.org>; keydata=\(its.digits)", .otherAddress),
            ("addr=alice@example.org.evil; keydata=\(its.digits)", .otherAddress),
            // Twice, in the wrong place, or with something behind it.
            ("addr=mallory@example.org; addr=alice@example.org; keydata=\(its.digits)", .malformed),
            ("addr=alice@example.org; keydata=\(its.digits); keydata=\(its.digits)", .malformed),
            ("keydata=\(its.digits); addr=alice@example.org", .malformed), (good + ";", .malformed), (good + "; _x=1", .malformed),
            ("=x; " + good, .malformed), ("a b=x; " + good, .malformed), ("_\u{e4}=x; " + good, .malformed),
            // Not one header.
            (good + "\r\nBcc: mallory@example.org", .malformed), ("addr=alice@example.org;\r\n\r\nkeydata=\(its.digits)", .malformed),
            ("addr=alice@example.org;\rkeydata=\(its.digits)", .malformed), (good + "\0", .malformed), (good + "\r\n", .malformed),
            // Not base64, or not one certificate.
            (good + "=", .badKey), (good + "*", .badKey), (good.replacing("keydata=", with: "keydata=\u{a0}"), .badKey),
            ("addr=alice@example.org; keydata=", .badKey), ("addr=alice@example.org; keydata=aGVsbG8=", .badKey),
            ("addr=alice@example.org; keydata=\(its.digits.dropLast(5))", .badKey), ("addr=alice@example.org; keydata=\(secret)", .badKey),
            ("addr=alice@example.org; keydata=\(two)", .badKey), ("addr=alice@example.org; keydata=\(armored)", .badKey),
            // A last digit with bits that mean nothing.
            ("addr=alice@example.org; keydata=aGVsbG9=", .badKey),
            ("addr=alice@example.org; _x=\(String(repeating: "x", count: 16_384)); keydata=\(its.digits)", .tooLong),
        ]
        for (value, expected) in cases { #expect(problem(value, its.sender) == expected, "\(value.prefix(120))") }
    }

    @Test("Level 1 § 2.3: two valid headers are none") func several() async throws {
        let its = try await sample()
        let good = "addr=alice@example.org; keydata=\(its.digits)"
        #expect(AutocryptHeader.only(in: [], from: its.sender) == nil)
        #expect(AutocryptHeader.only(in: [good], from: its.sender) != nil)
        #expect(AutocryptHeader.only(in: ["addr=alice@example.org; v2=1; keydata=AAAA", good, "rubbish"], from: its.sender) != nil)
        #expect(AutocryptHeader.only(in: [good, good], from: its.sender) == nil)
    }
}
