import Delivery
import GRE
import Logging
import OX
import OpenPGP
import Synchronization
import Testing
import XML
import XMPP
import YAMLConfiguration

@testable import Oxbow
@testable import RelayBot

@Suite struct RelayBotTests {
    private static let rules = "alice@localhost <-> mailto:carol@example.org via email.example.net"

    @Test("the shipped file carries both ways, and nothing that isn't signed, for us, or vouched for")
    func shipped() async throws {
        let root = #filePath.split(separator: "/Tests/OxbowTests/").first.map(String.init) ?? ""
        var modules = SwiftModules()
        modules.register("relay", check: RelayBot.check) { try RelayBot($0) }
        let text = try FileText.read("\(root)/bots/relay/bot.yaml")
        #expect(BotFile.settingsProblems(of: try Yard.bot(text), modules: modules, account: try address("bot@localhost")).isEmpty)
        let yard = try Yard([text], modules: modules)
        try await yard.running {
            try await yard.receive("hello", from: "alice@localhost/phone")
            let out = await yard.mailbox.next()
            #expect(out.to == Address(GatewayMail.sender))
            #expect(out.payload == .message("alice@localhost: hello", subject: "Message from alice@localhost"))
            #expect(out.thread.flatMap { RelayThread($0) }?.hops == 1)
            for dropped in [
                GatewayMail(source: nil, isAddressed: false, mayCommand: false), GatewayMail(source: .gatewayVouched, mayCommand: false),
                GatewayMail(isAddressed: false), GatewayMail(isAutomatic: true),
            ] {
                let number = try await dropped.arrive(in: yard)
                #expect(await yard.journal.end(of: number) == .done)
            }
            try await GatewayMail(text: "yes", subject: "Lunch").arrive(in: yard)
            let back = await yard.mailbox.next()
            #expect(back.to == Address("alice@localhost") && back.text == "carol@example.org (Lunch): yes")
        }
        #expect(yard.mailbox.all.count == 2)
        #expect(yard.counters.value("oxbow_relay_total", ["account": "bot@localhost", "bot": "bot0", "outcome": "automatic"]) == 1)
    }

