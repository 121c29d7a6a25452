/// Keeps charsets that we don't know away from iconv: their names in extended parameters (RFC 2231) are replaced by `us-ascii` before GMime sees the
/// field, so that what is ASCII in them is still read.
enum CharsetGate {
    /// The field with known charsets only. Linear in its length.
    static func passing(_ raw: String) -> String {
        guard raw.utf8.contains(UInt8(ascii: "'")) else { return raw }
        let bytes = Array(raw.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "*"), let start = startOfValue(bytes, behind: index) else {
                result.append(bytes[index])
                index += 1
                continue
            }
            var end = start
            while end < bytes.count, !isEnd(bytes[end]) { end += 1 }
            let label = bytes[start..<end]
            result += bytes[index..<start]
            let isNamed = end < bytes.count && bytes[end] == UInt8(ascii: "'") && !label.isEmpty
            result += isNamed && Charset(named: String(decoding: label, as: UTF8.self)) == nil ? Array("us-ascii".utf8)[...] : label
            index = end
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Where the value begins if `=` follows the `*` at the index, with the white space and quotes that GMime passes over.
    private static func startOfValue(_ bytes: [UInt8], behind index: Int) -> Int? {
        var next = index + 1
        while next < bytes.count, isBlank(bytes[next]) { next += 1 }
        guard next < bytes.count, bytes[next] == UInt8(ascii: "=") else { return nil }
        next += 1
        while next < bytes.count, isBlank(bytes[next]) || bytes[next] == UInt8(ascii: "\"") { next += 1 }
        return next
    }

    private static func isEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: ";"), UInt8(ascii: "\""): true
        default: isBlank(byte)
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
}
