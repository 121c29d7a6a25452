/// The path and the query of a request, taken apart strictly: whatever could be read in two ways is refused.
struct RequestTarget: Hashable {
    /// What is wrong with a target.
    enum Refusal: Error, Hashable {
        /// Longer than allowed.
        case tooLong
        /// No path in origin form, bytes that don't belong there, bad percent-encoding, too many items.
        case malformed
        /// Well-formed, and names nothing that can be here: empty segments, dots, slashes and controls in disguise.
        case nothing
    }

    /// The path's segments, decoded; none for `/`.
    var segments: [String]
    /// The query's items, decoded; of a name given twice, the last.
    var query: [String: String]

    /// The most items that a query may have.
    static let queryLimit = 50

    /// Takes a target apart.
    init(_ raw: String, limit: Int) throws(Refusal) {
        guard raw.utf8.count <= limit else { throw .tooLong }
        guard raw.utf8.first == UInt8(ascii: "/"), raw.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }) else {
            throw .malformed
        }
        let parts = raw.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        segments = []
        if parts[0] != "/" {
            for piece in parts[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
                guard let segment = Self.decoded(piece, isQuery: false) else { throw .malformed }
                let isPlain = segment.unicodeScalars.allSatisfy {
                    !($0.value < 0x20 || (0x7f...0x9f).contains($0.value) || $0 == "/" || $0 == "\\")
                }
                guard isPlain, !segment.isEmpty, segment != ".", segment != ".." else { throw .nothing }
                segments.append(segment)
            }
        }
        query = [:]
        guard parts.count == 2 else { return }
        let items = parts[1].split(separator: "&")
        guard items.count <= Self.queryLimit else { throw .malformed }
        for item in items {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(pair[0], isQuery: true), let value = Self.decoded(pair.count == 2 ? pair[1] : "", isQuery: true)
            else { throw .malformed }
            query[name] = value
        }
    }

    /// Percent-decoding that takes only what is encoded rightly and is UTF-8.
    private static func decoded(_ text: Substring, isQuery: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(Hex.value), let low = rest.popFirst().flatMap(Hex.value) else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where isQuery: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// Hexadecimal digits.
enum Hex {
    /// The value of a digit.
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The bytes of an even number of digits; `nil` for anything else.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            guard let value = value(digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }
}
