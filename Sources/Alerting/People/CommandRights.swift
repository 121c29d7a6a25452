public import XMPP
public import YAMLConfiguration

/// Who may give commands in chat: people and groups by name, addresses, globs on addresses. Nobody unless the configuration says so.
public struct CommandRights: Sendable, Hashable {
    private var contacts: Set<Contact> = []
    private var globs: [AddressGlob] = []

    /// Nobody.
    public init() {}

    /// Reads names, addresses and globs (`*@example.org`).
    ///
    /// - Throws: an unknown name.
    public init(_ names: [String], directory: PeopleDirectory) throws(Complaint) {
        for name in names {
            if name.contains("*") {
                guard let glob = AddressGlob(name) else {
                    throw Complaint("'\(name)' is no glob on addresses", hint: "write it like '*@example.org'")
                }
                globs.append(glob)
            } else {
                contacts.formUnion(try directory.plan(for: name).everybody.flatMap(\.contacts))
            }
        }
    }

    /// Those who may, for a bot's `allow`; in a fixed order.
    public var audience: [AddressGlob] { contacts.sorted().map { AddressGlob($0.address) } + globs }

    /// Whether somebody may.
    public func allow(_ contact: Contact) -> Bool {
        contacts.contains(contact) || globs.contains { $0.matches(contact.address) }
    }
}
