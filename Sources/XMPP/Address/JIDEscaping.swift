/// Characters that a localpart can't hold, written as `\20` to `\5c` (XEP-0106): how a gateway's contacts get their addresses.
public enum JIDEscaping {
    /// Writes a name of another network as a localpart; `nil` if it starts or ends with a space (XEP-0106 § 3.2).
    ///
    /// The result still has to pass nodeprep: make an ``Address`` of it.
    public static func escape(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.first != UInt8(ascii: " "), bytes.last != UInt8(ascii: " ") else { return nil }
        var output: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            // A backslash stands for itself unless an escape would be read there.
            // In either case: nodeprep makes capitals small, and then it would be read.
            if escaped.contains(byte) || (byte == backslash && code(at: index, in: bytes, anyCase: true) != nil) {
                output.append(backslash)
                output += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Reads the name of another network out of a localpart; sequences that XEP-0106 doesn't define stand for themselves.
    public static func unescape(_ local: String) -> String {
        let bytes = Array(local.utf8)
        // XEP-0106 § 4.2: an escaped space at either end is no escape.
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if let code = code(at: index, in: bytes), code != UInt8(ascii: " ") || (index > 0 && index + 3 < bytes.count) {
                output.append(code)
                index += 3
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static let escaped = Set(" \"&'/:<>@".utf8)
    private static let backslash = UInt8(ascii: "\\")
    private static let digits = Array("0123456789abcdef".utf8)

    /// The character that the three bytes at an index stand for; digits are small letters (XEP-0106 § 4: case is significant).
    private static func code(at index: Int, in bytes: [UInt8], anyCase: Bool = false) -> UInt8? {
        guard bytes[index] == backslash, index + 2 < bytes.count else { return nil }
        func digit(_ byte: UInt8) -> Int? {
            let isCapital = anyCase && (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
            return digits.firstIndex(of: isCapital ? byte | 0x20 : byte)
        }
        guard let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2]) else { return nil }
        let value = UInt8(high << 4 | low)
        return escaped.contains(value) || value == backslash ? value : nil
    }
}
