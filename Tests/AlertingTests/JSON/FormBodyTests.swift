import Testing

@testable import Alerting

@Suite struct FormBodyTests {
    @Test(arguments: [
        ("payload=a+b%26c", "a b&c"), ("x=1&payload=%7B%7D", "{}"), ("payload", ""), ("payload=%zz%4", "%zz%4"), ("payload=a=b", "a=b"),
        ("payload=%C3%A9", "é"),
        ("payload=1&payload=2", "2"),
    ])
    func fields(_ body: String, _ expected: String) {
        #expect(FormBody.read(Array(body.utf8))["payload"].map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test func manyFieldsAreBounded() {
        #expect(FormBody.read(Array((0..<1000).map { "k\($0)=1" }.joined(separator: "&").utf8)).count <= 101)
    }

    @Test func gitHubsForm() throws {
        let made = try intake(
            "github",
            "payload=%7B%22zen%22%3A%22x%22%7D",
            headers: ["x-github-event": "ping"],
            contentType: "application/x-www-form-urlencoded; charset=utf-8"
        )
        #expect(made.title == "the webhook is connected")
    }

    /// `curl -d` says "form" whatever it sends.
    @Test func curlsForm() throws {
        #expect(try intake("slack", #"{"text": "hi"}"#, contentType: "application/x-www-form-urlencoded").title == "hi")
        #expect(refusal("slack", "text=hi", contentType: "application/x-www-form-urlencoded")?.code == .contentType)
    }
}
