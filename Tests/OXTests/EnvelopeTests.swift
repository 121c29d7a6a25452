import Foundation
import Testing
import XML
import XMPP

@testable import OX

@Suite("The first look at a message")
struct EnvelopeTests {
    private let binary: [UInt8] = [0x84, 1, 2, 3, 4, 5, 6, 7]
    private var text: String { Data(binary).base64EncodedString() }
    private var openpgp: Element { Element("openpgp", Namespace.openPGP, text: text) }

    private func examine(_ message: Message, isAllowed: Bool = true) -> Examination {
        Envelope.examine(message, account: botJID, isAllowed: isAllowed)
    }

    private func reason(_ message: Message, isAllowed: Bool = true) -> RefusalReason? {
        if case .refused(let refusal) = examine(message, isAllowed: isAllowed) { refusal.reason } else { nil }
    }

    private func envelope(_ message: Message) -> Envelope? {
        if case .sealed(let envelope) = examine(message) { envelope } else { nil }
    }

    @Test("T2 chat, normal or no type; without body, EME or hint", arguments: ["chat", "normal", nil, "unheard-of"])
    func kinds(_ type: String?) {
        #expect(envelope(message(from: "alice@ox.test/x", type: type, [openpgp]))?.message == binary)
    }

    @Test("T1 however the message is wrapped, its hash is the same (A5)") func hash() throws {
        let armored = "-----BEGIN PGP MESSAGE-----\n\n\(text)\n=AbCd\n-----END PGP MESSAGE-----\n"
        let variants = [
            text, "\n  " + text + "\n ", text.replacingOccurrences(of: "=", with: ""), Data(armored.utf8).base64EncodedString(),
        ]
        let hashes = variants.map { envelope(stanza(text: $0))?.hash }
        #expect(Set(hashes).count == 1)
        // sha256sum of those eight bytes.
        #expect(hashes.first == "dac147ccfb2556ef9c5e996894f5560d43908eaef54d5b51b0763f37a53a9ef7")
    }

    @Test("what stands outside is taken along as it is") func outside() {
        let extra = [
            body("fallback"), Element("origin-id", Namespace.stanzaIDs, ["id": "o1"]),
            Element("delay", Namespace.delay, ["from": "ox.test", "stamp": "2026-01-02T03:04:05Z"]),
            Element("delay", Namespace.delay, ["from": "mallory@ox.test", "stamp": "2026-01-02T03:04:06Z"]),
            Element("delay", Namespace.delay, ["stamp": "2026-01-02T03:04:07Z"]),
            Element("delay", Namespace.delay, ["from": "ox.test.evil", "stamp": "2026-01-02T03:04:08Z"]),
        ]
        let found = envelope(message(from: "alice@ox.test/x", [openpgp] + extra))
        #expect(found?.sender == jid("alice@ox.test/x"))
        #expect(found?.id == "m1" && found?.originID == "o1")
        #expect(found?.delays == [1_767_323_045])
    }

    @Test("neither body nor openpgp is nothing, whatever the type", arguments: ["chat", "headline", "groupchat", "error", nil])
    func nothing(_ type: String?) {
        #expect(examine(message(from: "alice@ox.test/x", type: type, [Element("active", Namespace.chatStates)])) == .nothing)
    }

    @Test("A17 plaintext is refused, with an EME hint too") func plaintext() {
        #expect(reason(message(from: "alice@ox.test/x", [body("hi")])) == .plaintext)
        let hint = Element("encryption", Namespace.encryption, ["namespace": Namespace.openPGP])
        #expect(reason(message(from: "alice@ox.test/x", [body("hi"), hint])) == .plaintext)
    }

    @Test("A14 two openpgp elements, elements inside, no or broken base64, no OpenPGP data")
    func broken() {
        #expect(reason(message(from: "alice@ox.test/x", [openpgp, openpgp])) == .envelope)
        let nested = Element("openpgp", Namespace.openPGP, [:], [openpgp])
        #expect(reason(message(from: "alice@ox.test/x", [nested])) == .envelope)
        for text in ["", "  ", "!!!!", "aGVsbG8=", "hAEC\u{2003}AwQF"] { #expect(reason(stanza(text: text)) == .envelope) }
    }

    @Test("A15 oversized base64 is not decoded") func oversized() {
        #expect(reason(stanza(text: String(repeating: "hAEC", count: Envelope.base64Limit / 4 + 1))) == .envelope)
    }

    @Test("S16 A26 errors, groupchat and headlines are not read", arguments: ["error", "groupchat", "headline"])
    func kindsRefused(_ type: String) {
        #expect(reason(message(from: "alice@ox.test/x", type: type, [openpgp])) == .kind)
    }

    @Test("S16 carbons, archive results and forwarded messages are refused, whatever else is there")
    func wrappers() {
        for wrapper in [
            Element("received", Namespace.carbons), Element("sent", Namespace.carbons), Element("result", Namespace.archive),
            Element("forwarded", Namespace.forward), Element("result", "urn:xmpp:mam:1"),
        ] {
            #expect(reason(message(from: "alice@ox.test/x", [wrapper])) == .wrapper)
            #expect(reason(message(from: "bot@ox.test", [openpgp, wrapper])) == .wrapper)
        }
    }

    @Test("R3 who isn't allowed is refused before anything is decoded") func notAllowed() {
        #expect(reason(stanza(text: "!!!!"), isAllowed: false) == .notAllowed)
        #expect(reason(message(from: "alice@ox.test/x", [body("hi")]), isAllowed: false) == .notAllowed)
    }

    @Test("S5 the stanza is addressed to us, or says nothing") func addressee() {
        #expect(envelope(stanza(text: text, to: nil)) != nil)
        #expect(envelope(stanza(text: text, to: "bot@ox.test/home")) != nil)
        #expect(reason(stanza(text: text, to: "other@ox.test")) == .addressee)
    }
}
