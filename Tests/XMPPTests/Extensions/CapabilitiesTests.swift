import Testing
import XML

@testable import XMPP

@Suite struct CapabilitiesTests {
    static let features = ["caps", "disco#info", "disco#items", "muc"].map { "http://jabber.org/protocol/\($0)" }

    @Test func simpleExampleOfTheSpecification() {
        let info = DiscoInfo(identities: [.init("client", "pc", name: "Exodus 0.9.1")], features: Self.features.reversed())
        #expect(Capabilities.version(of: info) == "QgayPKawpkPSDYmwT/WM94uAlu0=")
    }

    @Test func complexExampleOfTheSpecification() throws {
        let info = try #require(
            DiscoInfo(
                xml(
                    "<query xmlns='http://jabber.org/protocol/disco#info'>"
                        + "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"
                        + "<identity xml:lang='el' category='client' name='Ψ 0.11' type='pc'/>"
                        + Self.features.map { "<feature var='\($0)'/>" }.joined()
                        + "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
                        + "<value>urn:xmpp:dataforms:softwareinfo</value></field>"
                        + "<field var='os_version'><value>10.5.1</value></field>"
                        + "<field var='ip_version' type='text-multi'><value>ipv6</value><value>ipv4</value></field>"
                        + "<field var='os'><value>Mac</value></field><field var='software'><value>Psi</value></field>"
                        + "<field var='software_version'><value>0.11</value></field></x></query>"
                )
            )
        )
        #expect(Capabilities.version(of: info) == "q07IKJEyjvHSyhy//CH0CxmKi8w=")
        #expect(Capabilities(hash: "sha-1", node: "n", version: "q07IKJEyjvHSyhy//CH0CxmKi8w=").describe(info))
        #expect(!Capabilities(hash: "sha-512", node: "n", version: "q07IKJEyjvHSyhy//CH0CxmKi8w=").describe(info))
        // What we say comes out as we read it.
        #expect(DiscoInfo(info.element()) == info)
    }

    @Test func illFormedAnswers() {
        let identity = DiscoInfo.Identity("client", "bot")
        let form = DataForm("result", type: "t", [])
        var twoTypes = form
        twoTypes.fields[0].values = ["t", "u"]
        for info in [
            DiscoInfo(identities: [identity, identity], features: []), DiscoInfo(identities: [identity], features: ["f", "f"]),
            DiscoInfo(identities: [], features: [], forms: [form, form]), DiscoInfo(identities: [], features: [], forms: [twoTypes]),
            // "a<b" hashes like the two features a and b.
            DiscoInfo(identities: [], features: ["a<b"]), DiscoInfo(identities: [], features: ["a<\u{301}b"]),
            DiscoInfo(identities: [.init("client", "bot", name: "x<y")], features: []),
        ] {
            #expect(Capabilities.version(of: info) == nil)
        }
    }

    @Test func formsWithoutATypeAreLeftOut() {
        let plain = DiscoInfo(identities: [.init("client", "bot")], features: ["f"])
        var visible = DataForm("result", type: "t", [])
        visible.fields[0].type = "text-single"
        var untyped = visible
        untyped.fields = [DataForm.Field("a", ["b"])]
        let info = DiscoInfo(identities: plain.identities, features: plain.features, forms: [visible, untyped])
        #expect(Capabilities.version(of: info) == Capabilities.version(of: plain))
    }

    @Test func sortingIsByBytes() {
        // Swift would sort the decomposed letter beside its composed form.
        let one = DiscoInfo(identities: [], features: ["z", "e\u{301}", "\u{E9}", "Z"])
        let other = DiscoInfo(identities: [], features: ["\u{E9}", "Z", "z", "e\u{301}"])
        #expect(Capabilities.version(of: one) != nil || Set(one.features).count < 4)
        #expect(Capabilities.version(of: one) == Capabilities.version(of: other))
    }

    @Test func presence() throws {
        let presence = try stanza("<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></presence>")
        #expect(Capabilities(presence: presence) == Capabilities(hash: "sha-1", node: "n", version: "v"))
        let legacy = try stanza("<presence><c xmlns='http://jabber.org/protocol/caps' node='n' ver='v'/></presence>")
        #expect(Capabilities(presence: legacy) == nil)
    }
}
