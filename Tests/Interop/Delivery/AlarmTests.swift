import Foundation
import Testing

extension Delivery.Waiting {
    /// People hear of trouble by another way than the account that is in trouble, and only that there is some, and how much.
    @Suite struct AlarmTests {
        @Test(
            "Another account tells go-sendxmpp, and a program is run: an account that is down, messages that are stuck, and that it is over"
        )
        func accountAndCommand() async throws {
            let rig = try Rig.current
            let (bot, helper) = (try await rig.server.account("bot"), try await rig.server.account("helper"))
            let admin = try await GoSendXMPP(rig.server.account("admin"), server: rig.server, key: .x25519)
            let screen = try await admin.listen()
            let pipe = try await NamedPipe()
            let oxbow = try OxbowProgram(
                [
                    .init(jid: bot, lines: ["admins: [\(admin.jid)]", "stuck_after: 10s"]),
                    .init(jid: helper, lines: ["recipients: [\(admin.jid)]"], bots: []),
                ],
                server: rig.server,
                top: "alarm: {account: \(helper), command: [sh, -c, 'cat > \(pipe.path)']}"
            )
            let daemon = try await Daemon.online(oxbow, count: 2)
            // Nobody has a key for it: it waits.
            let nobody = try await rig.server.account("keyless")
            let queued = try await oxbow.command("send", "--queue", "--from", bot, "--to", nobody, input: "secret words")
            #expect(queued.code == 0, "\(queued.out)\(queued.err)")
            try await rig.server.delete(bot)

            let told = "[OX] \(helper): "
            for words in ["\(bot): down for ", "\(bot): 1 message waiting for longer than 10s"] {
                try await pipe.reader.line(containing: words, within: .seconds(150))
                // One text may have several lines, of which go-sendxmpp marks the first.
                try await screen.line(containing: words, within: .seconds(30))
            }
            #expect(screen.lines.items.contains { $0.text.contains(told + bot) }, "\(screen.lines.items)")

            try await rig.server.account(again: bot)
            try daemon.leash.signal("HUP")
            try await pipe.reader.line(containing: "\(bot): online again", within: .seconds(60))
            try await screen.line(containing: "\(bot): online again", within: .seconds(30))
            // While it was online the account itself has told, encrypted, whose key is missing (R15); the other way must not say it.
            let others = screen.lines.items.filter { !$0.text.contains("[OX] \(bot): ") }
            for line in pipe.reader.lines.items + others {
                #expect(!line.text.contains("secret") && !line.text.contains(nobody), "\(line)")
            }
            #expect(try await daemon.terminate().code == 0)
        }

        @Test("A mail tells, by TLS or on this machine", arguments: ["starttls", "direct", "none"])
        func mail(tls: String) async throws {
            let rig = try Rig.current
            let mailbox = try await Mailbox(tls)
            let bot = try await rig.server.account("bot")
            let login = tls == "none" ? "" : "ca: \(mailbox.ca), user: oxbow, password: {env: MAIL_PASSWORD}, "
            let oxbow = try OxbowProgram(
                [.init(jid: bot, password: "wrong", lines: ["stuck_after: 10s"])],
                server: rig.server,
                top: "alarm: {smtp: {host: localhost, port: \(mailbox.port), tls: \(tls), \(login)\(Mailbox.people)}}"
            )
            let daemon = try await oxbow.run(environment: ["MAIL_PASSWORD": Mailbox.password])
            let mail = try await mailbox.mail()
            #expect(mail["from"]?.string == "oxbow@example.org")
            #expect(mail["to"]?.array?.compactMap(\.string) == ["ops@example.org", "night@example.org"])
            #expect(mail["user"]?.string == (tls == "none" ? nil : "oxbow"))
            #expect(mail["tls"] == .bool(tls != "none"))
            let text = try #require(mail["text"]?.string)
            #expect(text.contains("Subject: Oxbow: 1 notice\r\n"), "\(text)")
            #expect(text.contains("\r\n\r\n\(bot): down for "), "\(text)")
            #expect(text.contains("(login); `oxbow status` says more\r\n"), "\(text)")
            #expect(!text.contains("wrong"))
            #expect(try await daemon.terminate().code == 0)
        }

