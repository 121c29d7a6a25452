/// Base64 (RFC 4648 § 4): exact where a value may have one spelling only (SASL), tolerant where other clients aren't exact (T1).
///
/// Files travel as base64 inside of base64, so it works on bytes that stand side by side, four digits at a time.
public enum Base64 {
    /// The text of some bytes: padded, without white space of any kind (E1).
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        bytes.withContiguousStorageIfAvailable(text) ?? Array(bytes).withUnsafeBufferPointer(text)
    }

    /// The bytes behind a text; `nil` if it isn't exactly what ``encode(_:)`` makes.
    public static func decode(_ text: String) -> [UInt8]? {
        guard let scan = Scan(text.utf8), !scan.hasWhiteSpace, scan.leftOver == 0, scan.tail.allSatisfy({ $0 == pad }),
            scan.tail.count == (4 - scan.digits & 3) & 3
        else { return nil }
        return scan.bytes
    }

    /// The bytes behind a text as the field's clients send it; `nil` if it is none.
    ///
    /// Tolerated (T1) are ASCII white space anywhere, missing padding, and a trailing checksum line of an ASCII armor (`=XXXX`). The
    /// checksum is not looked at: it protects nothing that the OpenPGP message doesn't protect better (RFC 9580 § 6.1).
    public static func decode(tolerant text: some Sequence<UInt8>) -> [UInt8]? {
        guard let scan = Scan(text), scan.digits > 0 || scan.tail.isEmpty else { return nil }
        var tail = scan.tail
        if tail.count >= 5, tail[tail.count - 5] == pad, tail.suffix(4).allSatisfy({ values[Int($0)] < 64 }) {
            tail.removeLast(5)
        }
        guard tail.allSatisfy({ $0 == pad }), tail.isEmpty || (tail.count < 3 && scan.digits & 3 + tail.count == 4) else { return nil }
        return scan.bytes
    }

    /// Whether a byte is white space that may stand anywhere in base64.
    public static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private static let pad = UInt8(ascii: "=")
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { output in
            alphabet.withUnsafeBufferPointer { alphabet in
                var written = 0
                var index = 0
                func write(_ group: UInt32, _ digits: Int) {
                    for place in 0..<4 {
                        output[written + place] = place < digits ? alphabet[Int(group >> (18 - 6 * UInt32(place)) & 63)] : pad
                    }
                    written += 4
                }
                while index + 3 <= bytes.count {
                    let group = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
                    output[written] = alphabet[Int(group >> 18)]
                    output[written + 1] = alphabet[Int(group >> 12 & 63)]
                    output[written + 2] = alphabet[Int(group >> 6 & 63)]
                    output[written + 3] = alphabet[Int(group & 63)]
                    (index, written) = (index + 3, written + 4)
                }
                switch bytes.count - index {
                case 1: write(UInt32(bytes[index]) << 16, 2)
                case 2: write(UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8, 3)
                default: break
                }
                return written
            }
        }
    }

    /// A text, taken apart: digits and what they mean up to the first `=`, and what follows that.
    private struct Scan {
        var bytes: [UInt8] = []
        var digits = 0
        /// The bits of the last digits that make no whole byte.
        var leftOver: UInt32 = 0
        /// What follows the digits, white space left out: padding, then perhaps `=` and the four digits of a checksum.
        var tail: [UInt8] = []
        var hasWhiteSpace = false

        /// `nil` for a byte that can't be in base64, and for digits that end with one too many.
        init?(_ text: some Sequence<UInt8>) {
            let isRead = text.withContiguousStorageIfAvailable { read($0) } ?? Array(text).withUnsafeBufferPointer { read($0) }
            guard isRead else { return nil }
        }

        private mutating func read(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
            var (index, group) = (0, UInt32(0))
            bytes = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3 + 3) { output, written in
                values.withUnsafeBufferPointer { values in
                    while index < text.count {
                        if digits & 3 == 0, index + 4 <= text.count {
                            let (a, b) = (UInt32(values[Int(text[index])]), UInt32(values[Int(text[index + 1])]))
                            let (c, d) = (UInt32(values[Int(text[index + 2])]), UInt32(values[Int(text[index + 3])]))
                            if (a | b | c | d) < 64 {
                                let group = a << 18 | b << 12 | c << 6 | d
                                output[written] = UInt8(truncatingIfNeeded: group >> 16)
                                output[written + 1] = UInt8(truncatingIfNeeded: group >> 8)
                                output[written + 2] = UInt8(truncatingIfNeeded: group)
                                (index, written, digits) = (index + 4, written + 3, digits + 4)
                                continue
                            }
                        }
                        let byte = text[index]
                        let value = values[Int(byte)]
                        if value < 64 {
                            group = group << 6 | UInt32(value)
                            digits += 1
                            // The second digit of a group ends its first byte with 4 bits left, the third the next with 2, the fourth the last.
                            if digits & 3 != 1 {
                                output[written] = UInt8(truncatingIfNeeded: group >> UInt32(-2 * digits & 6))
                                written += 1
                            }
                        } else if isWhiteSpace(byte) {
                            hasWhiteSpace = true
                        } else {
                            break
                        }
                        index += 1
                    }
                }
            }
            leftOver = digits & 3 == 0 ? 0 : group & (1 << UInt32(-2 * digits & 6) - 1)
            while index < text.count {
                if isWhiteSpace(text[index]) {
                    hasWhiteSpace = true
                } else {
                    guard text[index] == pad || !tail.isEmpty, tail.count < 7 else { return false }
                    tail.append(text[index])
                }
                index += 1
            }
            return digits & 3 != 1
        }
    }
}
