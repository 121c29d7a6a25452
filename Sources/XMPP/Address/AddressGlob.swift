/// A pattern for bare JIDs, as it stands in `allow`, `deny` and `from`.
///
/// `*` stands for any number of characters, dots included, and is the only special character. Localpart and domainpart are matched
/// apart, so no `*` reaches across the `@`:
///
///     *                    everyone, servers included
///     alice@example.org    this address
///     *@example.org        every account of that domain, but not example.org itself
///     alice@*.example.org  alice on any subdomain
///     example.org          the server's own address only
///
/// What is around the stars is normalised as in an ``Address``, so case makes no difference. A resourcepart is not allowed: patterns
/// are applied to bare JIDs (R3).
public struct AddressGlob: Hashable, Sendable {
    private enum Matcher: Hashable { case everyone, address(local: [[UInt8]]?, domain: [[UInt8]]) }

    /// The pattern as it was written.
    public let pattern: String
    private let matcher: Matcher

    /// Reads a pattern; `nil` if it can't match any address.
    public init?(_ pattern: String) {
        self.pattern = pattern
        if pattern == "*" {
            matcher = .everyone
            return
        }
        guard !pattern.utf8.contains(UInt8(ascii: "/")) else { return nil }
        let parts = Self.split(pattern, at: "@")
        guard let last = parts.last, let domain = Self.pieces(last, whole: AddressPart.domain) else { return nil }
        guard parts.count <= 2 else { return nil }
        if parts.count == 2 {
            guard let local = Self.pieces(parts[0], whole: AddressPart.local) else { return nil }
            matcher = .address(local: local, domain: domain)
        } else {
            matcher = .address(local: nil, domain: domain)
        }
    }

    /// This address and no other, whatever characters its localpart has.
    public init(_ address: Address) {
        pattern = address.bare.description
        matcher = .address(local: address.local.map { [Array($0.utf8)] }, domain: [Array(address.domain.utf8)])
    }

    /// Whether the pattern covers this address; its resourcepart plays no role.
    public func matches(_ address: Address) -> Bool {
        switch matcher {
        case .everyone: return true
        case .address(let local, let domain):
            switch (local, address.local) {
            case (nil, nil): break
            case (let pieces?, let text?): guard Self.match(pieces, Array(text.utf8)) else { return false }
            default: return false
            }
            return Self.match(domain, Array(address.domain.utf8))
        }
    }

    /// By bytes: a combining mark behind a separator makes another Character of it.
    private static func split(_ text: String, at separator: Unicode.Scalar) -> [String] {
        Array(text.utf8).split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The texts between the stars; a part without a star has one piece.
    private static func pieces(_ part: String, whole: (String) -> String?) -> [[UInt8]]? {
        let texts = split(part, at: "*")
        guard texts.count > 1 else { return whole(part).map { [Array($0.utf8)] } }
        var pieces: [[UInt8]] = []
        for piece in texts {
            // Beside a star there may be half a label, which IDNA has no rule for; case and width are folded all the same.
            guard !piece.isEmpty else {
                pieces.append([])
                continue
            }
            guard let text = AddressPart.local(piece), !text.contains("xn--") else { return nil }
            pieces.append(Array(text.utf8))
        }
        return pieces
    }

    /// Finds each piece as early as possible, the first at the start and the last at the end: linear but for the search of a piece.
    private static func match(_ pieces: [[UInt8]], _ text: [UInt8]) -> Bool {
        guard let first = pieces.first, let last = pieces.last else { return false }
        guard pieces.count > 1 else { return first == text }
        guard text.count >= first.count + last.count, text.starts(with: first), text.suffix(last.count).elementsEqual(last) else {
            return false
        }
        var rest = text[first.count..<(text.count - last.count)]
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard rest.count >= piece.count else { return false }
            let found = (rest.startIndex...(rest.endIndex - piece.count)).first { rest[$0..<($0 + piece.count)].elementsEqual(piece) }
            guard let found else { return false }
            rest = rest[(found + piece.count)...]
        }
        return true
    }
}

extension AddressGlob: CustomStringConvertible {
    /// The pattern as it was written.
    public var description: String { pattern }
}
