import Testing
import XMPP

@testable import Oxbow

/// Whom a request to send may name, whoever made it.
struct SendRequestTests {
    @Test(
        "a recipient is a bare JID of somebody: a person's name is not taken for a server's",
        arguments: ["ada", "ada@example.org/phone", "a@@b", ""]
    )
    func refused(_ text: String) {
        #expect(throws: ControlError(.usage, "'\(text)' is no bare JID; write it like name@example.org")) {
            try SendRequest(to: ["ben@example.org", text], text: "hello", timeout: 1).recipients()
        }
    }

    @Test("people with an XMPP address, and those behind a gateway")
    func taken() throws {
        let request = SendRequest(to: ["ada@example.org", "mailto:ben@example.com via email.example.net"], text: "hello", timeout: 1)
        #expect(try request.recipients().map(\.domain) == ["example.org", "email.example.net"])
    }
}
