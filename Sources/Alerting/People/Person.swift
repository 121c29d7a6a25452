/// Somebody who gets alerts, with their addresses in order: the first is written to, the next when that one can't be reached.
public struct Person: Sendable, Hashable {
    /// The name in the configuration; the address for somebody whom it names by an address only.
    public var name: String
    /// Where they get messages, in order; never empty.
    public var contacts: [Contact]

    /// Makes a person.
    public init(name: String, contacts: [Contact]) {
        self.name = name
        self.contacts = contacts
    }

    /// Makes somebody who is known by an address only.
    public init(_ contact: Contact) { self.init(name: contact.description, contacts: [contact]) }
}

/// Several people under a name.
public struct PeopleGroup: Sendable, Hashable {
    /// Who of a group is told.
    public enum Order: String, Sendable, Hashable, CaseIterable {
        /// All at once.
        case all
        /// The first; the next when an alert escalates: on call.
        case inOrder = "in-order"
    }

    /// The name in the configuration.
    public var name: String
    /// Names of people and groups, or addresses, in order.
    public var members: [String]
    /// Who is told.
    public var order: Order

    /// Makes a group.
    public init(name: String, members: [String], order: Order = .all) {
        self.name = name
        self.members = members
        self.order = order
    }
}
