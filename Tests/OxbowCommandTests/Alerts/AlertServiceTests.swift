import Alerting
import Oxbow
import Testing
import YAMLConfiguration

@testable import OxbowCommand

/// How the desk takes a configuration.
@Suite("AlertService")
struct AlertServiceTests {
    private static let alerts = """
        accounts: [{jid: a@b, password: hunter2}]
        people: {alice: alice@b}
        alerts:
          account: a@b
          routes:
            ops: {source: alertmanager, to: [alice], template: ops.mustache}

        """

    private func settings(_ bench: Bench) throws -> Settings {
        try Settings.load(path: bench.folder + "/config.yaml", environment: [:], parts: Tool.parts)
    }

    @Test("takes a configuration without alerts, and has nothing to do")
    func without() async throws {
        let service = AlertService()
        try await service.configure(try settings(try Bench(Bench.one)), environment: [:])
        #expect(await service.desk.hook("ops") == nil)
    }

    @Test("takes one with alerts and their templates")
    func with() async throws {
        let bench = try Bench(Self.alerts)
        try bench.write("{{route}}\n", to: "ops.mustache")
        let service = AlertService()
        try await service.configure(try settings(bench), environment: [:])
        #expect(await service.desk.hook("ops")?.source == "alertmanager")
    }

    @Test("refuses one whose template isn't there, says where it stands, and goes on by the one before")
    func refused() async throws {
        let bench = try Bench(Self.alerts)
        try bench.write("{{route}}\n", to: "ops.mustache")
        let service = AlertService()
        try await service.configure(try settings(bench), environment: [:])
        try bench.write(Self.alerts.replacing("ops", with: "other"), to: "config.yaml")
        let changed = try settings(bench)
        let errors = await #expect(throws: ConfigurationErrors.self) { try await service.configure(changed, environment: [:]) }
        #expect(errors?.errors.map(\.path) == ["alerts.routes.other.template"])
        let lines = Failure(try #require(errors) as any Error).lines
        #expect(lines.count == 1 && lines[0].contains("config.yaml:6:5: alerts.routes.other.template: can't open"), "\(lines)")
        #expect(await service.desk.hook("ops") != nil)
        #expect(await service.desk.hook("other") == nil)
    }
}
