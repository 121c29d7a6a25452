import XMPP

/// ASCII armor (RFC 9580 § 6.2) inside base64, which some clients make from `gpg --armor` files and outputs (T1).
///
/// It is taken off before anything else, so that the hash of a message is the same however it was wrapped: an armored copy of a message
/// is the same message to the replay cache (A5).
enum Armor {
    /// The binary OpenPGP data in `bytes`, which may be armored; `nil` if they are neither.
    ///
    /// Every OpenPGP packet starts with an octet whose highest bit is set (RFC 9580 § 4.2), and no ASCII text does.
    static func removed(from bytes: [UInt8]) -> [UInt8]? {
        guard let first = bytes.first else { return nil }
        if first & 0x80 != 0 { return bytes }
        return decode(bytes)
    }

    private static func decode(_ bytes: [UInt8]) -> [UInt8]? {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(trimmed)[...]
        while let line = lines.first, line.isEmpty { lines.removeFirst() }
        while let line = lines.last, line.isEmpty { lines.removeLast() }
        guard let head = lines.popFirst(), head.starts(with: begin), head.suffix(5).elementsEqual(dashes),
            let tail = lines.popLast(), tail.starts(with: end), tail.suffix(5).elementsEqual(dashes),
            head.dropFirst(begin.count).elementsEqual(tail.dropFirst(end.count))
        else { return nil }
        // Armor headers ("Version: …") end with an empty line; without any headers the empty line may be missing.
        if let blank = lines.firstIndex(where: \.isEmpty) {
            guard lines[..<blank].allSatisfy({ $0.contains(UInt8(ascii: ":")) }) else { return nil }
            lines = lines[(blank + 1)...]
        }
        guard let data = Base64.decode(tolerant: lines.joined()), let first = data.first, first & 0x80 != 0 else { return nil }
        return data
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        while let last = line.last, Base64.isWhiteSpace(last) { line.removeLast() }
        return line
    }

    private static let dashes = Array("-----".utf8)
    private static let begin = Array("-----BEGIN PGP ".utf8)
    private static let end = Array("-----END PGP ".utf8)
}
