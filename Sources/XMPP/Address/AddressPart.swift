/// Normalisation of the parts of an ``Address`` (RFC 7622 § 3.2 to § 3.4).
enum AddressPart {
    /// Nodeprep; `nil` if empty, too long, or with a character that RFC 7622 § 3.3.1 excludes.
    static func local(_ text: String) -> String? {
        if isPlain(text) {
            guard !text.utf8.contains(where: { excluded.contains($0) || $0 == UInt8(ascii: " ") }) else { return nil }
            return limited(text.lowercased())
        }
        guard let prepared = settled(text, Stringprep.node) else { return nil }
        return prepared.utf8.contains { excluded.contains($0) } ? nil : prepared
    }

    /// Resourceprep; `nil` if empty, too long, or with a control character.
    static func resource(_ text: String) -> String? {
        isPlain(text) ? limited(text) : settled(text, Stringprep.resource)
    }

    /// A host name in lower-case U-labels without a trailing dot, or an IP address; `nil` if it is none.
    static func domain(_ text: String) -> String? {
        guard text.utf8.count <= Address.partLimit else { return nil }
        if text.utf8.first == UInt8(ascii: "[") {
            guard text.utf8.last == UInt8(ascii: "]") else { return nil }
            return Stringprep.ipv6(String(text.dropFirst().dropLast())).map { "[\($0)]" }
        }
        var name = isPlain(text) ? text.lowercased() : text
        if isPlain(name), !name.contains("xn--") {
            if name.utf8.last == UInt8(ascii: ".") { name.removeLast() }
            return isHostName(name) ? name : nil
        }
        // Mapped first, judged after: full-width dots, slashes and at-signs become ASCII on the way.
        guard var ascii = Stringprep.domainToASCII(name) else { return nil }
        if ascii.utf8.last == UInt8(ascii: ".") { ascii.removeLast() }
        guard isHostName(ascii), let unicode = Stringprep.domainToUnicode(ascii) else { return nil }
        // An A-label that IDNA2008 can't give back isn't the name of anything.
        guard Stringprep.domainToASCII(unicode)?.lowercased() == ascii, unicode.utf8.count <= Address.partLimit else { return nil }
        return unicode
    }

    /// The characters that RFC 7622 § 3.3.1 excludes from localparts.
    private static let excluded = Set("\"&'/:<>@".utf8)

    /// Whether the text is printable ASCII: the usual case, in which the profiles do little and C isn't needed.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    private static func limited(_ text: String) -> String? {
        (1...Address.partLimit).contains(text.utf8.count) ? text : nil
    }

    /// Applies a profile; a text that the same profile would change once more has no normal form, and is refused.
    private static func settled(_ text: String, _ profile: (String) -> String?) -> String? {
        guard limited(text) != nil, let once = profile(text), limited(once) != nil, let twice = profile(once) else { return nil }
        return once.utf8.elementsEqual(twice.utf8) ? once : nil
    }

    /// RFC 952 and 1123, with the underscore that test and container networks use.
    private static func isHostName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        return name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy {
                    switch $0 {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                    case UInt8(ascii: "-"), UInt8(ascii: "_"): true
                    default: false
                    }
                }
        }
    }
}
