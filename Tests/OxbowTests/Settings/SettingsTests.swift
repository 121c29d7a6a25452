import Foundation
import Logging
import OX
import OpenPGP
import Testing
import XMPP
import YAMLConfiguration

@testable import Oxbow

@Suite("config.yaml")
struct SettingsTests {
    static let key = "ABCDEF0123456789ABCDEF0123456789ABCDEF01"

    private func read(_ text: String, tolerant: Bool = false, environment: [String: String] = [:]) -> (
        settings: Settings?, errors: [String]
    ) {
        do throws(ConfigurationErrors) {
            let file = try ConfigurationFile(text: text, path: "/etc/oxbow/config.yaml")
            return (try Settings.read(file, environment: environment, tolerant: tolerant), [])
        } catch {
            return (nil, error.errors.map { $0.description.replacing("/etc/oxbow/config.yaml:", with: "") })
        }
    }

    @Test("the shape that people write, with every key")
    func everything() throws {
        let text = """
            state: state
            accounts:
              - jid: Echo@Localhost
                password: ${ECHO_PASSWORD}
                resource: bot
                connect: {host: 127.0.0.1, port: 5222, tls: starttls, ca: dev/ca.pem}
                allow-plain: yes
                keyring: {home: keyrings/echo, passphrase: {env: ECHO_PASSPHRASE}}
                trust: pinned
                keys:
                  alice@example.org: \(Self.key)
                  bob@example.org: ["\(Self.key.lowercased())", "0x\(Self.key.replacing("A", with: "B"))"]
                admins: [alice@example.org]
                recipients: [bob@example.org]
                subscribe: false
                max_age: 2d
                bots: [echo, help]
              - jid: other@example.org
                password: {file: ~/secret}
            bots: [bots, /usr/share/oxbow/bots]
            log: {level: debug, format: json}
            """
        let environment = ["ECHO_PASSWORD": "x", "HOME": "/home/u"]
        let (settings, errors) = read(text, environment: environment)
        #expect(errors == [])
        let read = try #require(settings)
        #expect(read.state == "/etc/oxbow/state")
        #expect(read.controlSocket == "/etc/oxbow/state/control")
        #expect(read.botFolders == ["/etc/oxbow/bots", "/usr/share/oxbow/bots"])
        #expect(read.logLevel == .debug)
        #expect(read.logFormat == .json)
        let echo = try #require(read.accounts.first)
        #expect(echo.jid == Address("echo@localhost"))
        #expect(echo.resource == "bot")
        #expect(echo.connect.host == "127.0.0.1" && echo.connect.port == 5_222 && echo.connect.tls == .starttls)
        #expect(echo.connect.ca == "/etc/oxbow/dev/ca.pem")
        #expect(echo.allowPlain && !echo.subscribe)
        #expect(echo.keyring.home == "/etc/oxbow/keyrings/echo")
        #expect(echo.maxAge == .seconds(172_800))
        #expect(echo.bots == ["echo", "help"])
        let alice = try #require(Address("alice@example.org"))
        let fingerprint = try #require(Fingerprint(Self.key))
        #expect(echo.keys[alice] == [fingerprint])
        #expect(echo.keys.values.map(\.count).sorted() == [1, 2])
        #expect(echo.policy == .pinned(echo.keys))
        let other = read.accounts[1]
        #expect(other.keyring.home == "/etc/oxbow/state/keyrings/other@example.org")
        #expect(other.trust == .tofu && other.policy == .tofu && other.subscribe && !other.allowPlain)
        #expect(other.connect.host == nil && other.connect.port == nil && other.connect.tls == nil)
        #expect(other.maxAge == .seconds(7 * 86_400))
        #expect(read.account(try #require(Address("echo@localhost/phone")))?.jid == echo.jid)
    }

    @Test("direct TLS has its own port")
    func ports() throws {
        func port(_ connect: String) throws -> Int? {
            let (settings, _) = read("accounts:\n  - {jid: a@b, password: x, connect: \(connect)}\n")
            return try #require(settings?.accounts.first).connect.port
        }
        #expect(try port("{host: h}") == 5_222)
        #expect(try port("{host: h, tls: direct}") == 5_223)
        #expect(try port("{host: h, tls: direct, port: 443}") == 443)
    }

