import Foundation
import Testing
import XMPP
import YAMLConfiguration

@testable import Oxbow

@Suite("Settings: alarm, stuck_after, store_key")
struct AlarmSettingsTests {
    private func read(_ text: String) throws(ConfigurationErrors) -> Settings {
        try Settings.read(ConfigurationFile(text: text, path: "/f/config.yaml"), environment: ["HOME": "/root"])
    }

    private func errors(_ text: String) -> [String] {
        do throws(ConfigurationErrors) {
            _ = try read(text)
            return []
        } catch {
            return error.errors.map { $0.description.replacing("/f/config.yaml:", with: "") }
        }
    }

    private static let accounts = "accounts: [{jid: a@b, password: x}, {jid: c@b, password: x, stuck_after: 1h}]\n"

    @Test("by default nobody is told by another way, and stuck is what waits for ten minutes")
    func defaults() throws {
        let settings = try read(Self.accounts)
        #expect(settings.alarm == nil)
        #expect(settings.storeKey == nil)
        #expect(settings.accounts.map(\.stuckAfter) == [.seconds(600), .seconds(3600)])
    }

    @Test("an account, a command, or both tell")
    func ways() throws {
        #expect(try read(Self.accounts + "alarm: {account: c@b}\n").alarm?.account?.description == "c@b")
        let both = try read(Self.accounts + "alarm: {account: c@b, command: [mail, -s, Oxbow, root]}\n").alarm
        #expect(both?.command == ["mail", "-s", "Oxbow", "root"])
    }

