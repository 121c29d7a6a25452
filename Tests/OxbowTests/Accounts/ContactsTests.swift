import Testing
import XML
import XMPP

@testable import Oxbow

/// R3, R7 and R15 as presence shows them.
struct ContactsTests {
    private let alice: Address
    private let phone: Address
    private let bob: Address
    private let stranger: Address

    init() throws {
        alice = try #require(Address("alice@ox.test"))
        phone = try #require(Address("alice@ox.test/phone"))
        bob = try #require(Address("bob@ox.test"))
        stranger = try #require(Address("stranger@else.test"))
    }

    private func contacts(recipients: [Address] = [], subscribes: Bool = true) -> Contacts {
        Contacts(recipients: recipients, subscribes: subscribes) { $0.domain == "ox.test" }
    }

    @Test("R15: recipients are asked for their presence, once")
    func recipients() {
        let contacts = contacts(recipients: [bob, alice])
        #expect(contacts.loaded(Roster()) == [.subscribe(alice), .subscribe(bob)])
        #expect(contacts.loaded(roster((alice, "none", true), (bob, "both", false))) == [])
    }

    @Test("R15: subscribe: false asks nobody, and still grants")
    func silent() {
        let contacts = contacts(recipients: [bob], subscribes: false)
        #expect(contacts.loaded(Roster()) == [])
        #expect(contacts.asked(by: alice) == [.subscribed(alice)])
    }

    @Test("R3: who is heard may see us, and is asked in return; strangers get silence")
    func requests() {
        let contacts = contacts()
        #expect(contacts.asked(by: phone) == [.subscribed(alice), .subscribe(alice)])
        #expect(contacts.asked(by: stranger) == [])
        contacts.pushed(Roster.Contact(alice, .to))
        #expect(contacts.asked(by: alice) == [.subscribed(alice)])
    }

    @Test("R7: only those who see our presence get receipts")
    func watching() {
        let contacts = contacts()
        _ = contacts.loaded(roster((alice, "from", false), (bob, "to", false)))
        #expect(contacts.isWatching(phone))
        #expect(!contacts.isWatching(bob))
        #expect(!contacts.isWatching(stranger))
        contacts.pushed(Roster.Contact(alice, .remove))
        #expect(!contacts.isWatching(alice))
    }

    private func roster(_ items: (Address, String, Bool)...) -> Roster {
        Roster(
            answer: Element(
                "query",
                Namespace.roster,
                [:],
                items.map { item in
                    let attributes = ["jid": item.0.description, "subscription": item.1, "ask": item.2 ? "subscribe" : nil]
                    return Element("item", Namespace.roster, attributes)
                }
            )
        )
    }
}
