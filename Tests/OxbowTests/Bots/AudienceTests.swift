import EchoBot
import Foundation
import Testing
import XMPP
import YAMLConfiguration

@testable import Oxbow

@Suite("Whom a module's bot hears by what the configuration says elsewhere")
struct AudienceTests {
    private let text = """
        allow: ["carl@example.org"]
        deny: ["*@example.net"]
        handlers: [{element: body, swift: alerts}]
        """

    private func modules(_ guests: String...) throws -> SwiftModules {
        let globs = try guests.map { try #require(AddressGlob($0)) }
        var modules = SwiftModules()
        modules.register("alerts") { settings, account in
            settings.account(account) == nil ? [] : globs
        } factory: { _ in
            EchoBot()
        }
        return modules
    }

    private func plan(_ modules: SwiftModules, in folder: String) throws -> AccountPlan {
        // Once: a file that is written again has changed.
        if !FileManager.default.fileExists(atPath: folder + "/bots/alerts") {
            try FileManager.default.createDirectory(atPath: folder + "/bots/alerts", withIntermediateDirectories: true)
            try text.write(toFile: folder + "/bots/alerts/bot.yaml", atomically: false, encoding: .utf8)
        }
        let file = "accounts: [{jid: bot@example.org, password: x, bots: [alerts]}]\n"
        try file.write(toFile: folder + "/config.yaml", atomically: true, encoding: .utf8)
        let settings = try Settings.load(path: folder + "/config.yaml", environment: [:])
        return AccountPlan(try #require(settings.accounts.first), of: settings, modules: modules, environment: [:])
    }

    @Test("Besides those of its allow it hears whom its module names; deny holds all the same (R3)")
    func heard() async throws {
        try await withSettingsFolder { folder in
            let bot = try #require(try plan(modules("ada@example.org", "*@example.net"), in: folder).bots.first)
            func allows(_ address: String) throws -> Bool { bot.allows(try #require(Address(address))) }
            #expect(try allows("ada@example.org/phone"))
            #expect(try allows("carl@example.org"))
            #expect(try !allows("eve@example.net"))
            #expect(try !allows("eve@example.org"))
        }
    }

    @Test("A changed audience is a change of the account, so that a reload takes it on")
    func reload() async throws {
        try await withSettingsFolder { folder in
            let before = try plan(modules("ada@example.org"), in: folder).image
            #expect(try plan(modules("ada@example.org"), in: folder).image == before)
            #expect(try plan(modules("ada@example.org", "bob@example.org"), in: folder).image != before)
        }
    }
}
