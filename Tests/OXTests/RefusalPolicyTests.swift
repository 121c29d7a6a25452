import OX
import Testing
import XML
import XMPP

@Suite("R4 one refusal")
struct RefusalPolicyTests {
    private let openpgp = Element("openpgp", Namespace.openPGP, text: "hAEC")

    private func chat(_ from: String = "alice@ox.test/x", type: String? = "chat", with children: [Element]? = nil) -> Message {
        message(from: from, type: type, children ?? [body("hi")])
    }

    @Test("R4 plaintext and failed OX are answered alike, on a ten-second tick") func answers() {
        for (children, reason) in [
            ([body("hi")], RefusalReason.plaintext), ([openpgp], .undecryptable), ([openpgp, body("x")], .wrongSigner),
        ] {
            var policy = RefusalPolicy()
            policy.note(chat(with: children), reason: reason, at: 1003)
            #expect(policy.nextDue == 1010)
            #expect(policy.due(at: 1009).isEmpty)
            #expect(policy.due(at: 1010) == [Refusal(to: jid("alice@ox.test/x"), id: "m1", text: RefusalPolicy.text)])
            #expect(policy.due(at: 1020).isEmpty && policy.nextDue == nil)
        }
    }

    @Test("A28 the tick hides how long a failure took: on the tick itself it is the next one") func tick() {
        var policy = RefusalPolicy()
        policy.note(chat(), reason: .plaintext, at: 1010)
        #expect(policy.nextDue == 1020)
    }

    @Test("R4 one an hour and sender, over all causes and resources") func perSender() {
        var policy = RefusalPolicy()
        policy.note(chat("alice@ox.test/a"), reason: .plaintext, at: 1000)
        policy.note(chat("alice@ox.test/b"), reason: .undecryptable, at: 1001)
        policy.note(chat("bob@ox.test"), reason: .plaintext, at: 1002)
        #expect(policy.due(at: 1010).map(\.to) == [jid("alice@ox.test/a"), jid("bob@ox.test")])
        policy.note(chat("alice@ox.test/a"), reason: .stale, at: 1000 + 3599)
        #expect(policy.nextDue == nil)
        policy.note(chat("alice@ox.test/a"), reason: .stale, at: 1000 + 3600)
        #expect(policy.due(at: 1000 + 3610).count == 1)
    }

    @Test("R4 60 an hour for the account, which bounds the memory too") func perAccount() {
        var policy = RefusalPolicy()
        for number in 0..<1000 { policy.note(chat("user\(number)@ox.test"), reason: .plaintext, at: 1000) }
        #expect(policy.due(at: 1010).count == 60)
        for number in 0..<1000 { policy.note(chat("other\(number)@ox.test"), reason: .plaintext, at: 4599) }
        #expect(policy.due(at: 5000).isEmpty)
        policy.note(chat("late@ox.test"), reason: .plaintext, at: 4600)
        #expect(policy.due(at: 4610).count == 1)
    }

    @Test("R4 never answered: types, delays, wrappers, nothing", arguments: ["error", "groupchat", "headline"])
    func never(_ type: String) {
        var policy = RefusalPolicy()
        policy.note(chat(type: type), reason: .kind, at: 1000)
        policy.note(chat(type: type), reason: .plaintext, at: 1000)
        policy.note(
            chat(with: [body("x"), Element("delay", Namespace.delay, ["stamp": "2026-01-01T00:00:00Z"])]),
            reason: .plaintext,
            at: 1000
        )
        policy.note(chat(with: [body("x"), Element("sent", Namespace.carbons)]), reason: .wrapper, at: 1000)
        policy.note(chat(with: [openpgp, Element("result", Namespace.archive)]), reason: .undecryptable, at: 1000)
        policy.note(chat(with: [Element("active", Namespace.chatStates)]), reason: .plaintext, at: 1000)
        #expect(policy.nextDue == nil)
    }

    @Test(
        "R3 strangers get silence; our own failures and repeats are no refusals",
        arguments: [RefusalReason.notAllowed, .failure, .replay]
    )
    func silent(_ reason: RefusalReason) {
        var policy = RefusalPolicy()
        policy.note(chat(with: [openpgp]), reason: reason, at: 1000)
        #expect(policy.nextDue == nil)
    }

    @Test("a clock that is put back doesn't silence the account") func clock() {
        var policy = RefusalPolicy()
        policy.note(chat("alice@ox.test"), reason: .plaintext, at: 100_000)
        policy.note(chat("alice@ox.test"), reason: .plaintext, at: 1000)
        #expect(policy.due(at: 1010).count == 2)
    }

    @Test("the text tells how to write to the bot, and names no cause") func text() {
        #expect(RefusalPolicy.text.contains("OX") && RefusalPolicy.text.contains("XEP-0373"))
        for word in ["signature", "decrypt", "unknown", "expired"] { #expect(!RefusalPolicy.text.contains(word)) }
    }
}
