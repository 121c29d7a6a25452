import Testing

@testable import XMPPNIO

@Suite struct DNSMessageTests {
    private static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    private static func number(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

    private static let question = name("_xmpp-client._tcp.example.org") + number(33) + number(1)

    /// An answer to a question for SRV records whose records are given from their names on.
    private static func answer(_ records: [[UInt8]], flags: Int = 0x8180, question: [UInt8] = Self.question) -> [UInt8] {
        number(7) + number(flags) + number(1) + number(records.count) + number(0) + number(0) + question + records.flatMap { $0 }
    }

    private static func service(_ priority: Int, _ weight: Int, _ port: Int, _ target: [UInt8], owner: [UInt8] = [0xC0, 12]) -> [UInt8] {
        let data = number(priority) + number(weight) + number(port) + target
        return owner + number(33) + number(1) + number(0) + number(300) + number(data.count) + data
    }

    @Test func readsRecords() throws {
        let message = try DNSMessage(
            Self.answer([
                Self.service(10, 20, 5222, Self.name("xmpp.example.org")),
                // A compressed target: "two" and then "example.org" out of the question.
                Self.service(5, 0, 5223, [3] + Array("two".utf8) + [0xC0, 12 + 18]),
                Self.service(0, 0, 0, [0]),
            ])
        )
        #expect(message.responseCode == 0)
        #expect(
            message.services == [
                ServiceRecord(priority: 10, weight: 20, port: 5222, target: "xmpp.example.org"),
                ServiceRecord(priority: 5, weight: 0, port: 5223, target: "two.example.org"),
                ServiceRecord(priority: 0, weight: 0, port: 0, target: ""),
            ]
        )
    }

    @Test func passesOverOtherRecords() throws {
        let alias = [0xC0, 12] + Self.number(5) + Self.number(1) + Self.number(0) + Self.number(9) + Self.number(3) + [1, 0x21, 0]
        let message = try DNSMessage(Self.answer([alias, Self.service(1, 1, 1, Self.name("a"))]))
        #expect(message.services.map(\.target) == ["a"])
        #expect(try DNSMessage(Self.answer([], flags: 0x8183)).responseCode == 3)
    }

    @Test(arguments: [
        answer([service(1, 1, 1, [0xC0, 12 + 18 + 13 + 4 + 12 + 6])]),  // a pointer to itself
        answer([service(1, 1, 1, [0xC0, 0xFF])]),  // forward
        answer([service(1, 1, 1, [0xC3, 0xFF])]),  // out of the message
        answer([service(1, 1, 1, [0x40, 0])]),  // an unknown kind of label
        answer([service(1, 1, 1, [3, 0x61, 0x0A, 0x62, 0])]),  // a line feed in a host name
        answer([service(1, 1, 1, [1, 0x2E, 0])]),  // a dot in a label
        answer([service(1, 1, 1, [63] + Array(repeating: 0x61, count: 10))]),  // cut off
        answer([service(1, 1, 1, Array(repeating: [UInt8(50)] + Array(repeating: 0x61, count: 50), count: 6).flatMap { $0 } + [0])]),
        answer([service(1, 1, 1, name("a")).dropLast(4)]),
        answer([], flags: 0x0100),  // a question
        [], [0, 1, 0x80],
    ])
    func refusesWhatIsMalformed(bytes: [UInt8]) {
        #expect(throws: DNSMessage.Malformed.self) { try DNSMessage(bytes) }
    }

    /// Two pointers that lead to each other, each backwards only from where it stands first.
    @Test func endsLoopsOfPointers() {
        // The target "\1a" + pointer to itself's start: jumping there again isn't further back.
        let offset = 12 + Self.question.count + 2 + 10 + 6
        let bytes = Self.answer([Self.service(1, 1, 1, [1, 0x61, 0xC0, UInt8(offset)])])
        #expect(throws: DNSMessage.Malformed.self) { try DNSMessage(bytes) }
    }

    @Test func survivesAnything() {
        var generator = SeededGenerator(seed: 1)
        let good = Self.answer([Self.service(10, 20, 5222, Self.name("xmpp.example.org")), Self.service(1, 2, 3, [0xC0, 30])])
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
            }
            bytes.removeLast(Int.random(in: 0..<bytes.count / 2, using: &generator))
            guard let message = try? DNSMessage(bytes) else { continue }
            #expect(message.services.allSatisfy { $0.target.utf8.count <= 255 })
        }
    }
}
