import Testing

@testable import Oxbow

@Suite struct LineSplitterTests {
    @Test("Lines come whole however the bytes come; a long one is reported once and skipped")
    func feed() {
        var whole = LineSplitter(limit: 4)
        let bytes = Array("ab\n\ncdef\nghijk lmn\nop\nq".utf8)
        let expected: [LineSplitter.Line] = [
            .whole(Array("ab".utf8)), .whole([]), .whole(Array("cdef".utf8)), .tooLong(Array("ghij".utf8)), .whole(Array("op".utf8)),
        ]
        #expect(whole.feed(bytes) == expected)
        #expect(whole.finish() == Array("q".utf8))
        #expect(whole.finish() == nil)
        var drip = LineSplitter(limit: 4)
        #expect(bytes.flatMap { drip.feed([$0]) } == expected)
    }
}

@Suite struct BackoffTests {
    @Test("Pauses double up to the most, keep to three quarters of it or more, and begin anew after a minute")
    func pauses() {
        var backoff = Backoff(most: .seconds(10))
        #expect(backoff.pause(afterRunning: .zero, chance: 0) == .milliseconds(750))
        #expect(backoff.pause(afterRunning: .seconds(1), chance: 1) == .seconds(2))
        #expect(backoff.pause(afterRunning: .seconds(1), chance: 1) == .seconds(4))
        #expect(backoff.pause(afterRunning: .seconds(1), chance: 1) == .seconds(8))
        for _ in 0..<100 { #expect(backoff.pause(afterRunning: .seconds(59), chance: 1) == .seconds(10)) }
        #expect(backoff.pause(afterRunning: .seconds(60), chance: 1) == .seconds(1))
    }
}

@Suite struct LogTextTests {
    @Test("What a program writes can't steer a terminal or forge a line")
    func clean() {
        #expect(
            LogText.clean("a\tb\u{1b}[2J\r\n\u{202e}c\u{0}\u{2028}é\u{1F403}")
                == "a b\u{FFFD}[2J\u{FFFD}\u{FFFD}\u{FFFD}c\u{FFFD}\u{FFFD}é\u{1F403}"
        )
        #expect(LogText.clean([0xFF, 0x41]) == "\u{FFFD}A")
        #expect(LogText.clean(String(repeating: "x", count: 5000)).count == 1000)
    }
}

@Suite struct ProgramConversationTests {
    private func line(_ text: String) -> LineSplitter.Line { .whole(Array(text.utf8)) }

    @Test("A conversation, line by line")
    func transcript() {
        var talk = ProgramConversation(limits: .init(lines: 100, answers: 2))
        talk.begin("1.0")
        #expect(talk.line(line(#"{"id":"1.0","reply":"a"}"#), at: .zero) == .answer(id: "1.0", ProgramOutput.Reply(text: "a"), end: nil))
        #expect(talk.line(line(#"{"log":"x"}"#), at: .zero) == .log("x"))
        #expect(talk.line(line(#"{"send":"x","to":"y"}"#), at: .zero) == .send(text: "x", to: "y", ref: nil))
        #expect(talk.line(line(#"{"send":"x","to":"y","ref":"z"}"#), at: .zero) == .send(text: "x", to: "y", ref: "z"))
        #expect(talk.line(line(#"{"id":"9","done":true}"#), at: .zero) == .stray(isLate: false))
        #expect(
            talk.line(line(#"{"id":"1.0","payload":["<a/>","<b/>"],"done":true}"#), at: .zero)
                == .answer(id: "1.0", ProgramOutput.Reply(payload: ["<a/>", "<b/>"]), end: .done)
        )
        #expect(talk.open.isEmpty)
        #expect(talk.line(line(#"{"id":"1.0","reply":"b"}"#), at: .zero) == .stray(isLate: true))
        talk.begin("2.0")
        #expect(
            talk.line(line(#"{"id":"2.0","done":true,"error":"e"}"#), at: .zero)
                == .answer(id: "2.0", ProgramOutput.Reply(), end: .failed("e"))
        )
    }

    @Test("Too much is too much: lines in ten seconds, answers, bytes")
    func floods() {
        var lines = ProgramConversation(limits: .init(lines: 3))
        for _ in 0..<3 { #expect(lines.line(line(#"{"log":"x"}"#), at: .zero) == .log("x")) }
        #expect(lines.line(line(#"{"log":"x"}"#), at: .seconds(9)) == .fault(.flood))
        #expect(lines.line(line(#"{"log":"x"}"#), at: .seconds(10)) == .log("x"))
        var answers = ProgramConversation(limits: .init(answers: 1))
        answers.begin("1")
        _ = answers.line(line(#"{"id":"1","reply":"x"}"#), at: .zero)
        #expect(answers.line(line(#"{"id":"1","reply":"x"}"#), at: .zero) == .fault(.flood))
        var bytes = ProgramConversation(limits: .init(answerBytes: 30))
        bytes.begin("1")
        #expect(bytes.line(line(#"{"id":"1","reply":"0123456789"}"#), at: .zero) == .fault(.flood))
        #expect(bytes.line(.tooLong([]), at: .zero) == .fault(.tooLong))
    }

    @Test(
        "What is not of the protocol is a fault, and the fault quotes nothing of it",
        arguments: [
            "", "null", "[]", "1", "\"x\"", "{}", "{\"id\":1,\"done\":true}", "{\"id\":\"1\"}", "{\"id\":\"1\",\"done\":\"yes\"}",
            "{\"id\":\"1\",\"error\":\"secret\"}", "{\"id\":\"1\",\"reply\":\"a\",\"to\":\"secret\"}", "{\"send\":\"secret\"}",
            "{\"to\":\"secret\"}",
            "{\"send\":\"a\",\"to\":\"b\",\"done\":true}", "{\"log\":\"a\",\"id\":\"1\"}", "{\"id\":\"1\",\"payload\":{}}",
            "{\"id\":\"1\",\"reply\":\"a\"} {}", "{\"secret\":1,\"log\":\"a\"}", "{'id':'1'}", "{\"id\":\"1\",\"reply\":\"\\ud800\"}",
            String(repeating: "[", count: 200_000), String(repeating: "{\"id\":", count: 40_000),
        ]
    )
    func faults(text: String) {
        var talk = ProgramConversation()
        talk.begin("1")
        guard case .fault(.garbage(let words)) = talk.line(line(text), at: .zero) else {
            Issue.record("taken: \(text)")
            return
        }
        #expect(!words.contains("secret"))
    }
}