    @Test("an account that isn't there, no way at all, and a program by a relative path are errors")
    func wrong() {
        #expect(
            errors(Self.accounts + "alarm: {account: x@b}\n")
                == ["2:18: alarm.account: x@b is no account here; it is one of the accounts of this file: a@b, c@b"]
        )
        #expect(errors(Self.accounts + "alarm: {}\n") == ["2:8: alarm: names no way; add account: JID, command: [PROGRAM], or smtp: {…}"])
        #expect(
            errors(Self.accounts + "alarm: {command: [bin/tell]}\n")
                == ["2:18: alarm.command: 'bin/tell' is no program; write its absolute path, or a name that is found in PATH"]
        )
        let short = errors("accounts: [{jid: a@b, password: x, stuck_after: 1s}]\n").first
        #expect(short?.contains("accounts[0].stuck_after: must be from 10s") == true)
        #expect(errors(Self.accounts + "alram: {account: c@b}\n") == ["2:1: alram: unknown key; did you mean 'alarm'?"])
    }

    static let people = "from: a@b.org, to: [c@d.org]"

    @Test("a mail server tells: by TLS, unless it is on this machine")
    func mail() throws {
        let plain = try #require(try read(Self.accounts + "alarm: {smtp: {host: mail.b.org, \(Self.people)}}\n").alarm?.mail)
        #expect(plain.tls == .starttls && plain.effectivePort == 587 && plain.user == nil && plain.recipients == ["c@d.org"])
        let direct = "alarm: {smtp: {host: m.b.org, tls: direct, user: u, password: {env: P}, \(Self.people)}}\n"
        #expect(try read(Self.accounts + direct).alarm?.mail?.effectivePort == 465)
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "'::1'", "LOCALHOST"] {
            #expect(
                try read(Self.accounts + "alarm: {smtp: {host: \(host), tls: none, \(Self.people)}}\n").alarm?.mail?.effectivePort == 25
            )
        }
        for host in ["mail.b.org", "127.0.0.1.b.org", "10.0.0.1", "127.0.0", "localhost.b.org"] {
            let found = errors(Self.accounts + "alarm: {smtp: {host: \(host), tls: none, \(Self.people)}}\n")
            #expect(
                found.first?.contains("alarm.smtp.tls: would send mail and password through the network in the clear") == true,
                "\(found)"
            )
        }
    }

    @Test(
        "a mail server that makes no sense",
        arguments: [
            ("host: m.b.org, user: u, \(AlarmSettingsTests.people)", "alarm.smtp: has only one of user and password"),
            ("host: m.b.org, password: p, \(AlarmSettingsTests.people)", "alarm.smtp: has only one of user and password"),
            ("host: 'm.b.org:25', \(AlarmSettingsTests.people)", "alarm.smtp.host: 'm.b.org:25' is no host"),
            ("host: 'm.b.org/x', \(AlarmSettingsTests.people)", "alarm.smtp.host: 'm.b.org/x' is no host"),
            ("host: m.b.org, from: a, to: [c@d.org]", "alarm.smtp.from: 'a' is no mail address"),
            ("host: m.b.org, from: 'a@b> SIZE=1', to: [c@d.org]", "alarm.smtp.from: 'a@b> SIZE=1' is no mail address"),
            ("host: m.b.org, from: a@b, to: [\"c@d\\r\\nRCPT TO:<e@f>\"]", "is no mail address"),
            ("host: m.b.org, from: a@b, to: []", "alarm.smtp.to: "),
        ]
    )
    func wrongMail(section: String, words: String) {
        let found = errors(Self.accounts + "alarm: {smtp: {\(section)}}\n")
        #expect(found.first?.contains(words) == true, "\(found)")
    }

    @Test("R17: a store key that lies unprotected beside the store is pointed out")
    func storeKey() throws {
        func warning(_ text: String) throws -> String? { try read("state: s\n" + text).storeKeyWarning?.description }
        #expect(try warning(Self.accounts)?.contains("store_key: it is encrypted to the key of a@b, which has no passphrase") == true)
        #expect(try warning("accounts: [{jid: a@b, password: x, keyring: {passphrase: {env: P}}}]\n") == nil)
        #expect(try warning("accounts: [{jid: a@b, password: x, keyring: {passphrase: {file: s/p}}}]\n") != nil)
        #expect(try warning("accounts: [{jid: a@b, password: x, keyring: {home: elsewhere}}]\n") == nil)
        #expect(try warning(Self.accounts + "store_key: {file: s/key}\n")?.contains("/f/s/key lies beside what it protects") == true)
        #expect(try warning(Self.accounts + "store_key: {file: key}\n") == nil)
        #expect(try warning(Self.accounts + "store_key: {command: [pass, oxbow]}\n") == nil)
    }

    @Test("a mail server's password and authorities that can't be had are found before anything starts, and nothing shows the password")
    func mailProblems() throws {
        let mail = "alarm: {smtp: {host: m.b.org, user: u, password: {env: NO_SUCH}, ca: /no/such.pem, \(Self.people)}}\n"
        let found = try read(Self.accounts + mail).problems(environment: ["PATH": "/usr/bin:/bin"]).errors.map(\.description)
        #expect(found.contains { $0.contains("alarm.smtp.password: the environment has no variable NO_SUCH") }, "\(found)")
        #expect(found.contains { $0.contains("alarm.smtp.ca: there is no file /no/such.pem") }, "\(found)")
        let settings = try read(Self.accounts + "alarm: {smtp: {host: m.b.org, user: u, password: hunter2, \(Self.people)}}\n")
        var dumped = ""
        dump(settings.alarm, to: &dumped)
        #expect(!"\(settings)\(dumped)".contains("hunter2"))
    }

    @Test("a store key that can't be had, and an alarm command that isn't there, are found before anything starts")
    func problems() throws {
        let settings = try read(Self.accounts + "store_key: {env: NO_SUCH}\nalarm: {command: [no-such-program]}\n")
        let found = settings.problems(environment: ["PATH": "/usr/bin:/bin"]).errors.map(\.description)
        #expect(found.contains { $0.contains("store_key: the environment has no variable NO_SUCH") })
        #expect(found.contains { $0.contains("alarm.command: there is no program no-such-program") })
    }

    @Test("images of sections: equal whatever the place and the order, different for any other value, and silent")
    func images() throws {
        func image(_ text: String) throws -> SectionImage {
            try #require(read("accounts:\n" + text).accounts.first).image
        }
        let one = try image("  - jid: a@b\n    password: hunter2\n    bots: [x, y]\n")
        #expect(try one == image("\n\n  - {bots: [x, y], password: \"hunter2\", jid: a@b, resource: }\n"))
        #expect(try one != image("  - {bots: [y, x], password: hunter2, jid: a@b}\n"))
        #expect(try one != image("  - {bots: [x, y], password: hunter3, jid: a@b}\n"))
        var dumped = ""
        dump(one, to: &dumped)
        #expect(!"\(one)\(String(reflecting: one))\(dumped)".contains("hunter2"))
    }
}