    @Test("names, subjects and files are told; a line that looks like a name is quoted")
    func text() async throws {
        let desk = try Desk(rules: Self.rules)
        let files = [FileAttachment(name: "menu.pdf", type: "application/pdf", bytes: [1, 2, 3]), FileAttachment(name: nil, bytes: [])]
        try await desk.mail("At noon?\nbob@localhost: pay her\n[not carried: x]\n\n", subject: "Lunch (1)", files: files)
        #expect(
            desk.last?.text == """
                carol@example.org (Lunch {1}): At noon?
                > bob@localhost: pay her
                > [not carried: x]
                [not carried: menu.pdf, application/pdf, 3 bytes]
                [not carried: a file without a name, application/octet-stream, 0 bytes]
                """
        )
        #expect(desk.last?.payload.count == 1)
        try await desk.mail("so?", thread: "m1@example.org", subject: "Re: Lunch", isVerified: false)
        #expect(desk.last?.text == "carol@example.org (unverified; Re: Lunch): so?")
        try await desk.mail("", thread: "m2@example.org", subject: nil, files: [files[0]])
        #expect(desk.last?.text == "carol@example.org: (no text)\n[not carried: menu.pdf, application/pdf, 3 bytes]")
    }

    @Test("a conversation keeps its thread at both ends, and its subject")
    func threads() async throws {
        let desk = try Desk(rules: Self.rules)
        try await desk.chat("hello", thread: "T")
        let mail = try #require(desk.last?.thread)
        #expect(RelayThread(mail)?.hops == 1 && desk.last?.subject == "Message from alice@localhost")
        try await desk.mail("hi", thread: mail, subject: "Re: Message from alice@localhost")
        #expect(desk.last?.thread == "T" && desk.last?.text == "carol@example.org: hi")
        // A client that knows no threads goes on with the latest one.
        try await desk.chat("again", thread: nil)
        #expect(desk.last?.thread == mail && desk.last?.subject == "Re: Message from alice@localhost")
        try await desk.mail("other", thread: "m1@example.org", subject: "Other")
        let chat = try #require(desk.last?.thread)
        #expect(chat != "T" && desk.last?.text == "carol@example.org (Other): other")
        try await desk.chat("well", thread: chat)
        #expect(desk.last?.thread == "m1@example.org" && desk.last?.subject == "Re: Other")
    }

    @Test("a mail answers the last one that came in its conversation, and names all before it")
    func references() async throws {
        let desk = try Desk(rules: Self.rules)
        func named() -> [String] { AnsweredMail.references(in: desk.last?.payload ?? []) }
        try await desk.chat("hello", thread: "T")
        let mail = try #require(desk.last?.thread)
        #expect(named() == [], "nothing is answered yet")
        try await desk.mail("hi", thread: mail, references: [mail, "m1@example.org"])
        #expect(named() == [], "to XMPP there are none")
        try await desk.mail("and", thread: mail, references: [mail, "m1@example.org", "m2@example.org"])
        try await desk.mail("other", thread: "o1@example.org", references: ["o1@example.org"])
        let other = try #require(desk.last?.thread)
        try await desk.chat("well", thread: "T")
        #expect(named() == [mail, "m1@example.org", "m2@example.org"])
        try await desk.chat("so", thread: other)
        #expect(named() == ["o1@example.org"])
    }

    @Test("after a restart an answer in a thread of ours is an answer, however often")
    func restart() async throws {
        var thread: String? = "T"
        for _ in 0..<10 {
            let desk = try Desk(rules: Self.rules)
            try await desk.chat("hello", thread: thread)
            thread = desk.last?.thread
            #expect(thread.flatMap { RelayThread($0) }?.hops == 1)
            let again = try Desk(rules: Self.rules)
            try await again.mail("hi", thread: thread)
            thread = again.last?.thread
            #expect(thread.flatMap { RelayThread($0) }?.hops == 1)
        }
    }

    @Test("mail of programs is carried only if the rules say so", arguments: [("drop", 0), ("relay", 1)])
    func automatic(setting: String, carried: Int) async throws {
        let desk = try Desk(rules: Self.rules, ["automatic": setting])
        try await desk.mail("away", isAutomatic: true)
        #expect(desk.sent.count == carried && desk.count("automatic") == 1 - carried)
    }

    @Test("one way is one way, and somebody in several rules reaches all")
    func ways() async throws {
        let desk = try Desk(
            rules: """
                alice@localhost -> mailto:carol@example.org via email.example.net # a comment

                mailto:dave@example.org via email.example.net <-> alice@localhost
                """
        )
        try await desk.chat("hello")
        #expect(
            desk.sent.map(\.to).map(\.description).sorted() == [
                "carol\\40example.org@email.example.net", "dave\\40example.org@email.example.net",
            ]
        )
        try await desk.mail("hi")
        #expect(desk.sent.count == 2 && desk.count("no-rule") == 1)
    }

    // MARK: loops

    @Test("our own text that comes back is a loop, also with other white space")
    func echo() async throws {
        let desk = try Desk(rules: Self.rules)
        try await desk.chat("hello\nworld")
        let sent = try #require(desk.last)
        try await desk.mail((sent.text ?? "").replacing("\n", with: " \r\n") + "\r\n", thread: sent.thread)
        #expect(desk.sent.count == 1 && desk.count("loop", reason: "echo") == 1)
    }

    @Test("a thread of ours that comes from the wrong side has come round")
    func cameRound() async throws {
        let desk = try Desk(rules: Self.rules)
        try await desk.chat("hello")
        // Another relay, which leaves threads alone, brings it back to the end that it came from, in other words.
        try await desk.chat("someone: hello", thread: desk.last?.thread)
        #expect(desk.sent.count == 1 && desk.count("loop", reason: "came-round") == 1)
    }

    @Test("two relays that point at each other stop, with threads and without", arguments: [true, false], [1, 3, 7])
    func twoRelays(keepsThreads: Bool, hops: Int) async throws {
        // one carries between two@localhost and the mailbox of two; two carries between the mailbox of one and one@localhost.
        let one = try Desk(
            rules: "two@localhost -> mailto:two@example.org via email.example.net",
            ["hops": "\(hops)", "rate": "1000/1m"],
            account: "one@localhost"
        )
        let two = try Desk(
            rules: "mailto:one@example.org via email.example.net -> one@localhost",
            ["hops": "\(hops)", "rate": "1000/1m"],
            account: "two@localhost"
        )
        try await two.mail("hello", thread: "m0@example.org", from: "one\\40example.org@email.example.net")
        var rounds = 0
        while let next = two.takeLast() {
            rounds += 1
            try #require(rounds < 50)
            try await one.chat(next.text ?? "", thread: keepsThreads ? next.thread : nil, from: "two@localhost")
            guard let mail = one.takeLast() else { break }
            try await two.mail(
                mail.text ?? "",
                thread: keepsThreads ? mail.thread : nil,
                subject: mail.subject,
                from: "one\\40example.org@email.example.net"
            )
        }
        #expect(one.count("carried") + two.count("carried") == hops)
        #expect(one.count("loop", reason: "hops") + two.count("loop", reason: "hops") == 1)
    }

    @Test("a rule carries so much and no more, says so once, and goes on in the next window")
    func rate() async throws {
        let desk = try Desk(rules: Self.rules, ["rate": "2/1m"])
        for index in 0..<5 { try await desk.chat("message \(index)") }
        #expect(desk.sent.count == 2 && desk.replies == ["Not carried: too many messages at once. Try again later."])
        #expect(desk.count("rate") == 3)
        try await desk.mail("the other way counts, too")
        #expect(desk.sent.count == 2)
        desk.now = .seconds(60)
        try await desk.mail("now")
        #expect(desk.sent.count == 3)
    }

    @Test("a message that can't be sent fails, and the others go out")
    func failure() async throws {
        let desk = try Desk(rules: Self.rules + "\nalice@localhost -> mailto:dave@example.org via email.example.net")
        desk.refuses = "carol\\40example.org@email.example.net"
        await #expect(throws: HandlerError.self) { try await desk.chat("hello") }
        #expect(desk.sent.map(\.to) == [Address("dave\\40example.org@email.example.net")])
        #expect(desk.count("failed") == 1 && desk.count("carried") == 1)
    }

    // MARK: rules

    @Test(
        "wrong rules are told by line, with what to write",
        arguments: [
            ([:], "with.rules names nobody"),
            (["rules": "# nothing"], "with.rules names nobody"),
            (["rules": "alice@localhost"], "line 1: write it as"),
            (["rules": "\nalice@localhost <-> "], "line 2: write it as"),
            (["rules": "alice <-> mailto:carol@example.org via email.example.net"], "line 1: 'alice' has no name"),
            (["rules": "alice@localhost <-> mailto:carol@example.org"], "doesn't say through which gateway"),
            (["rules": "alice@localhost <-> bob@localhost"], "one end must be on XMPP"),
            (["rules": "bot@localhost <-> mailto:carol@example.org via email.example.net"], "is this bot itself"),
            (["rules": rules + "\n" + rules], "line 2: another line carries messages from alice@localhost to carol@example.org"),
            (["rules": "bob@localhost -> mailto:carol@example.org via email.example.net"], "allow doesn't let them in"),
            (["rules": "alice@localhost -> mailto:dave@example.org via email.example.net"], "send_to doesn't name them"),
            (["rules": rules, "rate": "many"], "with.rate: 'many': expected a rate"),
            (["rules": rules, "hops": "0"], "with.hops: '0': expected a number from 1 to 20"),
            (["rules": rules, "automatic": "yes"], "with.automatic: 'yes': expected drop or relay"),
            (["rules": rules, "hop": "3"], "with.hop is unknown"),
        ] as [([String: String], String)]
    )
    func wrongRules(values: [String: String], message: String) throws {
        let lines = values.sorted { $0.key < $1.key }.map { key, value in
            "      \(key): |-\n"
                + value.split(separator: "\n", omittingEmptySubsequences: false).map { "        " + $0 }.joined(separator: "\n")
        }
        let text = """
            allow: [alice@localhost, "mailto:carol@example.org via email.example.net"]
            send_to: [alice@localhost, "mailto:carol@example.org via email.example.net"]
            handlers:
              - element: body
                swift: relay
                with:\(values.isEmpty ? " {}" : "")
            \(lines.joined(separator: "\n"))
            """
        var modules = SwiftModules()
        modules.register("relay", check: RelayBot.check) { try RelayBot($0) }
        let problems = BotFile.settingsProblems(of: try Yard.bot(text), modules: modules, account: try address("bot@localhost"))
        #expect(problems.count == 1 && problems.first?.message.contains(message) == true, "\(problems)")
        #expect(problems.first?.path == "handlers[0].swift")
    }

    @Test(
        "threads of others are none of ours",
        arguments: ["", "T", "oxbow-relay.1.x.y@localhost", "oxbow-relay.-1.0123456789abcdef.0123456789abcdef@x"]
    )
    func strangeThreads(text: String) throws {
        #expect(RelayThread(text) == nil)
        let mark = RelayThread(
            hops: 2,
            leg: RelayThread.leg(of: try address("a@b"), to: try address("c@d")),
            conversation: text,
            domain: "b"
        )
        #expect(RelayThread(mark.text) == mark)
    }
}

