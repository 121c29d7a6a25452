import Foundation
import Testing

@testable import Alerting

/// Each source against bodies that were cut, bent and filled with what breaks others: it makes something harmless of them, or refuses them with a 4xx.
@Suite struct HostileBodyTests {
    private static let intruders: [JSONValue] = [
        .null, .bool(true), .number("-1"), .number("99999999999999999999999"), .number("1e300"), .string(""), .array([]), .object([:]),
        .string("\u{0}\u{202E}\u{1B}[2J\r\n\u{2028}{{#alerts}}<b>&\u{FFFE}\u{E000}|" + String(repeating: "x", count: 5000)),
        .array([.array([.object(["a": .null])])]), .object(["\u{202E}{{.}}": .string("\u{7}")]),
    ]

    private func check(_ source: any AlertSource, _ sample: SourceSample, body: [UInt8], template: AlertTemplate) {
        let request = SourceRequest(
            body: body,
            contentType: sample.contentType,
            headers: sample.headers,
            query: sample.query,
            received: sampleTime
        )
        do throws(SourceError) {
            let made: Intake
            switch try source.read(request) {
            case .intake(let read): made = read
            case .nothing(let reason):
                #expect(reason.isHarmless && !reason.contains("\n") && reason.utf8.count < 2000)
                return
            }
            let text = template.render(made, route: "ops", at: sampleTime)
            #expect(text.isHarmless && !text.isEmpty && text.unicodeScalars.count <= 6000, "\(source.name) \(sample.name)")
            #expect(!made.groupKey.isEmpty && made.groupKey.utf8.count <= 200 && made.groupKey.isHarmless && made.title.isHarmless)
            #expect(!made.title.contains("\n"))
        } catch {
            #expect((400..<500).contains(error.code.status))
            #expect(error.description.isHarmless && error.description.utf8.count < 500)
        }
    }

    @Test(arguments: SourceRegistry().names)
    func eachValueReplaced(_ name: String) throws {
        let source = try source(name)
        let template = try AlertTemplate(standardFor: source)
        for sample in source.samples where sample.contentType == "application/json" {
            let value = try JSONValue.read(Array(sample.body.utf8))
            var paths: [[Step]] = []
            Self.paths(of: value, at: [], into: &paths)
            for path in paths {
                for intruder in Self.intruders {
                    check(source, sample, body: Array(Self.replacing(value, path[...], by: intruder).text.utf8), template: template)
                }
            }
        }
    }

    @Test(arguments: SourceRegistry().names)
    func cutAndFlipped(_ name: String) throws {
        let source = try source(name)
        let template = try AlertTemplate(standardFor: source)
        for sample in source.samples {
            let bytes = Array(sample.body.utf8)
            for index in stride(from: 0, to: bytes.count, by: 13) {
                check(source, sample, body: Array(bytes[..<index]), template: template)
                var bent = bytes
                bent[index] ^= 1 << UInt8(index % 8)
                check(source, sample, body: bent, template: template)
            }
        }
    }

    @Test(arguments: SourceRegistry().names)
    func headersOfStrangers(_ name: String) throws {
        let source = try source(name)
        let template = try AlertTemplate(standardFor: source)
        let sample = try #require(source.samples.first)
        for value in [
            "", "\u{0}\u{202E}\u{1B}[2J", String(repeating: "=?UTF-8?B?", count: 800), String(repeating: "é", count: 100_000),
            "../../etc/passwd",
        ] {
            var bent = sample
            for header in source.headers { bent.headers[header] = value }
            for item in ["group", "title", "t", "message", "status", "click", "tags"] { bent.query[item] = value }
            check(source, bent, body: Array(sample.body.utf8), template: template)
        }
    }

    // MARK: Bending

    private enum Step {
        case key(String)
        case index(Int)
    }

    private static func paths(of value: JSONValue, at path: [Step], into paths: inout [[Step]]) {
        paths.append(path)
        switch value {
        case .object(let members): for (key, member) in members { Self.paths(of: member, at: path + [.key(key)], into: &paths) }
        case .array(let elements):
            for (index, element) in elements.enumerated() { Self.paths(of: element, at: path + [.index(index)], into: &paths) }
        default: break
        }
    }

    private static func replacing(_ value: JSONValue, _ path: ArraySlice<Step>, by other: JSONValue) -> JSONValue {
        switch (path.first, value) {
        case (.key(let key), .object(var members)):
            members[key] = members[key].map { replacing($0, path.dropFirst(), by: other) }
            return .object(members)
        case (.index(let index), .array(var elements)):
            elements[index] = replacing(elements[index], path.dropFirst(), by: other)
            return .array(elements)
        default:
            return other
        }
    }
}

extension JSONValue {
    /// The value as JSON text.
    fileprivate var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): Self.quoted(text)
        case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
        case .object(let members): "{" + members.map { Self.quoted($0.key) + ":" + $0.value.text }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": output += "\\\(scalar)"
            case let control where control.value < 0x20:
                output += "\\u00" + (control.value < 16 ? "0" : "") + String(control.value, radix: 16)
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
