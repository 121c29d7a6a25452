import BenchSupport
import CBareSAX
import XML

/// `XML.StreamParser`, element tree included, against a C loop whose SAX callbacks only count: the same bytes, in the same pieces, in turn.
/// Arguments choose inputs by name.
@main
struct ParseBench {
    static let piece = 16 * 1024
    static let rounds = 15

    static func main() throws {
        print("ParseBench: StreamParser against bare libxml2 SAX, pieces of \(piece) bytes, median of \(rounds) rounds, CPU time")
        print("libxml2 \(String(cString: bare_sax_version())); \(machine())")
        print("input      stanzas  bytes/stanza   bare SAX stanzas/s (MB/s)   Oxbow stanzas/s (MB/s)   ratio")
        let count = 20_000
        let inputs = [
            Input.mixed(count),
            Input("openpgp", stanzas: count, Input.openPGP), Input("chat", stanzas: count, Input.chat),
            Input("presence", stanzas: count, Input.presence), Input("roster", stanzas: count / 5, Input.roster),
        ]
        let chosen = CommandLine.arguments.dropFirst()
        for input in inputs where chosen.isEmpty || chosen.contains(input.name) { try run(input) }
    }

    private static func run(_ input: Input) throws {
        let duel = try Duel(
            rounds: rounds,
            ours: { try parse(input) },
            theirs: { try scan(input) }
        )
        let (ours, theirs) = duel.medians
        func rate(_ seconds: Double) -> String {
            "\(fixed(Double(input.stanzas) / seconds, 0)) (\(fixed(Double(input.bytes.count) / seconds / 1e6, 0)))"
        }
        print(
            pad(input.name, 10),
            pad("\(input.stanzas)", 8),
            pad("\(input.bytes.count / input.stanzas)", 14),
            pad(rate(theirs), 27),
            pad(rate(ours), 24),
            fixed(theirs / ours, 2)
        )
    }

    private static func parse(_ input: Input) throws {
        let parser = StreamParser()
        var stanzas = 0
        var events: [StreamParser.Event] = []
        try input.bytes.withUnsafeBytes { bytes in
            for offset in stride(from: 0, to: bytes.count, by: piece) {
                try parser.feed(UnsafeRawBufferPointer(rebasing: bytes[offset..<min(offset + piece, bytes.count)]), into: &events)
                stanzas += events.count
                events.removeAll(keepingCapacity: true)
            }
        }
        guard stanzas == input.stanzas + 2 else { throw Failure(what: "Oxbow saw \(stanzas) events") }
    }

    private static func scan(_ input: Input) throws {
        var counts = bare_sax_counts()
        let code = input.bytes.withUnsafeBytes {
            bare_sax_parse($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, piece, &counts)
        }
        guard code == 0, counts.starts == counts.ends, counts.starts > input.stanzas else { throw Failure(what: "libxml2 says \(code)") }
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    struct Failure: Error {
        let what: String
    }
}
