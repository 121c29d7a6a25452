/// Base64 (RFC 4648 § 4) as it goes out (E1), and as the field's clients send it (T1).
enum Base64 {
    /// The text of some bytes: padded, without white space of any kind (E1).
    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let left = min(3, bytes.count - index)
            let a = UInt32(bytes[index])
            let b = left > 1 ? UInt32(bytes[index + 1]) : 0
            let c = left > 2 ? UInt32(bytes[index + 2]) : 0
            let group = a << 16 | b << 8 | c
            text.append(alphabet[Int(group >> 18)])
            text.append(alphabet[Int(group >> 12 & 63)])
            text.append(left > 1 ? alphabet[Int(group >> 6 & 63)] : pad)
            text.append(left > 2 ? alphabet[Int(group & 63)] : pad)
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes behind a text, or `nil` if it is none, is empty, or is longer than `limit` bytes of UTF-8.
    ///
    /// Tolerated (T1) are ASCII white space anywhere, missing padding, and a trailing checksum line of an ASCII armor (`=XXXX`). The
    /// checksum is not looked at: it protects nothing that the OpenPGP message doesn't protect better (RFC 9580 § 6.1). The limit is held
    /// against the text as it came, before anything is decoded (S9).
    static func decode(_ text: String, limit: Int) -> [UInt8]? {
        guard text.utf8.count <= limit else { return nil }
        return decode(text.utf8)
    }

    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.underestimatedCount / 4 * 3)
        var group: UInt32 = 0
        var digits = 0
        // What follows the first "=": up to one more of them, then perhaps "=" and the four digits of a checksum.
        var tail: [UInt8] = []
        for byte in text where !isWhiteSpace(byte) {
            if byte == pad || !tail.isEmpty {
                guard tail.count < 7 else { return nil }
                tail.append(byte)
                continue
            }
            let value = values[Int(byte)]
            guard value < 64 else { return nil }
            group = group << 6 | UInt32(value)
            digits += 1
            if digits & 3 == 0 {
                bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                bytes.append(UInt8(truncatingIfNeeded: group))
            }
        }
        switch digits & 3 {
        case 1: return nil
        case 2: bytes.append(UInt8(truncatingIfNeeded: group >> 4))
        case 3:
            bytes.append(UInt8(truncatingIfNeeded: group >> 10))
            bytes.append(UInt8(truncatingIfNeeded: group >> 2))
        default: break
        }
        if tail.count >= 5, tail[tail.count - 5] == pad, tail.suffix(4).allSatisfy({ values[Int($0)] < 64 }) {
            tail.removeLast(5)
        }
        guard tail.allSatisfy({ $0 == pad }), tail.isEmpty || digits & 3 + tail.count == 4 else { return nil }
        return bytes.isEmpty ? nil : bytes
    }

    static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private static let pad = UInt8(ascii: "=")
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()
}
