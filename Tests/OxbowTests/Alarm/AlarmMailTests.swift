import Testing
import YAMLConfiguration

@testable import Oxbow

@Suite("Alarm: the mail")
struct AlarmMailTests {
    private static func settings(port: Int? = nil) -> AlarmMailSettings {
        AlarmMailSettings(host: "127.0.0.1", port: port, tls: .none, sender: "oxbow@b.org", recipients: ["c@d.org", "e@f.org"])
    }

    @Test("is one part of plain text that says it is written by a machine")
    func plain() {
        let mail = AlarmMail("a@b: down for 10m (login)\nc@b: 2 messages given up", settings: Self.settings(), now: 1_795_284_000, id: "i")
        #expect(
            mail.text
                == [
                    "From: <oxbow@b.org>",
                    "To: <c@d.org>,",
                    " <e@f.org>",
                    "Subject: Oxbow: 2 notices",
                    "Date: Sat, 21 Nov 2026 18:00:00 +0000",
                    "Message-ID: <i@b.org>",
                    "Auto-Submitted: auto-generated",
                    "MIME-Version: 1.0",
                    "Content-Type: text/plain; charset=utf-8",
                    "Content-Transfer-Encoding: 7bit",
                    "",
                    "a@b: down for 10m (login)",
                    "c@b: 2 messages given up",
                    "",
                ].joined(separator: "\r\n")
        )
    }

    @Test(
        "names in other scripts, and long ones, pass any mail server",
        arguments: ["jürgen@b: down", String(repeating: "x", count: 3000)]
    )
    func encoded(text: String) {
        let mail = AlarmMail(text, settings: Self.settings(), now: 0)
        #expect(mail.text.utf8.allSatisfy { $0 < 0x80 })
        #expect(mail.text.contains("Subject: Oxbow: 1 notice\r\n"))
        #expect(mail.text.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 78 })
    }

    @Test("nobody listens: it says so, with what to do, and without the password")
    func unreachable() async throws {
        var settings = Self.settings(port: 1)
        settings.user = "u"
        do {
            try await AlarmMail("x", settings: settings, now: 0).send(through: settings, password: "hunter2")
            Issue.record("nobody can have taken it")
        } catch let error as Complaint {
            #expect(error.message == "the mail server 127.0.0.1, port 1, can't be reached")
            #expect(error.hint == "check alarm.smtp: host and port")
        }
    }
}
