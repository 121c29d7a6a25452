import Delivery
import OX
import Testing
import XML
import XMPP

@testable import Oxbow

/// What becomes of mail from gateways on its way to handlers: R20, R22, S19.
struct GatewayDispatchTests {
    private static func bot(_ keys: String = "") -> String {
        """
        allow: ["mailto:*@example.org via email.example.net", "ops@localhost"]
        send_to: [ops@localhost, {address: carol@example.org, via: email.example.net}]
        handlers:
          - element: body
            swift: test
            \(keys)
        """
    }

    private static let kinds: [(name: String, mail: GatewayMail)] = [
        ("unsigned", GatewayMail(source: nil, isAddressed: false, mayCommand: false)),
        ("vouched", GatewayMail(source: .gatewayVouched, mayCommand: false)),
        ("unaddressed", GatewayMail(isAddressed: false)),
        ("full", GatewayMail()),
        ("commands_from", GatewayMail(source: .gatewayVouched)),
    ]

    @Test(
        "R20, R22: what is less than signed, addressed and vouched for reaches only handlers that ask for it",
        arguments: [
            ("", ["full", "commands_from"]),
            ("addressed: any", ["unaddressed", "full", "commands_from"]),
            ("unsigned: accept", ["unsigned", "vouched", "unaddressed", "full", "commands_from"]),
            ("effects: true", ["full"]),
        ]
    )
    func assurance(keys: String, heard: [String]) async throws {
        let yard = try Yard([Self.bot(keys)], modules: .script { try await $1.reply($0.text) })
        try await yard.running {
            for (name, mail) in Self.kinds {
                var mail = mail
                mail.text = name
                let number = try await mail.arrive(in: yard)
                #expect(await yard.journal.end(of: number) == .done)
            }
        }
        let answers = yard.mailbox.all.compactMap { $0.payload.first?.text }
        #expect(answers.filter { $0 != Answers.untrusted } == heard)
        for (name, _) in Self.kinds where !heard.contains(name) && keys.isEmpty {
            #expect(yard.counters.total("oxbow_dispatch_total", where: ["reason": name]) == 1)
        }
    }

    @Test("an entry that wants more passes the mail on to the next one")
    func next() async throws {
        let bot = """
            allow: ["*"]
            handlers:
              - {element: body, swift: test, effects: true, from: "*@email.example.net"}
              - {element: body, swift: test, unsigned: accept}
            """
        let yard = try Yard([bot], modules: .script { try await $1.reply($0.isVerified ? "signed" : "unsigned") })
        try await yard.running {
            for source in [Pin.Source.operatorSaid, nil] {
                let number = try await GatewayMail(subject: nil, source: source).arrive(in: yard)
                #expect(await yard.journal.end(of: number) == .done)
            }
        }
        #expect(yard.mailbox.all.map(\.text) == ["signed", "unsigned"])
    }

    @Test("R22: automatic mail is handled and never answered; what the handler sends to others goes out")
    func automatic() async throws {
        let yard = try Yard(
            [Self.bot()],
            modules: .script { event, context in
                #expect(event.isAutomatic)
                try await context.reply("thanks")
                try await context.send("thanks", to: event.sender.bare)
                try await context.send("mail from \(event.gateway?.legacyAddress ?? "")", to: try #require(Address("ops@localhost")))
            }
        )
        try await yard.running {
            let number = try await GatewayMail(isAutomatic: true).arrive(in: yard)
            #expect(await yard.journal.end(of: number) == .done)
        }
        #expect(yard.mailbox.all.map(\.text) == ["mail from carol@example.org"])
        #expect(yard.counters.total("oxbow_dispatch_total", where: ["reason": "automatic"]) == 2)
    }

    @Test("an answer to a mail has its subject and thread, goes to the address at the gateway, and takes files")
    func answer() async throws {
        let file = FileAttachment(name: "a.txt", type: "text/plain", bytes: Array("file".utf8))
        let yard = try Yard(
            [Self.bot()],
            modules: .script { event, context in
                #expect(event.subject == "Lunch" && event.attachments == [file])
                try await context.reply("yes")
                try await context.reply("see there", subject: "Other", attachments: event.attachments)
            }
        )
        try await yard.running {
            let number = try await GatewayMail(attachments: [file]).arrive(in: yard)
            #expect(await yard.journal.end(of: number) == .done)
        }
        let sent = yard.mailbox.all
        #expect(sent.map(\.to) == [Address(GatewayMail.sender), Address(GatewayMail.sender)])
        #expect(sent.map(\.thread) == ["thread-1", "thread-1"])
        #expect(sent.first?.payload == .message("yes", subject: "Re: Lunch", references: GatewayMail.references))
        #expect(sent.last?.payload == .message("see there", subject: "Other", attachments: [file], references: GatewayMail.references))
    }

    @Test("files count only where a gateway brought them: OX has none")
    func noFiles() async throws {
        let file = FileAttachment(name: "a.txt", bytes: [1])
        let yard = try Yard([Self.bot()], modules: .script { try await $1.reply("\($0.attachments.count)") })
        try await yard.running {
            let number = try await yard.receive(.message("x", attachments: [file]), from: "ops@localhost/x")
            #expect(await yard.journal.end(of: number) == .done)
        }
        #expect(yard.mailbox.all.map(\.text) == ["0"])
    }
}
