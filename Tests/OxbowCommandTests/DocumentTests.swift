import ArgumentParser
import Foundation
import Oxbow
import Testing
import YAMLConfiguration

@testable import OxbowCommand

/// Documents of the repository, held against the code.
@Suite("Documents")
struct DocumentTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func document(_ name: String) throws -> String {
        try String(contentsOf: Self.root.appendingPathComponent(name), encoding: .utf8)
    }

    @Test("docs/configuration.md is what `oxbow check --reference` prints")
    func reference() throws {
        #expect(
            try document("docs/configuration.md") == ConfigurationReference.markdown,
            "write it anew: oxbow check --reference > docs/configuration.md"
        )
    }

    @Test("the man page has every verb and every option, and no others")
    func manual() throws {
        let page = try document("docs/oxbow.1").replacing("\\-", with: "-")
        var commands: [(name: String, command: any ParsableCommand.Type)] = [("", OxbowTool.self)]
        for command in OxbowTool.configuration.subcommands {
            commands.append((command._commandName, command))
            for inner in command.configuration.subcommands { commands.append((command._commandName + " " + inner._commandName, inner)) }
        }
        var options: Set<String> = []
        for (name, command) in commands {
            #expect(name.isEmpty || page.contains(name), "'\(name)' is missing")
            for match in OxbowTool.helpMessage(for: command).matches(of: /--[a-z][a-z-]+/) { options.insert(String(match.output)) }
        }
        let described = Set(page.matches(of: /--[a-z][a-z-]+/).map { String($0.output) })
        // The parser's own, which its help leaves out; and an option of gpg in an example.
        let notOurs: Set = ["--generate-completion-script", "--export"]
        #expect(described.subtracting(notOurs) == options.subtracting(notOurs))
        #expect(page.contains("oxbow \(Version.number)"))
    }

    @Test("the sample configuration is in order, two accounts and more, and needs nothing but what scripts/demo sets")
    func sample() throws {
        let environment = [
            "ECHO_PASSWORD": "x", "REMIND_PASSWORD": "y", "OXBOW_STATE": "/nonexistent/s", "XMPP_HOST": "127.0.0.1", "XMPP_PORT": "15222",
            "XMPP_CA": "/nonexistent/ca.pem",
        ]
        let settings = try Settings.load(path: Self.root.appendingPathComponent("config.yaml").path, environment: environment)
        #expect(settings.accounts.count >= 2)
        #expect(settings.accounts.allSatisfy { $0.connect.port == 15_222 && $0.connect.ca == "/nonexistent/ca.pem" })
        for account in settings.accounts {
            for bot in account.bots {
                let folder = try #require(settings.folder(ofBot: bot), "no bot \(bot)")
                #expect(throws: Never.self) { try BotFile.load(bot, in: folder, environment: environment) }
            }
        }
    }
}
