import Foundation
import Logging
import Oxbow
import Synchronization
import Testing

@testable import OxbowCommand

@Suite("The log")
struct LogLinesTests {
    private func lines(_ format: Settings.LogFormat, _ body: (Logger) -> Void) -> [String] {
        let said = Transcript()
        var logger = Logger(label: "x") { _ in
            LogLines(format: format, now: { Date(timeIntervalSince1970: 0.5) }, write: { said.err($0) })
        }
        logger[metadataKey: "account"] = "a@b"
        body(logger)
        return said.both.err.split(separator: "\n").map(String.init)
    }

    @Test("a line an event, values quoted where they must be")
    func text() {
        let lines = lines(.text) { logger in
            logger.notice("online", metadata: ["address": "a@b/c", "words": "one \"two\"", "empty": ""])
            logger.debug("too quiet")
        }
        #expect(lines == [#"1970-01-01T00:00:00.500Z notice online account=a@b address=a@b/c empty="" words="one \"two\"""#])
    }

    @Test("no peer writes lines of their own, turns text around or talks to the terminal")
    func injection() {
        let evil = "x\n2026-01-01 critical forged \u{1B}[31m \u{202E}\u{2028}"
        for format in [Settings.LogFormat.text, .json] {
            let lines = lines(format) { $0.info("\(evil)", metadata: ["evil": "\(evil)"]) }
            #expect(lines.count == 1)
            #expect(!lines.joined().contains("\u{1B}"))
        }
        let lines = lines(.text) { $0.info("\(evil)") }
        #expect(lines.first?.contains(#"x\u{a}2026-01-01 critical forged \u{1b}[31m \u{202e}\u{2028}"#) == true, "\(lines)")
    }

    @Test("JSON is one object a line")
    func json() throws {
        let lines = lines(.json) { $0.error("failed", metadata: ["n": "1"]) }
        #expect(lines == [#"{"level":"error","message":"failed","metadata":{"account":"a@b","n":"1"},"time":"1970-01-01T00:00:00.500Z"}"#])
    }
}
