import Testing
import XML
import XMPP

@testable import OX

@Suite("The content element")
struct SigncryptTests {
    private func parse(_ text: String) throws -> Signcrypt { try Signcrypt(parsing: Array(text.utf8)) }

    private func refusal(_ text: String) -> RefusalReason? {
        do throws(OpenRefusal) {
            _ = try Signcrypt(parsing: Array(text.utf8))
            return nil
        } catch {
            return error.reason
        }
    }

    private func content(
        _ namespace: String = "urn:xmpp:openpgp:0",
        root: String = "signcrypt",
        _ children: String =
            "<to jid='bot@ox.test'/><time stamp='2026-01-02T03:04:05Z'/><payload><body xmlns='jabber:client'>x</body></payload>"
    ) -> String { "<\(root) xmlns='\(namespace)'>\(children)</\(root)>" }

    @Test("E2 E3 E4 E6 the text is exactly this") func text() {
        let content = Signcrypt(
            to: [jid("Peer@Ox.Test/phone")],
            time: 1_767_323_045,
            padding: "0aZ",
            payload: [
                Element("active", Namespace.chatStates), Element("body", Namespace.client, text: "a < b & 'c' \"d\" ]]> ü"),
                Element("reading", "urn:example:sensor:0", ["unit": "K"], text: "5"),
            ]
        )
        #expect(
            content.text
                == "<signcrypt xmlns='urn:xmpp:openpgp:0'><to jid='peer@ox.test'/><time stamp='2026-01-02T03:04:05Z'/><rpad>0aZ</rpad><payload>"
                + "<body xmlns='jabber:client'>a &lt; b &amp; 'c' \"d\" ]]&gt; ü</body><active xmlns='http://jabber.org/protocol/chatstates'/>"
                + "<reading xmlns='urn:example:sensor:0' unit='K'>5</reading></payload></signcrypt>"
        )
    }

    @Test("E5 paddings are 50 to 200 letters and digits, and differ") func padding() {
        let paddings = (0..<300).map { _ in Padding.random() }
        #expect(Set(paddings).count == 300)
        #expect(Set(paddings.map(\.count)).count > 30)
        for padding in paddings {
            #expect((50...200).contains(padding.utf8.count))
            #expect(padding.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) })
        }
    }

    @Test("what is built can be read") func roundTrip() throws {
        let content = Signcrypt(
            to: [aliceJID, botJID],
            time: 1_767_323_045,
            padding: "abc",
            payload: [body("Hi"), Element("x", "urn:example:0", text: " y ")]
        )
        #expect(try parse(content.text) == content)
    }

    @Test(
        "T3 any order, unknown children, no or an empty rpad, prefixes, white space, a declaration",
        arguments: [
            "<signcrypt xmlns='urn:xmpp:openpgp:0'><payload><body xmlns='jabber:client'>x</body></payload><rpad/><x xmlns='urn:x'><payload/></x>"
                + "<time stamp='2026-01-02T03:04:05Z'/><to jid='bot@ox.test'/></signcrypt>",
            "<?xml version='1.0'?>\n<o:signcrypt xmlns:o='urn:xmpp:openpgp:0'>\n <o:to jid='bot@ox.test'/>\n <o:time stamp='2026-01-02T03:04:05Z'/>\n"
                + "<o:payload>\n<c:body xmlns:c='jabber:client'>x</c:body></o:payload></o:signcrypt>\n ",
            "<signcrypt xmlns='urn:xmpp:openpgp:0' id='7'><to jid='bot@ox.test'/><time stamp='2026-01-02T03:04:05Z'/><future/>"
                + "<payload><body xmlns='jabber:client'>x</body></payload><rpad>  </rpad></signcrypt>",
        ]
    )
    func tolerated(_ text: String) throws {
        let content = try parse(text)
        #expect(content.to == [botJID] && content.time == 1_767_323_045 && content.payload == [body("x")])
    }

    @Test(
        "T4 the payload in jabber:client, and bodies in four namespaces",
        arguments: [
            "<payload xmlns='jabber:client'><body>x</body></payload>", "<payload><body xmlns='jabber:server'>x</body></payload>",
            "<payload><body>x</body></payload>", "<payload><body xmlns=''>x</body></payload>",
            "<payload><body xmlns='jabber:client'>x</body></payload>",
        ]
    )
    func namespaces(_ payload: String) throws {
        let content = try parse(content("urn:xmpp:openpgp:0", "<to jid='bot@ox.test'/><time stamp='2026-01-02T03:04:05Z'/>" + payload))
        #expect(content.payload == [body("x")])
    }

    @Test("A14 a body in a foreign namespace is no body") func foreignBody() throws {
        let payload = "<payload><body xmlns='http://www.w3.org/1999/xhtml'>x</body></payload>"
        let content = try parse(content("urn:xmpp:openpgp:0", "<to jid='bot@ox.test'/><time stamp='2026-01-02T03:04:05Z'/>" + payload))
        #expect(content.payload.first?.namespace == "http://www.w3.org/1999/xhtml")
    }

    @Test(
        "T5 forms of the time",
        arguments: [
            "2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00", "2026-01-02T04:04:05+0100", "2026-01-02T03:04:05.999Z",
            "2026-01-01T21:34:05.1-05:30",
            "2026-01-02T03:04:05+0000", "2026-01-02T03:04:05.123+00:00",
        ]
    )
    func times(_ stamp: String) throws {
        let children = "<to jid='bot@ox.test'/><time stamp='\(stamp)'/><payload/>"
        #expect(try parse(content("urn:xmpp:openpgp:0", children)).time == 1_767_323_045)
    }

    @Test("T6 several to, with resources and in other cases, unreadable ones left out") func addressees() throws {
        let children = "<to/><to jid=''/><to jid='x@y.test'/><to jid='BOT@OX.test/a'/><time stamp='2026-01-02T03:04:05Z'/><payload/>"
        #expect(try parse(content("urn:xmpp:openpgp:0", children)).to.map(\.bare) == [jid("x@y.test"), botJID])
    }

    @Test("A10 other roots are refused, by name and namespace", arguments: ["sign", "crypt", "openpgp", "message", "payload"])
    func roots(_ root: String) {
        #expect(refusal(content(root: root)) == .content)
        #expect(refusal(content("jabber:client")) == .content)
        #expect(refusal(content("")) == .content)
    }

    @Test("A14 two payloads, in one or in two namespaces; none; two roots; text behind the root")
    func confusion() {
        let front = "<to jid='bot@ox.test'/><time stamp='2026-01-02T03:04:05Z'/>"
        #expect(refusal(content("urn:xmpp:openpgp:0", front + "<payload/><payload/>")) == .content)
        #expect(refusal(content("urn:xmpp:openpgp:0", front + "<payload/><payload xmlns='jabber:client'/>")) == .content)
        #expect(refusal(content("urn:xmpp:openpgp:0", front)) == .content)
        #expect(refusal(content() + content()) == .content)
        #expect(refusal(content() + "x") == .content)
        #expect(refusal("x" + content()) == .content)
    }

    @Test("A6 no time, two times, an unreadable one")
    func time() {
        let payload = "<to jid='bot@ox.test'/><payload/>"
        for times in [
            "", "<time/>", "<time stamp=''/>", "<time stamp='now'/>", "<time stamp='2026-01-02T03:04:05'/>",
            "<time stamp='2026-02-30T03:04:05Z'/>",
            "<time stamp='2026-01-02T03:04:05Z'/><time stamp='2026-01-02T03:04:05Z'/>",
            "<time xmlns='jabber:client' stamp='2026-01-02T03:04:05Z'/>",
        ] {
            #expect(refusal(content("urn:xmpp:openpgp:0", payload + times)) == .time, "\(times)")
        }
    }

    @Test("A2 no readable addressee")
    func noAddressee() {
        for to in ["", "<to/>", "<to jid='@@'/>", "<to xmlns='jabber:client' jid='bot@ox.test'/>", "<to>bot@ox.test</to>"] {
            #expect(refusal(content("urn:xmpp:openpgp:0", to + "<time stamp='2026-01-02T03:04:05Z'/><payload/>")) == .addressee, "\(to)")
        }
    }

    @Test(
        "S8 DTDs, entities, instructions, comments, NUL and broken UTF-8 are refused",
        arguments: [
            "<!DOCTYPE signcrypt>", "<!DOCTYPE a [<!ENTITY e 'x'>]>", "<?pi?>", "<!-- c -->", "\u{0}",
            "\u{feff}<?xml version='1.0' encoding='UTF-16'?>",
        ]
    )
    func prologue(_ prologue: String) {
        #expect(refusal(prologue + content()) == .content)
    }

    @Test("S8 depth and number of elements are bounded, and bytes are UTF-8") func limits() {
        let deep = String(repeating: "<a>", count: 100) + String(repeating: "</a>", count: 100)
        let front = "<to jid='bot@ox.test'/><time stamp='2026-01-02T03:04:05Z'/>"
        #expect(refusal(content("urn:xmpp:openpgp:0", front + "<payload>\(deep)</payload>")) == .content)
        #expect(refusal(content("urn:xmpp:openpgp:0", front + "<payload>\(String(repeating: "<a/>", count: 5000))</payload>")) == .content)
        #expect(throws: OpenRefusal.self) {
            try Signcrypt(parsing: Array(content().utf8.dropLast(12)) + [0xff, 0xfe] + Array("</signcrypt>".utf8))
        }
        #expect(refusal("") == .content)
    }
}
