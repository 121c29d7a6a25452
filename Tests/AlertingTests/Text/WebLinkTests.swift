import Testing

@testable import Alerting

@Suite struct WebLinkTests {
    @Test(arguments: ["https://a.example", "http://localhost:9093/#/alerts?x=1", "HTTPS://A.example/%20", "http://[::1]:3000/d"])
    func kept(_ link: String) {
        #expect(WebLink.checked(link, limit: 2048) == link)
    }

    @Test(arguments: [
        "", "javascript:alert(1)", "file:///etc/passwd", "https://", "https:///x", "http://?", "ftp://a.example", "https://a.example/ b",
        "https://a.example/\u{202E}", "https://bank.example@evil.example/", "https://a.example\\@b.example/", "https://exämple.org/",
        "https://a.example/\nx", "https://a.example/<b>", "xmpp:a@b",
    ])
    func refused(_ link: String) {
        // A direction mark in the path isn't printable, but percent-encoding makes it harmless.
        if link.contains("\u{202E}") {
            #expect(WebLink.checked(link, limit: 2048) == "https://a.example/%E2%80%AE")
        } else {
            #expect(WebLink.checked(link, limit: 2048) == nil)
        }
    }

    @Test func half() {
        #expect(WebLink.checked("https://a.example/" + String(repeating: "x", count: 2048), limit: 2048) == nil)
        #expect(WebLink.checked("https://a.example/é", limit: 2048) == "https://a.example/%C3%A9")
        #expect(WebLink.checked("https://a.example/é", limit: 20) == nil)
    }
}
