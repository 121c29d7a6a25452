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
            if escaped.contains(byte) || (byte == backslash && code(at: index, in: bytes) != nil) {
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

    /// The character that the three bytes at an index stand for.
    private static func code(at index: Int, in bytes: [UInt8]) -> UInt8? {
        guard bytes[index] == backslash, index + 2 < bytes.count else { return nil }
        let pair = String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self)
        guard pair.utf8.count == 2, let value = UInt8(pair, radix: 16), pair.utf8.first != UInt8(ascii: "+") else { return nil }
        return escaped.contains(value) || value == backslash ? value : nil
    }
}
