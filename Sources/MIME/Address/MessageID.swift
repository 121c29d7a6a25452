/// Message-IDs, without their angle brackets.
public enum MessageID {
    /// Whether the text can stand between the angle brackets of a Message-ID: 1 to 512 printable ASCII characters, no space, no angle brackets.
    /// Whether it has an `@` isn't asked, since not all have one.
    public static func isValid(_ id: String) -> Bool {
        (1...512).contains(id.utf8.count)
            && id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
    }

    /// The ids in a field; words between them (an obsolete form) are passed over.
    /// - Returns: nil if one can't be read, or if there are more than `most`.
    static func list(_ text: String, most: Int) -> [String]? {
        var ids: [String] = []
        var rest = text.utf8[...]
        while let open = rest.firstIndex(of: UInt8(ascii: "<")) {
            guard let close = rest[open...].firstIndex(of: UInt8(ascii: ">")), ids.count < most else { return nil }
            let id = String(Substring(rest[rest.index(after: open)..<close]))
            guard isValid(id) else { return nil }
            ids.append(id)
            rest = rest[rest.index(after: close)...]
        }
        return ids
    }
}
