public import XMPP

/// A pattern for bare JIDs: `*` stands for any run of characters, `?` for one.
public struct AddressGlob: Hashable, Sendable {
    private let pattern: [Character]

    /// Reads a pattern; `nil` for an empty one, or one with a resource.
    public init?(_ text: String) {
        guard !text.isEmpty, !text.contains("/"), !text.contains(where: \.isWhitespace) else { return nil }
        pattern = Array(text.lowercased())
    }

    /// Whether the bare form of an address fits the pattern.
    public func matches(_ address: Address) -> Bool {
        let text = Array(address.bare.description)
        var (p, t) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                p = last.pattern + 1
                t = last.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
