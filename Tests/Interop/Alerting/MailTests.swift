import Foundation
import Testing

extension Alerting.Busy {
    /// The way to a phone: no client with OX is known there, mail clients with OpenPGP are.
    @Suite struct MailTests {
        @Test(
            "An alert to somebody who has only mail is a signed and encrypted mail with a subject; their signed answer acknowledges it, and the others hear that"
        )
        func phone() async throws {
            let scene = try await AlertScene()
            let gateway = try await Gateway(scene.rig.server)
            try await gateway.admit(scene.jid, ["email": "alerts@example.test"])
            let carol = try await gateway.person("carol@example.test", name: "Carol")
            let ada = try await scene.reader("ada")
            var settings = AlertScene.Settings()
            settings.people = ["carol": "\"mailto:\(carol.address) via \(gateway.jid)\"", "ada": ada.jid]
            settings.groups = ["ops": "[carol, ada]"]
            settings.allow = "[ops]"
            settings.routes = ["alerts": "{source: alertmanager, to: [ops]}"]
            settings.account = [
                "gateways: [{jid: \(gateway.jid), web_key_directory: false, keys: {\(carol.address): [\(carol.key)]}}]"
            ]
            let daemon = try await scene.begin(settings)
            let manager = try await Alertmanager(to: scene.hook())

            var (mails, chats) = (gateway.mark, ada.peer.mark)
            try await manager.fire(["alertname": "DiskFull", "instance": "db-1"], annotations: ["summary": "no room on db-1"])
            let mail = try await gateway.mail(from: mails)
            #expect(mail.isEncrypted && mail.recipient == carol.address)
            let export = try await scene.oxbow.command("keys", "export", "--for-mail")
            let botKey = try #require(try await carol.learn(Array(export.out.utf8)).first)
            let letter = try await carol.open(mail)
            #expect(letter.isDecrypted && letter.defects.isEmpty, "\(letter.json)")
            #expect(letter.text.contains("#1 FIRING: DiskFull: no room on db-1"), "\(letter.text)")
            #expect(letter.headers("subject") == ["#1 FIRING: DiskFull: no room on db-1"])
            #expect(letter.signer == botKey)
            let told = try await ada.peer.told("#1 FIRING", by: scene.jid, from: chats)

            // Her client answers in its thread: the number can be left out.
            (mails, chats) = (gateway.mark, told.next)
            let root = try #require(letter.headers("references").first?.split(separator: " ").first.map(String.init))
            let thread: [String: JSON] = [
                "subject": "Re: #1 FIRING: DiskFull: no room on db-1", "message_id": "<ack@example.test>",
                "in_reply_to": "<\(mail.id)@example.test>", "references": .string(root + " <\(mail.id)@example.test>"),
            ]
            try await carol.write(to: scene.jid, keys: [botKey], "ack on my way", thread)
            let heard = try await ada.peer.told("carol", by: scene.jid, from: chats)
            #expect(heard.text.contains("on my way") && heard.thread == told.thread, "\(heard.text)")
            let answer = try await carol.letter(from: mails)
            #expect(answer.signer == botKey && answer.text.contains("#1"), "\(answer.text)")

            mails = gateway.mark
            try await manager.resolve(["alertname": "DiskFull", "instance": "db-1"])
            let end = try await carol.letter(from: mails)
            #expect(end.text.contains("#1 RESOLVED: DiskFull"), "\(end.text)")
            #expect(end.headers("references").contains { $0.contains(root) }, "one conversation is one thread")

            // Neither the gateway nor the log knows what it was about.
            let log = daemon.leash.lines.items.map(\.text).joined(separator: "\n")
            #expect(!Leaks.contains("no room on db-1", log))
            #expect(try !gateway.spool().contains("no room on db-1"))
        }
    }
}
