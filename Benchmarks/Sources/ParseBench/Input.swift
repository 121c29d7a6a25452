/// A stream of stanzas of one kind.
struct Input {
    let name: String
    let stanzas: Int
    let bytes: [UInt8]

    init(_ name: String, stanzas: Int, _ stanza: (Int) -> String) {
        self.name = name
        self.stanzas = stanzas
        var text = """
            <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
            id='s1' from='example.org' version='1.0' xml:lang='en'>
            """
        for index in 0..<stanzas { text += stanza(index) }
        bytes = Array((text + "</stream:stream>").utf8)
    }

    /// What a bot receives: OX messages, chat in the clear, presence with caps, and now and then the answer to a request.
    static func mixed(_ count: Int) -> Input {
        Input("mixed", stanzas: count) { index in
            switch index % 50 {
            case 0: roster(index)
            case 1..<25: openPGP(index)
            case 25..<37: chat(index)
            default: presence(index)
            }
        }
    }

    static func openPGP(_ index: Int) -> String {
        let base64 = String(repeating: "hF4DwL1xQ0yR5TgSAQdA3nC7b2vXq9", count: 30)
        return """
            <message xml:lang='en' to='bot@example.org/oxbow' from='juliet@example.org/balcony.\(index % 10)' type='chat' id='m\(index)'>\
            <openpgp xmlns='urn:xmpp:openpgp:0'>\(base64)</openpgp><encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:openpgp:0'/>\
            <store xmlns='urn:xmpp:hints'/><origin-id xmlns='urn:xmpp:sid:0' id='o\(index)'/>\
            <body>This message is encrypted with OpenPGP for XMPP.</body></message>
            """
    }

    static func chat(_ index: Int) -> String {
        """
        <message from='romeo@example.net/orchard' to='bot@example.org' type='chat' id='c\(index)'><body>Wherefore art thou &amp; why? \
        \(index)</body><active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>\
        <stanza-id xmlns='urn:xmpp:sid:0' by='bot@example.org' id='a\(index)'/></message>
        """
    }

    static func presence(_ index: Int) -> String {
        """
        <presence from='mercutio\(index % 50)@example.org/phone' to='bot@example.org/oxbow'><show>away</show><priority>5</priority>\
        <c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://example.org/client' ver='q07IKJEyjvHSyhy//CH0CxmKi8w='/></presence>
        """
    }

    static func roster(_ index: Int) -> String {
        var text = "<iq type='result' id='r\(index)' to='bot@example.org/oxbow'><query xmlns='jabber:iq:roster'>"
        for item in 0..<10 {
            text += "<item jid='contact\(item)@example.org' name='Contact \(item)' subscription='both'><group>Friends</group></item>"
        }
        return text + "</query></iq>"
    }
}