    @Test(
        "what is wrong has its place, its key and a way out",
        arguments: [
            ("jid: nobody", "2:10: accounts[0].jid: 'nobody' has no name before an '@'; write it like name@nobody"),
            ("jid: a@b/c", "2:10: accounts[0].jid: 'a@b/c' has a resource; write a@b"),
            ("jid: 'a b@c'", "2:10: accounts[0].jid: 'a b@c' is no JID; write it like name@example.org"),
            ("trust: toffu", "4:12: accounts[0].trust: expected tofu, pinned or blind; did you mean 'tofu'?"),
            ("keyrng: {home: x}", "4:5: accounts[0].keyrng: unknown key; did you mean 'keyring'?"),
            ("keyring: {hom: x}", "4:15: accounts[0].keyring.hom: unknown key; did you mean 'home'?"),
            ("max_age: 1s", "4:14: accounts[0].max_age: must be from 1m to 90d"),
            ("connect: {port: 5222}", "4:21: accounts[0].connect.port: needs a host beside it; add host: NAME"),
            ("connect: {host: h, tls: starttsl}", "4:29: accounts[0].connect.tls: expected starttls or direct; did you mean 'starttls'?"),
            (
                "connect: {host: h, ca: x, insecure_skip_verify: true}",
                "4:28: accounts[0].connect.ca: means nothing beside insecure_skip_verify: true; remove insecure_skip_verify"
            ),
            (
                "keys: {alice@b: ABCD}",
                "4:21: accounts[0].keys.alice@b: 'ABCD' is no fingerprint: 40 hexadecimal digits are needed, there are 4; "
                    + "gpg --fingerprint shows it; a key ID is not enough"
            ),
            (
                "keys: {alice: \(SettingsTests.key)}",
                "4:12: accounts[0].keys.alice: 'alice' has no name before an '@'; write it like name@alice"
            ),
            ("bots: [../x]", "4:12: accounts[0].bots[0]: '../x' can't name a bot; it is the name of a folder under bots"),
            ("bots: [a, b, a]", "4:18: accounts[0].bots[2]: 'a' stands here twice"),
            ("resource: ''", "4:15: accounts[0].resource: must not be empty"),
        ]
    )
    func wrong(line: String, expected: String) {
        let text: String
        if line.hasPrefix("jid:") {
            text = "accounts:\n  - \(line)\n    password: x\n"
        } else {
            text = "accounts:\n  - jid: a@b\n    password: x\n    \(line)\n"
        }
        #expect(read(text).errors == [expected])
    }

    @Test("a missing password variable names file, line and key, and no description shows the password")
    func passwords() throws {
        let text = "accounts:\n  - jid: a@b\n    password: ${NOPE}\n"
        let missing = "3:15: accounts[0].password: the environment has no variable NOPE; set it, or write ${NOPE:-default}"
        #expect(read(text).errors == [missing])
        let (settings, _) = read("accounts:\n  - jid: a@b\n    password: hunter2\n")
        let account = try #require(settings?.accounts.first)
        #expect(!String(reflecting: account).contains("hunter2"))
        var dumped = ""
        dump(account, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test("accounts share neither JID nor keyring")
    func shared() {
        let text = """
            accounts:
              - {jid: a@b, password: x, keyring: {home: k}}
              - {jid: A@B, password: x}
              - {jid: c@b, password: x, keyring: {home: ./k/}}
            """
        #expect(
            read(text).errors == [
                "3:11: accounts[1].jid: a@b has an account above",
                "4:11: accounts[2].jid: has the same keyring home as a@b; each account needs its own",
            ]
        )
    }

    @Test("trust and keys must make sense together")
    func trust() {
        let text = "accounts:\n  - jid: a@b\n    password: x\n    trust: blind\n    keys: {c@d: \(Self.key)}\n"
        #expect(read(text).errors == ["5:11: accounts[0].keys: mean nothing under trust: blind; write trust: pinned or tofu"])
        let twice = "accounts:\n  - jid: a@b\n    password: x\n    keys: {c@d: \(Self.key), C@D: \(Self.key)}\n"
        #expect(read(twice).errors == ["4:59: accounts[0].keys.C@D: c@d stands here twice"])
    }

    @Test("under run an account that is wrong is put aside, and the others run")
    func tolerant() throws {
        let text = """
            accounts:
              - {jid: a@b, password: x}
              - {jid: c@d, pasword: x}
              - {password: x}
              - {jid: a@b, password: x}
            """
        let (settings, errors) = read(text, tolerant: true)
        #expect(errors == [])
        let read = try #require(settings)
        #expect(read.accounts.map(\.jid) == [Address("a@b")])
        #expect(read.rejected.map(\.jid) == [Address("c@d"), nil, Address("a@b")])
        #expect(read.rejected.map(\.errors.errors.count) == [2, 1, 1])
        #expect(self.read(text).errors.count == 4)
    }

    @Test("a file that is wrong at the top can't run at all")
    func top() {
        #expect(read("acounts: []\n", tolerant: true).errors.first == "1:1: acounts: unknown key; did you mean 'accounts'?")
        #expect(read("accounts: []\n", tolerant: true).errors == ["1:11: accounts: must have at least 1 elements, has 0"])
        let log = read("accounts: [{jid: a@b, password: x}]\nlog: {level: loud}\n", tolerant: true).errors
        #expect(log == ["2:14: log.level: expected trace, debug, info, notice, warning, error or critical"])
    }
}
