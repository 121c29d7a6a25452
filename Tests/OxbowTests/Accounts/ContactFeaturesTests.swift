import Testing
import XML
import XMPP

@testable import Oxbow

/// XEP-0115: what a contact's clients can do, asked once a kind, believed only with the right hash, bounded.
@Suite struct ContactFeaturesTests {
    private let info = DiscoInfo(identities: [DiscoInfo.Identity("client", "pc")], features: [Namespace.correction, Namespace.discoInfo])

    private func presence(_ from: String, _ info: DiscoInfo?, type: String? = nil) throws -> InboundPresence {
        var element = Element("presence", Namespace.client, ["from": from, "type": type])
        if let info { element.append(try #require(Capabilities(info, node: "urn:client")).element) }
        let account = try #require(Address("bot@localhost"))
        return try #require(InboundPresence(element, account: account))
    }

    @Test("Nothing is known at first; one client of a kind is asked, and its answer counts for all of the kind")
    func asked() throws {
        let features = ContactFeatures()
        let (alice, bob) = (try #require(Address("alice@localhost")), try #require(Address("bob@localhost")))
        #expect(features.has(Namespace.correction, alice) == (false, 0))
        features.take(try presence("alice@localhost/a", info))
        features.take(try presence("bob@localhost/b", info))
        let (answer, unknown) = features.has(Namespace.correction, alice)
        #expect(!answer && unknown.map(\.client.description) == ["alice@localhost/a"])
        #expect(features.has(Namespace.correction, bob) == (false, 0), "its kind is being asked already")
        features.learn(info, of: try #require(unknown.first?.kind))
        #expect(features.has(Namespace.correction, alice) == (true, 0))
        #expect(features.has(Namespace.correction, bob) == (true, 0))
        features.take(try presence("bob@localhost/b", nil, type: "unavailable"))
        #expect(features.has(Namespace.correction, bob) == (false, 0))
        features.forgetClients()
        #expect(features.has(Namespace.correction, alice) == (false, 0))
    }

    @Test("An answer that isn't what the hash was made of is believed of nobody; one that doesn't come may come from another")
    func lies() throws {
        let features = ContactFeatures()
        let alice = try #require(Address("alice@localhost"))
        let plain = DiscoInfo(identities: [], features: [Namespace.discoInfo])
        features.take(try presence("alice@localhost/a", plain))
        let kind = try #require(features.has(Namespace.correction, alice).unknown.first?.kind)
        features.learn(nil, of: kind)
        #expect(features.has(Namespace.correction, alice).unknown.count == 1)
        features.learn(info, of: kind)
        #expect(features.has(Namespace.correction, alice) == (false, 0))
    }

    @Test("Clients, clients of a contact and kinds are bounded")
    func bounds() throws {
        let features = ContactFeatures(limits: ContactFeatures.Limits(clients: 3, ofContact: 2, kinds: 2))
        let alice = try #require(Address("alice@localhost"))
        for index in 0..<5 {
            features.take(try presence("alice@localhost/\(index)", DiscoInfo(identities: [], features: ["f\(index)"])))
        }
        #expect(features.has(Namespace.correction, alice).unknown.count == 2)
        for index in 0..<5 { features.take(try presence("bob@localhost/\(index)", info)) }
        #expect(try features.has(Namespace.correction, #require(Address("bob@localhost"))) == (false, 0), "two kinds are being asked")
    }
}

private func == (found: (answer: Bool, unknown: [(client: Address, kind: Capabilities)]), expected: (Bool, Int)) -> Bool {
    found.answer == expected.0 && found.unknown.count == expected.1
}