        /// A mail server that can't be used as it is configured.
        struct Fault: Sendable, CustomTestStringConvertible {
            var testDescription: String
            /// How the server has it.
            var server = "starttls"
            var tls = "starttls"
            var knowsAuthority = true
            var password = Mailbox.password
            var isRefusing = false
            /// What is said.
            var words: String
        }
        static let faults = [
            Fault(testDescription: "no STARTTLS, which is required", server: "none", words: "offers no TLS"),
            Fault(testDescription: "an unknown authority", knowsAuthority: false, words: "is not accepted"),
            Fault(testDescription: "a wrong password", password: "sesame street", words: "refuses user and password"),
            Fault(testDescription: "it says no", isRefusing: true, words: "refuses the mail (451)"),
            Fault(testDescription: "TLS where there is none yet", tls: "direct", words: "failed"),
        ]

        @Test(
            "A mail server that can't be used is named with what to do, and gets neither mail nor password in the clear",
            arguments: faults
        )
        func mailFault(fault: Fault) async throws {
            let rig = try Rig.current
            let mailbox = try await Mailbox(fault.server)
            if fault.isRefusing { try await mailbox.refuse() }
            let bot = try await rig.server.account("bot")
            let authority = fault.knowsAuthority ? "ca: \(mailbox.ca), " : ""
            let login = "user: oxbow, password: '\(fault.password)', "
            let server = "host: localhost, port: \(mailbox.port), tls: \(fault.tls)"
            let oxbow = try OxbowProgram(
                [.init(jid: bot, password: "wrong", lines: ["stuck_after: 10s"])],
                server: rig.server,
                top: "alarm: {smtp: {\(server), \(authority)\(login)\(Mailbox.people)}}"
            )
            let daemon = try await oxbow.run()
            let line = try await daemon.leash.line(containing: "admins could not be told", within: .seconds(60))
            #expect(line.contains(fault.words) && line.contains("port \(mailbox.port)"), "\(line)")
            #expect(!line.contains("hunter2"), "what a server says isn't repeated")
            #expect(mailbox.mails.isEmpty)
            #expect(try await daemon.terminate().code == 0)
            #expect(!daemon.leash.lines.items.contains { $0.text.contains(fault.password) })
        }
    }
}

/// A named pipe with a reader that never sees its end.
private struct NamedPipe {
    let path: String
    let reader: Leash

    init() async throws {
        path = try Folder.temporary() + "/pipe"
        reader = try await Leash(["sh", "-c", #"mkfifo "$1" && echo ready && exec cat <> "$1""#, "sh", path])
        Cleanup.after { [reader] in await reader.stop() }
        try await reader.line(containing: "ready")
    }
}

/// A mail server on loopback (mail_server.py).
private final class Mailbox: Sendable {
    static let password = "open sesame"
    static let people = "from: oxbow@example.org, to: [ops@example.org, night@example.org]"
    let port: Int
    let ca: String
    private let script: Script

    /// Starts one that has TLS by that way.
    init(_ tls: String) async throws {
        let script = try Script("mail_server", [tls])
        Cleanup.after { await script.end() }
        let ready = try await script.lines.first("the mail server") { $0["ready"] != nil }.item
        guard let port = ready["port"]?.int, let ca = ready["ca"]?.string else { throw Trouble("mail_server.py said \(ready)") }
        (self.port, self.ca, self.script) = (port, ca, script)
    }

    /// The next mail.
    func mail() async throws -> JSON {
        let said = try await script.lines.first("a mail") { $0["mail"] != nil }.item
        return try #require(said["mail"])
    }

    /// What has come so far.
    var mails: [JSON] { script.lines.items.compactMap { $0["mail"] } }

    /// Refuses all mail from now on.
    func refuse() async throws { try await script.ask(["do": "refuse", "on": true]) }
}
