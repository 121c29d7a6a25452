import Alerting
import Foundation
import NIOHTTP1
import Testing

@testable import OxbowHTTP

@Suite("Metric catalogue")
struct MetricCatalogueTests {
    private static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "../../..").standardizedFileURL

    /// Every name that stands in quotes somewhere in the sources.
    private static func counted() throws -> Set<String> {
        var names: Set<String> = []
        for folder in ["Sources", "bots"] {
            let start = root.appending(path: folder)
            let files = try #require(FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil))
            for case let file as URL in files where file.pathExtension == "swift" && file.lastPathComponent != "MetricCatalogue.swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                for match in text.matches(of: /"((?:oxbow|process)_[a-z_]*[a-z])"/) { names.insert(String(match.1)) }
            }
        }
        return names
    }

    @Test("what the sources count is in the catalogue, and nothing else is")
    func bothWays() throws {
        let counted = try Self.counted()
        let listed = Set(MetricCatalogue.byName.keys)
        #expect(counted.subtracting(listed).sorted() == [], "give them a line in MetricCatalogue.swift")
        #expect(listed.subtracting(counted).sorted() == [], "nothing in Sources/ counts them")
        #expect(counted.count > 30)
    }

    @Test("names, help and labels are as Prometheus' conventions want them")
    func conventions() {
        let all = MetricCatalogue.groups.flatMap(\.metrics)
        #expect(Set(all.map(\.name)).count == all.count)
        for metric in all {
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
            #expect(metric.help.hasSuffix(".") && !metric.help.contains("\n"), "\(metric.name)")
            #expect(Set(metric.labels.map(\.name)).count == metric.labels.count, "\(metric.name)")
            #expect(metric.kind != .histogram || metric.name.hasSuffix("_seconds"), "\(metric.name)")
        }
    }

    /// The words that a label of a metric may have.
    private static func words(_ metric: String, _ label: String) throws -> Set<String> {
        let found = try #require(MetricCatalogue.byName[metric]?.labels.first { $0.name == label })
        guard case .words(let words) = found.values else { return [] }
        return Set(words)
    }

    @Test("the words of labels are those that are counted")
    func words() throws {
        func head(_ version: HTTPVersion, _ headers: HTTPHeaders) -> HTTPRequestHead {
            HTTPRequestHead(version: version, method: .POST, uri: "/", headers: headers)
        }
        let ambiguous = [
            head(.http1_1, ["Host": "a", "Content-Length": "1", "Transfer-Encoding": "chunked"]),
            head(.http1_1, ["Host": "a", "Transfer-Encoding": "gzip"]), head(.http2, ["Host": "a"]), head(.http1_1, [:]),
            head(.http1_1, ["Host": "a", "Expect": "wonders"]),
        ]
        let guarded = Set(ambiguous.compactMap { ConnectionGuard.complaint(about: $0)?.1 })
        #expect(guarded.count == ambiguous.count)
        let reasons = try Self.words("oxbow_http_refused_total", "reason")
        #expect(guarded.subtracting(reasons).sorted() == [])
        #expect(Set(AuthenticationFailure.allCases.map(\.rawValue)).subtracting(reasons).sorted() == [])
        let unsent = try Self.words("oxbow_alert_messages_unsent_total", "reason")
        #expect(unsent == Set(AlertCount.allCases.map(\.rawValue)))
        #expect(try Self.words("oxbow_silences_total", "action") == ["make", "end"])
    }

    /// docs/metrics.md says what the code does. With OXBOW_WRITE_DOCS=1 the test writes that part anew.
    @Test("docs/metrics.md is up to date")
    func document() throws {
        let file = Self.root.appending(path: "docs/metrics.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.firstRange(of: MetricReference.begin + "\n"))
        let end = try #require(text.firstRange(of: MetricReference.end))
        let made = MetricReference.markdown
        guard text[begin.upperBound..<end.lowerBound] != made else { return }
        if ProcessInfo.processInfo.environment["OXBOW_WRITE_DOCS"] == "1" {
            try (text[..<begin.upperBound] + made + text[end.lowerBound...]).write(to: file, atomically: true, encoding: .utf8)
        } else {
            Issue.record("docs/metrics.md differs; write it anew with OXBOW_WRITE_DOCS=1")
        }
    }
}
