import Foundation
import Testing

extension Alerting.Waiting {
    /// The dashboard's queries, by Prometheus' own tool.
    @Suite struct DashboardTests {
        @Test("promtool can read every query of the shipped dashboard")
        func queries() async throws {
            let file = Place.root + "/packaging/monitoring/oxbow-dashboard.json"
            let data = try #require(FileManager.default.contents(atPath: file))
            let expressions = Self.expressions(try JSONSerialization.jsonObject(with: data))
            #expect(expressions.count > 30)
            var rules = "groups:\n- name: dashboard\n  rules:\n"
            for (index, expression) in expressions.enumerated() {
                // What Grafana puts in.
                let query = expression.replacing("$__rate_interval", with: "5m").replacing("$job", with: ".*").replacing(
                    "$account",
                    with: ".*"
                )
                rules += "  - record: r\(index)\n    expr: '\(query.replacing("'", with: "''"))'\n"
            }
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oxbow-dashboard-\(UUID().uuidString.prefix(8))")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try rules.write(to: folder.appendingPathComponent("rules.yaml"), atomically: true, encoding: .utf8)
            let end = try await Leash.run(["promtool", "check", "rules", "rules.yaml"], folder: folder.path)
            #expect(end.code == 0, "\(end.out)\(end.err)")
        }

        private static func expressions(_ value: Any) -> [String] {
            switch value {
            case let object as [String: Any]: (object["expr"] as? String).map { [$0] } ?? object.values.flatMap(expressions)
            case let list as [Any]: list.flatMap(expressions)
            default: []
            }
        }
    }
}
