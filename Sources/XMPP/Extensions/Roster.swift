public import XML

/// The account's contact list (RFC 6121 § 2): who sees our presence, and whose we see.
public struct Roster: Hashable, Sendable {
    /// Who sees whose presence (RFC 6121 § 2.1.2.5).
    public enum Subscription: String, Sendable {
        case none
        /// We see theirs.
        case to
        /// They see ours.
        case from
        case both
        /// Only in a push: the contact is gone.
        case remove
    }

    /// A contact.
    public struct Contact: Hashable, Sendable {
        /// The contact's bare JID.
        public let address: Address
        /// Who sees whose presence.
        public let subscription: Subscription
        /// Whether our request to see theirs waits for an answer.
        public let isRequested: Bool

        /// Whether the contact sees our presence, so that receipts may be sent (R7).
        public var seesUs: Bool { subscription == .from || subscription == .both }
        /// Whether we see the contact's presence, so that its nodes notify us (R15).
        public var isSeen: Bool { subscription == .to || subscription == .both }

        /// Makes a contact.
        public init(_ address: Address, _ subscription: Subscription, isRequested: Bool = false) {
            self.address = address.bare
            self.subscription = subscription
            self.isRequested = isRequested
        }

        init?(_ item: Element) {
            guard let address = item["jid"].flatMap({ Address($0) }), address.isBare else { return nil }
            guard let subscription = item["subscription"].map({ Subscription(rawValue: $0) }) ?? Subscription.none else { return nil }
            self.init(address, subscription, isRequested: item["ask"] == "subscribe")
        }
    }

    /// The contacts by bare JID.
    public private(set) var contacts: [Address: Contact] = [:]

    /// An empty list.
    public init() {}

    /// Reads the server's answer to ``request``; malformed contacts are left out.
    public init(answer: Element?) {
        guard let answer, answer.is("query", Namespace.roster) else { return }
        for contact in answer.all("item", Namespace.roster).compactMap(Contact.init) { apply(contact) }
    }

    /// Takes in a pushed change.
    public mutating func apply(_ contact: Contact) {
        contacts[contact.address] = contact.subscription == .remove ? nil : contact
    }

    /// The contact with this address; its resourcepart plays no role.
    public subscript(address: Address) -> Contact? { contacts[address.bare] }

    /// Asks the server for the list.
    public static let request = Request(.get, Element("query", Namespace.roster))

    /// Removes a contact, and with it both subscriptions (RFC 6121 § 2.5).
    public static func remove(_ address: Address) -> Request {
        let item = Element("item", Namespace.roster, ["jid": address.bare.description, "subscription": "remove"])
        return Request(.set, Element("query", Namespace.roster, [:], [item]))
    }
}

/// Takes in the changes of the contact list that the server pushes (RFC 6121 § 2.1.6).
public struct RosterPushes: IQHandler {
    /// `<query xmlns='jabber:iq:roster'/>`.
    public let payloads = [Name("query", Namespace.roster)]
    /// None: only the own server may push.
    public let features: [String] = []
    private let account: Address
    private let changed: @Sendable (Roster.Contact) -> Void

    /// Makes the handler.
    ///
    /// - Parameter changed: Called for each pushed change, in order.
    public init(account: Address, changed: @escaping @Sendable (Roster.Contact) -> Void) {
        self.account = account.bare
        self.changed = changed
    }

    /// Takes in a push of the account itself; to anybody else there is no such service here (RFC 6121 § 2.1.6).
    public func respond(to payload: Element, kind: Request.Kind, from sender: Address) async throws -> Element? {
        guard kind == .set, sender == account else { throw StanzaError("service-unavailable", .cancel) }
        let items = payload.all("item", Namespace.roster)
        guard items.count == 1, let contact = Roster.Contact(items[0]) else { throw StanzaError("bad-request", .modify) }
        changed(contact)
        return nil
    }
}
