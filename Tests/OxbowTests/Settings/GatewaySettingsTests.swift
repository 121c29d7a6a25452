import OpenPGP
import Testing
import XMPP
import YAMLConfiguration

@testable import Oxbow

@Suite("gateways in config.yaml and bot.yaml")
struct GatewaySettingsTests {
    private static let key = "ABCDEF0123456789ABCDEF0123456789ABCDEF01"

    private func account(_ text: String) -> (account: AccountSettings?, errors: [String]) {
        let text =
            "accounts:\n  - jid: bot@example.net\n    password: x\n" + text.split(separator: "\n").map { "    " + $0 + "\n" }.joined()
        do throws(ConfigurationErrors) {
            let file = try ConfigurationFile(text: text, path: "/c.yaml")
            return (try Settings.read(file, environment: [:]).accounts.first, [])
        } catch {
            return (nil, error.errors.map(\.description))
        }
    }

    @Test("a gateway with everything; people behind it are their addresses there")
    func everything() throws {
        let (read, errors) = account(
            """
            gateways:
              - jid: Email.Example.net
                register: {username: bot, password: {env: SECRET}}
                keys: {Carol@Example.org: [\(Self.key)], "dave+x@example.org": \(Self.key)}
                commands_from: gateway-vouched
                web_key_directory: false
            recipients: [mailto:carol@example.org via email.example.net, {address: dave+x@example.org, via: email.example.net}, alice@example.net]
            admins: ["mailto:carol@example.org via email.example.net"]
            trust: pinned
            max_stanza: 512k
            """
        )
        #expect(errors == [])
        let account = try #require(read)
        let gateway = try #require(account.gateways.first)
        #expect(gateway.jid == Address("email.example.net"))
        #expect(gateway.registration?.keys.sorted() == ["password", "username"])
        #expect(gateway.commandsFrom == .gatewayVouched && !gateway.webKeyDirectory)
        #expect(self.account("gateways: [{jid: e.net}]").account?.gateways.first?.webKeyDirectory == true)
        let carol = try #require(Address("carol\\40example.org@email.example.net"))
        let dave = try #require(Address("dave+x\\40example.org@email.example.net"))
        #expect(account.recipients == [carol, dave, try #require(Address("alice@example.net"))])
        #expect(account.admins == [carol])
        #expect(account.keys[carol] == [try #require(Fingerprint(Self.key))])
        #expect(account.keys[dave]?.count == 1)
        #expect(account.maxStanza == 512 * 1024)
    }

    @Test(
        "what is wrong is an error with its place",
        arguments: [
            ("gateways: [{jid: email@example.net}]", "is no gateway"),
            ("gateways: [{jid: e.net}, {jid: e.net}]", "stands here twice"),
            ("gateways: [{jid: e.net, regster: {}}]", "did you mean 'register'?"),
            ("gateways: [{jid: e.net, keys: {carol: x}}]", "fingerprint"),
            ("gateways: [{jid: e.net, keys: {carol: \(key)}}]", "is no mail address"),
            ("recipients: [mailto:carol@example.org]", "through which gateway"),
            ("recipients: [mailto:carol@example.org via e.net]", "no gateway of this account"),
            ("admins: [{address: carol@example.org, via: e.net}]", "no gateway of this account"),
            ("recipients: [{address: carol@example.org}]", "is missing"),
            ("gateways: [{jid: e.net}]\nrecipients: [mailto:@ via e.net]", "is no mail address"),
        ]
    )
    func wrong(text: String, message: String) {
        let errors = account(text).errors
        #expect(errors.contains { $0.contains(message) }, "\(errors)")
    }

    @Test("globs name the mailboxes behind a gateway, text and mapping, and nobody else's")
    func globs() throws {
        let bot = try Yard.bot(
            """
            allow: ["mailto:*@example.org via email.example.net", {address: ann.*@*.test, via: email.example.net}]
            handlers: [{element: body, swift: x}]
            """
        )
        func allows(_ text: String) -> Bool { Address(text).map(bot.allows) ?? false }
        #expect(allows("carol\\40example.org@email.example.net"))
        #expect(allows("CAROL\\40example.org@email.example.net"))
        #expect(allows("ann.b\\40mail.test@email.example.net"))
        #expect(!allows("carol\\40example.com@email.example.net"))
        #expect(!allows("carol\\40example.org@other.example.net"))
        #expect(!allows("carol@example.org"))
        #expect(!allows("example.org@email.example.net"))
        #expect(throws: ConfigurationErrors.self) {
            try Yard.bot("allow: [mailto:example.org via e.net]\nhandlers: [{element: body, swift: x}]")
        }
    }

    @Test("R22: a handler with effects takes nothing that anybody can have written")
    func unsignedEffects() {
        #expect(throws: ConfigurationErrors.self) {
            try Yard.bot("allow: ['*']\nhandlers: [{element: body, swift: x, effects: true, unsigned: accept}]")
        }
    }
}
