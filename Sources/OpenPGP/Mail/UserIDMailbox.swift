/// The one mail address that a User ID names, read so strictly that two readers can't see two different ones (R16).
///
/// The whole text is an address (`bot@example.org`), or it ends with one in angle brackets (`<bot@example.org>`, `Bot <bot@example.org>`).
/// Everything else has no mailbox: a second `<`, `>` or `@`; control, formatting and other invisible characters anywhere (RFC 5322's
/// comments and quoted local parts, too, are nothing that keys need). An address is a dot-atom, `@`, and a host name. Letters of all
/// scripts are allowed and stay what they are: an address with a look-alike letter is another address.
///
/// Two mailboxes are equal if the local parts are the same bytes and the domains are the same but for the case of ASCII letters. There is
/// no substring match, no Unicode normalisation, and no IDNA: a domain in letters and its `xn--` form are two mailboxes.
public struct UserIDMailbox: Sendable, CustomStringConvertible {
    /// What stands before the `@`, as written.
    public let localPart: String
    /// What stands behind the `@`, with its ASCII letters in lower case.
    public let domain: String

    /// The most bytes of an address (RFC 5321 § 4.5.3.1.3) and of its local part (§ 4.5.3.1.1).
    static let mostBytes = (address: 254, localPart: 64)

    /// The mailbox of a User ID, or `nil` if it doesn't name exactly one.
    public init?(userID: String) {
        let scalars = Array(userID.unicodeScalars)
        guard userID.utf8.count <= 1024, scalars.allSatisfy(Self.isVisible), scalars.first != " ", scalars.last != " " else { return nil }
        guard let open = scalars.firstIndex(of: "<") else {
            self.init(scalars[...])
            return
        }
        guard scalars.last == ">", !scalars[..<open].contains(where: { $0 == "@" || $0 == ">" }) else { return nil }
        // What is in between can't hold another bracket: no address does.
        self.init(scalars[(open + 1)...].dropLast())
    }

    /// The mailbox with this address (`addr-spec`, without brackets), or `nil` if it isn't one.
    public init?(address: String) {
        self.init(Array(address.unicodeScalars)[...])
    }

    private init?(_ address: ArraySlice<Unicode.Scalar>) {
        let halves = address.split(separator: "@", omittingEmptySubsequences: false)
        guard halves.count == 2, Self.isLocalPart(halves[0]), Self.isDomain(halves[1]) else { return nil }
        localPart = Self.text(halves[0])
        domain = Self.text(halves[1].map { ("A"..."Z").contains($0) ? Unicode.Scalar(UInt8($0.value) + 32) : $0 }[...])
        guard localPart.utf8.count <= Self.mostBytes.localPart, self.address.utf8.count <= Self.mostBytes.address else { return nil }
    }

    /// The address, `localpart@domain`.
    public var address: String { "\(localPart)@\(domain)" }

    /// The User ID of a key of our own for this mailbox: the address in angle brackets and nothing else.
    ///
    /// It is the form that Autocrypt recommends (Level 1 § 2.1.1), and one in which GnuPG, Web Key Directories and mail programs find the
    /// address.
    public var userID: String { "<\(address)>" }

    /// The address.
    public var description: String { address }

    // MARK: grammar

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    /// What a reader sees; of all white space only the plain blank.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: !scalar.properties.isDefaultIgnorableCodePoint && scalar != "\u{2800}"
        }
    }

    /// Letters and digits of any script; marks only behind one.
    private static func isAlphanumeric(_ scalar: Unicode.Scalar, first: Bool) -> Bool {
        guard scalar.value >= 0x80 else {
            return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
        }
        guard isVisible(scalar) else { return false }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: return true
        case .nonspacingMark, .spacingMark: return !first
        default: return false
        }
    }

    /// RFC 5322's dot-atom, with letters of all scripts (RFC 6532).
    private static func isLocalPart(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
        let punctuation: [Unicode.Scalar] = [
            "!", "#", "$", "%", "&", "'", "*", "+", "-", "/", "=", "?", "^", "_", "`", "{", "|", "}", "~",
        ]
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty
                && atom.indices.allSatisfy { isAlphanumeric(atom[$0], first: $0 == atom.startIndex) || punctuation.contains(atom[$0]) }
        }
    }

    /// A host name: no address literal, and nothing that could be read as an IP address.
    private static func isDomain(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let last = labels.last, !last.allSatisfy({ ("0"..."9").contains($0) }) else { return false }
        return labels.allSatisfy { label in
            !label.isEmpty && label.count <= 63 && label.first != "-" && label.last != "-"
                && label.indices.allSatisfy { label[$0] == "-" || isAlphanumeric(label[$0], first: $0 == label.startIndex) }
        }
    }
}

extension UserIDMailbox: Hashable {
    // Bytes, since Swift calls texts equal that are different addresses.

    /// Whether local part and domain are the same, as the type says.
    public static func == (left: UserIDMailbox, right: UserIDMailbox) -> Bool { left.address.utf8.elementsEqual(right.address.utf8) }

    /// Hashes the address's bytes.
    public func hash(into hasher: inout Hasher) { for byte in address.utf8 { hasher.combine(byte) } }
}

extension KeyInfo {
    /// The valid User IDs on the key whose mailbox this is, as exact texts for ``OpenPGPEngine/importKey(_:expected:keep:)``; empty if the
    /// key is not for this mailbox.
    public func userIDs(for mailbox: UserIDMailbox) -> [String] { userIDs.filter { UserIDMailbox(userID: $0) == mailbox } }
}
