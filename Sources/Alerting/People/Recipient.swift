/// Somebody at one of their addresses.
public struct Recipient: Sendable, Hashable, Codable {
    /// Their name.
    public var person: String
    /// Where.
    public var contact: Contact

    /// Makes a recipient.
    public init(person: String, contact: Contact) {
        self.person = person
        self.contact = contact
    }
}