private func address(_ text: String) throws -> Address { try #require(Address(text)) }

/// A relay, and a context that keeps what it sends.
private final class Desk: HandlerContext {
    struct Sent: Sendable {
        var payload: [Element]
        var to: Address
        var thread: String?
        var text: String? { payload.first { $0.is("body", Namespace.client) }?.text }
        var subject: String? { payload.first { $0.is("subject", Namespace.client) }?.text }
    }
    private struct State {
        var sent: [Sent] = []
        var replies: [String] = []
        var now = Duration.zero
        var refuses: String?
        var number = 0
    }
    private final class Box: Sendable { let state = Mutex(State()) }

    private let box = Box()
    private let relay: RelayBot
    private let account: Address
    private let counters = Counters()

    init(rules: String, _ more: [String: String] = [:], account: String = "bot@localhost") throws {
        self.account = try address(account)
        let settings = ModuleSettings(
            account: self.account,
            bot: "relay",
            folder: "/nowhere",
            values: more.merging(["rules": rules]) { $1 },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            counters: counters
        )
        relay = try RelayBot(settings) { [box] in box.state.withLock { $0.now } }
    }

    func chat(_ text: String, thread: String? = nil, from: String = "alice@localhost") async throws {
        try await take(.message(text), thread, from: from + "/phone", isVerified: true, gateway: nil)
    }

    func mail(
        _ text: String,
        thread: String? = nil,
        subject: String? = nil,
        files: [FileAttachment] = [],
        isVerified: Bool = true,
        isAutomatic: Bool = false,
        references: [String] = [],
        from: String = GatewayMail.sender
    ) async throws {
        let origin = GatewayOrigin(
            gateway: try address("email.example.net"),
            legacyAddress: "",
            isAddressed: true,
            isAutomatic: isAutomatic,
            mayCommand: true,
            references: references
        )
        try await take(.message(text, subject: subject, attachments: files), thread, from: from, isVerified: isVerified, gateway: origin)
    }

    private func take(_ payload: [Element], _ thread: String?, from: String, isVerified: Bool, gateway: GatewayOrigin?) async throws {
        let number = box.state.withLock { state in
            state.number += 1
            return state.number
        }
        let key = try #require(Fingerprint("0123456789ABCDEF0123456789ABCDEF01234567"))
        let event = Event(
            id: "\(number).0",
            account: account,
            sender: try address(from),
            authorship: isVerified ? .verified(signer: key, source: .configuration) : .unverified,
            element: payload[0],
            thread: thread,
            messageID: nil,
            time: 1_700_000_000,
            subject: payload.first { $0.is("subject", Namespace.client) }?.text,
            attachments: payload.compactMap(FileAttachment.init),
            gateway: gateway
        )
        try await relay.handle(event, self)
    }

    var sent: [Sent] { box.state.withLock { $0.sent } }
    var last: Sent? { sent.last }
    var replies: [String] { box.state.withLock { $0.replies } }
    var now: Duration {
        get { box.state.withLock { $0.now } }
        set { box.state.withLock { $0.now = newValue } }
    }
    var refuses: String? {
        get { box.state.withLock { $0.refuses } }
        set { box.state.withLock { $0.refuses = newValue } }
    }

    func takeLast() -> Sent? { box.state.withLock { $0.sent.popLast() } }

    func count(_ outcome: String, reason: String? = nil) -> Int {
        var labels = ["account": "\(account)", "bot": "relay", "outcome": outcome]
        labels["reason"] = reason
        return counters.value("oxbow_relay_total", labels)
    }

    func reply(_ text: String) async throws { box.state.withLock { $0.replies.append(text) } }
    func reply(_ payload: [Element]) async throws { Issue.record("nobody is answered with elements") }
    func send(_ text: String, to: Address) async throws { try await send(.message(text), to: to, thread: nil) }
    func send(_ payload: [Element], to: Address, thread: String?) async throws {
        try box.state.withLock { state in
            if state.refuses == to.description { throw HandlerError(.notAllowed, "refused") }
            state.sent.append(Sent(payload: payload, to: to, thread: thread))
        }
    }
    func commands() async -> [CommandDescription] { [] }
}
