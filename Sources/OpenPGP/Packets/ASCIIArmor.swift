import Foundation

/// ASCII armor (RFC 4880 § 6.2), as some peers put it around keys and messages (T1), and as people pass keys around.
public enum ASCIIArmor {
    /// What an armored block says it is.
    public enum Kind: String, Sendable {
        /// A message.
        case message = "PGP MESSAGE"
        /// A certificate.
        case publicKey = "PGP PUBLIC KEY BLOCK"
        /// A key with its secret part.
        case privateKey = "PGP PRIVATE KEY BLOCK"
        /// A signature that stands alone.
        case signature = "PGP SIGNATURE"
        /// Text that is merely signed.
        case signedText = "PGP SIGNED MESSAGE"
    }

    /// Why armor could not be undone.
    public enum Problem: Error, Hashable {
        /// It doesn't begin with a line that we know.
        case unknownBeginning
        /// The lines, the base64 or the end are wrong.
        case malformed
        /// The checksum at the end doesn't match.
        case checksum
    }

    /// Whether the bytes are armored rather than binary: a packet's first byte has its highest bit set, a text's never.
    public static func isArmored(_ bytes: [UInt8]) -> Bool { bytes.first { !isSpace($0) } == 0x2d }

    /// The kind and the bytes of one armored block. Nothing but white space may stand around it.
    public static func decode(_ bytes: [UInt8]) throws(Problem) -> (kind: Kind, bytes: [UInt8]) {
        var lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map { trim($0) }[...]
        while lines.first?.isEmpty == true { lines.removeFirst() }
        while lines.last?.isEmpty == true { lines.removeLast() }
        guard let first = lines.popFirst(), let kind = kind(ofLine: first, "-----BEGIN ") else { throw .unknownBeginning }
        // Text that is merely signed has no armored content of its own; the caller refuses it by its kind.
        if kind == .signedText { return (kind, []) }
        guard let last = lines.popLast(), self.kind(ofLine: last, "-----END ") == kind else { throw .malformed }
        // Headers, up to an empty line. Some writers leave both out.
        while let line = lines.first, !line.isEmpty, line.contains(0x3a) { lines.removeFirst() }
        while lines.first?.isEmpty == true { lines.removeFirst() }

        var checksum: [UInt8]?
        if let line = lines.last, line.first == 0x3d, line.count == 5 {
            checksum = try base64(line.dropFirst())
            lines.removeLast()
        }
        var content: [UInt8] = []
        content.reserveCapacity(bytes.count)
        for line in lines { content.append(contentsOf: line) }
        let decoded = try base64(content[...])
        if let checksum, checksum != crc24(decoded) { throw .checksum }
        return (kind, decoded)
    }

    /// The armored text of binary data, in lines of 64 characters, with a checksum for older readers.
    public static func encode(_ bytes: [UInt8], as kind: Kind) -> String {
        let digits = Array(Data(bytes).base64EncodedString())
        let lines = stride(from: 0, to: digits.count, by: 64).map { String(digits[$0..<min($0 + 64, digits.count)]) }
        let checksum = "=" + Data(crc24(bytes)).base64EncodedString()
        return (["-----BEGIN \(kind.rawValue)-----", ""] + lines + [checksum, "-----END \(kind.rawValue)-----", ""]).joined(separator: "\n")
    }

    private static func kind(ofLine line: ArraySlice<UInt8>, _ prefix: String) -> Kind? {
        guard line.starts(with: prefix.utf8), line.suffix(5).elementsEqual("-----".utf8), line.count > prefix.utf8.count + 5 else {
            return nil
        }
        return Kind(rawValue: String(decoding: line.dropFirst(prefix.utf8.count).dropLast(5), as: UTF8.self))
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private static func trim(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        while let first = line.first, isSpace(first) { line.removeFirst() }
        while let last = line.last, isSpace(last) { line.removeLast() }
        return line
    }

    private static func base64(_ text: ArraySlice<UInt8>) throws(Problem) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 4 * 3)
        var bits = 0
        var value: UInt32 = 0
        var padding = 0
        var digits = 0
        for byte in text where !isSpace(byte) {
            let digit: UInt32
            switch byte {
            case 65...90: digit = UInt32(byte) - 65
            case 97...122: digit = UInt32(byte) - 71
            case 48...57: digit = UInt32(byte) + 4
            case 43: digit = 62
            case 47: digit = 63
            case 61:
                padding += 1
                continue
            default: throw .malformed
            }
            guard padding == 0 else { throw .malformed }
            digits += 1
            value = value << 6 | digit
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(truncatingIfNeeded: value >> UInt32(bits)))
                value &= (1 << UInt32(bits)) - 1
            }
        }
        guard value == 0, digits % 4 != 1, padding == 0 || (digits + padding) % 4 == 0, padding <= 2 else { throw .malformed }
        return out
    }

    /// CRC-24 (RFC 4880 § 6.1), a byte at a time.
    private static func crc24(_ bytes: [UInt8]) -> [UInt8] {
        var crc: UInt32 = 0xB704CE
        crcTable.withUnsafeBufferPointer { table in
            for byte in bytes { crc = (crc << 8 & 0xffffff) ^ table[Int(UInt8(crc >> 16) ^ byte)] }
        }
        return [UInt8(crc >> 16 & 0xff), UInt8(crc >> 8 & 0xff), UInt8(crc & 0xff)]
    }

    /// What each value of the highest byte adds.
    private static let crcTable: [UInt32] = (0..<256).map { index in
        var crc = UInt32(index) << 16
        for _ in 0..<8 {
            crc <<= 1
            if crc & 0x1000000 != 0 { crc ^= 0x1864CFB }
        }
        return crc
    }
}
