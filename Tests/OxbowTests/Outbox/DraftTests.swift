import Delivery
import Testing
import XML
import XMPP

@testable import Oxbow

@Suite struct DraftTests {
    private func messages(_ letter: Letter, limit: Int?) throws -> [[Element]] {
        let account = try #require(Address("bot@localhost"))
        let messages = Draft(letter).messages(from: account, limit: limit, now: 100)
        return try messages.map { try #require(OutboxPayload.decode($0.payload)) }
    }

    @Test("XEP-0308: a correction stands in the payload, beside text and thread")
    func correction() throws {
        let recipient = try #require(Address("alice@localhost"))
        let letter = Letter(to: recipient, "now 3", id: "m2", thread: "t", replaces: "m1", expires: 500)
        let payload = try #require(messages(letter, limit: nil).first)
        #expect(payload.map(\.local) == ["body", "thread", "replace"])
        #expect(payload.last?.namespace == "urn:xmpp:message-correct:0")
        #expect(payload.last?["id"] == "m1")
        let message = try #require(Draft(letter).messages(from: recipient, limit: nil, now: 100).first)
        #expect(message.id == "m2" && message.expires == 500 && message.thread == "t")
    }

    @Test("R11: a text that is split corrects nothing, since none of its pieces is the whole")
    func split() throws {
        let recipient = try #require(Address("alice@localhost"))
        let text = (0..<600).map { "line \($0) of a long text" }.joined(separator: "\n")
        let letter = Letter(to: recipient, text, id: "m", thread: "t", replaces: "m1")
        let payloads = try messages(letter, limit: 16_384)
        #expect(payloads.count > 1)
        #expect(payloads.allSatisfy { $0.map(\.local) == ["body", "thread"] })
        let ids = Draft(letter).messages(from: recipient, limit: 16_384, now: 0).map(\.id)
        #expect(ids.prefix(3) == ["m", "m-2", "m-3"])
    }
}
