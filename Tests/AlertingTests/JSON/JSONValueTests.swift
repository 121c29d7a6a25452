import Testing

@testable import Alerting

@Suite struct JSONValueTests {
    private func read(_ text: String) throws -> JSONValue { try JSONValue.read(Array(text.utf8)) }

    private func refusal(_ bytes: [UInt8]) -> SourceError? {
        do throws(SourceError) {
            _ = try JSONValue.read(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func kindsAreKept() throws {
        let value = try read(
            #"{"t": true, "f": false, "one": 1, "zero": 0, "n": null, "x": 1.5, "whole": 2.0, "s": "é\u00e9", "l": [1, "1"]}"#
        )
        #expect(
            value
                == .object([
                    "t": .bool(true), "f": .bool(false), "one": .number("1"), "zero": .number("0"), "n": .null, "x": .number("1.5"),
                    "whole": .number("2"),
                    "s": .string("éé"), "l": .array([.number("1"), .string("1")]),
                ])
        )
    }

    @Test(arguments: [
        ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "18446744073709551616"), ("0.1", "0.1"), ("1e3", "1000"),
    ])
    func numbers(_ text: String, _ expected: String) throws {
        #expect(try read("[\(text)]") == .array([.number(expected)]))
    }

    /// Numbers beyond any type end as a number or as a refusal, never otherwise.
    @Test(arguments: [
        "1e999", "-1e999", "1e-999", String(repeating: "9", count: 5000), "0." + String(repeating: "1", count: 5000), "1E+400",
    ])
    func hugeNumbers(_ text: String) {
        do throws(SourceError) {
            guard case .array(let elements) = try JSONValue.read(Array("[\(text)]".utf8)), case .number = elements.first else {
                Issue.record("neither a number nor refused")
                return
            }
        } catch {
            #expect(error.code == .unreadable)
        }
    }

    @Test(arguments: [
        "{", "{\"a\":}", "nul", "{'a':1}", "[1] x", "\"\\ud800\"", "[\"\\x\"]", "\"a\nb\"", "[01]", "--", "{\"a\" 1}", "]", "}}}}",
    ])
    func notJSON(_ text: String) {
        #expect(refusal(Array(text.utf8))?.code == .unreadable)
    }

    @Test func theMessageSaysWhere() {
        #expect(refusal(Array("{\n  \"a\": 1,\n  b\n}".utf8))?.message.contains("isn't valid JSON") == true)
    }

    @Test func notUTF8() {
        #expect(refusal([0x22, 0xFF, 0x22])?.code == .unreadable)
        #expect(refusal([0x22, 0xED, 0xA0, 0x80, 0x22])?.code == .unreadable)
        #expect(refusal(Array("[1]".utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })?.code == .unreadable)
        #expect(refusal(Array("\"a\u{0}b\"".utf8))?.code == .unreadable)
        #expect(refusal([])?.code == .unreadable)
        #expect(refusal(Array("  \n".utf8))?.code == .unreadable)
    }

    @Test func depthIsBounded() {
        for bracket in ["[", "{\"a\":"] {
            #expect(refusal(Array(String(repeating: bracket, count: 200_000).utf8))?.code == .tooLarge)
        }
        #expect(refusal(Array((String(repeating: "[", count: 32) + String(repeating: "]", count: 32)).utf8)) == nil)
        #expect(refusal(Array((String(repeating: "[", count: 33) + String(repeating: "]", count: 33)).utf8))?.code == .tooLarge)
        // Brackets in strings nest nothing.
        #expect(refusal(Array("[\"\(String(repeating: "[", count: 100))\\\"[[\"]".utf8)) == nil)
    }

    @Test func sizeAndCountAreBounded() {
        #expect(refusal(Array(repeating: 0x20, count: 1 << 20 | 1))?.code == .tooLarge)
        #expect(refusal(Array(("[" + String(repeating: "0,", count: 200_001) + "0]").utf8))?.code == .tooLarge)
    }

    @Test func ofADoubledKeyOneIsKept() throws {
        guard case .object(let members) = try read(#"{"a": 1, "a": 2}"#) else { return }
        #expect(members.count == 1)
    }
}
