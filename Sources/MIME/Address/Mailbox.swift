/// A mail address with, perhaps, a name before it.
///
/// Addresses are those of RFC 5322 § 3.4.1 without comments, routes, groups, obsolete forms and domain literals, in ASCII. A local part that
/// is quoted without need is unquoted, so that the same mailbox is written in one way only.
public struct Mailbox: Hashable, Sendable, CustomStringConvertible {
    /// The name to show, or nil. It proves nothing.
    public let name: String?
    /// What stands before the `@`, quoted only where it must be.
    public let localPart: String
    /// What stands behind the `@`, as it was written.
    public let domain: String

    /// `local@domain`.
    public var address: String { "\(localPart)@\(domain)" }

    /// The address in the form by which mailboxes are compared: the domain in lower case, the local part untouched.
    public var comparable: String { "\(localPart)@\(domain.lowercased())" }

    /// The address; the name isn't said, since anyone can claim any.
    public var description: String { address }

    /// Whether both are the same mailbox: local parts equal to the byte, domains without regard to case, names ignored.
    public func isSame(as other: Mailbox) -> Bool { comparable == other.comparable }

    /// Reads a bare address, `local@domain`: at most 64 bytes before and 254 bytes in all.
    /// - Parameters:
    ///   - address: exactly the address, no white space around it.
    ///   - name: a name to show beside it.
    /// - Returns: nil if it isn't exactly one address.
    public init?(address: String, name: String? = nil) {
        return nil
    }

    /// Reads exactly one mailbox as a header field has it: `local@domain` or `Name <local@domain>`, encoded words in the name decoded.
    /// - Returns: nil for anything else: no or several mailboxes, a group, a comment, a route.
    public init?(parsing text: String) {
        return nil
    }

    /// Reads an OpenPGP User ID of the form `Name <local@domain>`, `<local@domain>` or `local@domain`.
    /// - Returns: nil if it isn't exactly one mailbox (R16). A name with a second address in it is refused.
    public init?(userID: String) {
        return nil
    }
}
