import Foundation
import Testing
import XMPP
import YAMLConfiguration

@testable import Oxbow

/// Keys that other targets add to `config.yaml`.
@Suite struct SettingsPartTests {
    private struct Bells: Sendable, Equatable {
        var count: Int
        var account: String?
    }

    private static let count = Key("bells", ValueType<Int>.integer(0...10), default: "1", "How many.")
    private static let ringer = Key(optional: "ringer", .name, "Whose.")
    private static let part = SettingsPart(
        [count, ringer],
        read: { (section, settings) throws(ConfigurationErrors) in
            if let name = section[ringer], let address = Address(name), !settings.knows(address) {
                throw ConfigurationErrors(section.error(ringer, "\(name) is no account here"))
            }
            return Bells(count: section[count], account: section[ringer])
        },
        problems: { bells, settings, environment in
            guard bells.count > Int(environment["BELLS"] ?? "10") ?? 0 else { return SettingsProblems() }
            return SettingsProblems(errors: [ConfigurationError(file: settings.path, "too many bells")])
        }
    )

    private func settings(_ more: String, tolerant: Bool = false, environment: [String: String] = [:]) throws -> Settings {
        let text = "state: /tmp/x\naccounts:\n  - {jid: a@localhost, password: x}\n" + more
        return try Settings.read(
            ConfigurationFile(text: text, path: "/etc/o.yaml"),
            environment: environment,
            tolerant: tolerant,
            parts: [Self.part]
        )
    }

    @Test("A part's value is had by its type, with environment and defaults as everywhere")
    func value() throws {
        #expect(try settings("").part(Bells.self) == Bells(count: 1))
        let given = try settings("bells: ${N}\nringer: a@localhost\n", environment: ["N": "3"])
        #expect(given.part(Bells.self) == Bells(count: 3, account: "a@localhost"))
        #expect(given.part(String.self) == nil)
    }

    @Test(
        "What is wrong with a part's keys is said with file, line and key; without the part the keys are unknown",
        arguments: [
            ("bells: many\n", "/etc/o.yaml:4:8: bells: "),
            ("ringer: b@localhost\n", "/etc/o.yaml:4:9: ringer: b@localhost is no account here"),
            ("bels: 1\n", "/etc/o.yaml:4:1: bels: unknown key"),
        ]
    )
    func errors(_ more: String, _ message: String) throws {
        for tolerant in [false, true] {
            let error = #expect(throws: ConfigurationErrors.self) { try settings(more, tolerant: tolerant) }
            #expect(error.map { "\($0)".contains(message) } == true, "\(error.map { "\($0)" } ?? "")")
        }
        let plain = #expect(throws: ConfigurationErrors.self) {
            try Settings.read(
                ConfigurationFile(text: "accounts: [{jid: a@localhost, password: x}]\nbells: 1\n", path: "/etc/o.yaml"),
                environment: [:]
            )
        }
        #expect(plain.map { "\($0)".contains("unknown key") } == true)
    }

    @Test("A part is asked what is wrong on this machine")
    func problems() throws {
        let settings = try settings("bells: 5\n")
        #expect(settings.problems(environment: ["BELLS": "4"]).errors.contains { "\($0)".contains("too many bells") })
        #expect(!settings.problems(environment: ["BELLS": "5"]).errors.contains { "\($0)".contains("too many bells") })
    }
}
