import Foundation
import Testing

@testable import OxbowHTTP

/// What packaging/monitoring ships, held against the catalogue and the documents. That Prometheus reads it is proved in Tests/Interop.
@Suite("Rules and dashboard")
struct MonitoringTests {
    private static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "../../..").standardizedFileURL

    private static func text(_ path: String) throws -> String { try String(contentsOf: root.appending(path: path), encoding: .utf8) }

    /// The expressions of the dashboard, wherever they stand.
    private static func expressions(_ value: Any) -> [String] {
        switch value {
        case let object as [String: Any]:
            let own = ["expr", "definition"].compactMap { object[$0] as? String }
            return own + object.values.flatMap(expressions)
        case let list as [Any]: return list.flatMap(expressions)
        default: return []
        }
    }

    /// The metric that a name in an expression is of.
    private static func metric(_ name: String) -> MetricDescription? {
        for ending in ["", "_bucket", "_sum", "_count"] where name.hasSuffix(ending) {
            if let found = MetricCatalogue.byName[String(name.dropLast(ending.count))], ending.isEmpty || found.kind == .histogram {
                return found
            }
        }
        return nil
    }

    /// What is wrong with the names, labels and words of expressions.
    private static func problems(in text: String) -> [String] {
        var problems: [String] = []
        for match in text.matches(of: /\b((?:oxbow|process)_[a-z_]+)(?:\{([^}]*)\})?/) {
            guard let metric = metric(String(match.1)) else {
                problems.append("\(match.1) is not in the catalogue")
                continue
            }
            for matcher in (match.2 ?? "").matches(of: /([a-z_]+)(=~|!=|!~|=)"([^"]*)"/)
            where !["job", "instance", "le"].contains(matcher.1) {
                guard let label = metric.labels.first(where: { $0.name == matcher.1 }) else {
                    problems.append("\(metric.name) has no label \(matcher.1)")
                    continue
                }
                guard case .words(let words) = label.values else { continue }
                let wanted = matcher.3.split(separator: "|").map(String.init)
                problems += wanted.filter { !words.contains($0) }.map { "\(metric.name): \(label.name) is never \($0)" }
            }
        }
        return problems
    }

    @Test("the dashboard asks only for what there is")
    func dashboard() throws {
        let json = try JSONSerialization.jsonObject(with: Data(try Self.text("packaging/monitoring/oxbow-dashboard.json").utf8))
        let expressions = Self.expressions(json)
        #expect(expressions.count > 30)
        for expression in expressions { #expect(Self.problems(in: expression) == [], "\(expression)") }
    }

    @Test("the rules ask only for what there is, and so do their tests")
    func rules() throws {
        for name in ["oxbow-rules.yaml", "oxbow-rules-test.yaml"] {
            let text = try Self.text("packaging/monitoring/" + name).split(separator: "\n").filter {
                !$0.contains("runbook") && !$0.contains("rule_files")
            }
            #expect(Self.problems(in: text.joined(separator: "\n")) == [], "\(name)")
        }
    }

    @Test("each rule has a test, and a section in docs/operating.md that says what to do")
    func runbooks() throws {
        let rules = try Self.text("packaging/monitoring/oxbow-rules.yaml")
        let tests = try Self.text("packaging/monitoring/oxbow-rules-test.yaml")
        let operating = try Self.text("docs/operating.md")
        let alerts = rules.matches(of: /- alert: (\w+)/).map { String($0.1) }
        let runbooks = rules.matches(of: /runbook: docs\/operating\.md#([a-z]+)/).map { String($0.1) }
        #expect(alerts.count > 20)
        #expect(runbooks == alerts.map { $0.lowercased() })
        for alert in alerts {
            #expect(tests.contains("  - name: \(alert)\n"), "oxbow-rules-test.yaml has no test of \(alert)")
            #expect(operating.contains("\n### \(alert)\n"), "docs/operating.md has no section '### \(alert)'")
        }
    }
}
