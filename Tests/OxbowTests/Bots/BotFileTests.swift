import Testing
import XML
import XMPP
import YAMLConfiguration

@testable import Oxbow

@Suite struct BotFileTests {
    private func errors(_ text: String) -> [String] {
        do throws(ConfigurationErrors) {
            _ = try BotFile.read(ConfigurationFile(text: text, path: "bots/x/bot.yaml"), name: "x", environment: [:])
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    @Test("A full file is read as it stands; what is not given has its default")
    func full() throws {
        let bot = try Yard.bot(
            """
            description: Watches.
            allow: ["*@example.org"]
            deny: eve@example.org
            send_to: [ops@example.org]
            handlers:
              - element: '{urn:example:sensor:0}reading'
                match: '^\\d+$'
                from: [sensor@example.org]
                usage: a reading
                summary: keeps it
                time_limit: 5s
                concurrency: 3
                rate: 30/1m
                effects: true
                late: 10m
                exec: [./reading.py, --fast]
                isolation: bubblewrap
                user: sensors
                env: {TOKEN: secret}
                home: /var/lib/sensors
                readable: [../shared]
                network: true
                memory: 2G
                processes: 5
                restart: 1m
              - element: body
                swift: echo
                with: {style: loud}
            """,
            name: "watch",
            folder: "/bots/watch"
        )
        #expect(bot.name == "watch")
        #expect(bot.folder == "/bots/watch")
        #expect(bot.maySend(to: try #require(Address("ops@example.org/x"))))
        #expect(!bot.maySend(to: try #require(Address("bob@example.org"))))
        let reading = try #require(bot.handlers.first)
        #expect(reading.elements == [Name("reading", "urn:example:sensor:0")])
        #expect(reading.timeLimit == .seconds(5))
        #expect(reading.concurrency == 3)
        #expect(reading.rate == Rate(count: 30, window: .seconds(60)))
        #expect(reading.trust == .pinned)
        #expect(reading.late == .seconds(600))
        #expect(
            reading.kind
                == .program(
                    ProgramDefinition(
                        command: ["/bots/watch/reading.py", "--fast"],
                        folder: "/bots/watch",
                        home: "/var/lib/sensors",
                        isolation: .bubblewrap,
                        user: "sensors",
                        environment: ["TOKEN": "secret"],
                        readable: ["/bots/shared"],
                        network: true,
                        memory: 2 << 30,
                        processes: 5,
                        restart: .seconds(60)
                    )
                )
        )
        let body = try #require(bot.handlers.last)
        #expect(body.kind == .swift("echo"))
        #expect(body.settings == ["style": "loud"])
        #expect(body.concurrency == 16)
        #expect(body.trust == .blind)
        #expect(body.timeLimit == .seconds(30))
        #expect(body.late == .seconds(3600))
    }

    @Test(
        "What is wrong is said with its place and what to do about it",
        arguments: [
            ("handlers: [{element: body, swift: x}]", ":1:1: allow: is missing"),
            ("allow: ['*']\nhandlers: []", ":2:11: handlers: must have at least 1"),
            ("allow: ['*']\nhandler: []", ":2:1: handler: unknown key; did you mean 'handlers'?"),
            ("allow: ['*']\nhandlers:\n  - {element: body, swfit: x}", ":3:21: handlers[0].swfit: unknown key; did you mean 'swift'?"),
            ("allow: ['a@b@c/d']\nhandlers: [{element: body, swift: x}]", ":1:9: allow[0]: 'a@b@c/d' is no glob on bare JIDs"),
            ("allow: ['*']\nhandlers: [{element: body}]", "has nothing that handles it"),
            ("allow: ['*']\nhandlers: [{element: body, swift: x, exec: [y]}]", "keep one of them"),
            ("allow: ['*']\nhandlers: [{element: body, swift: x, memory: 1G}]", "is for programs (exec), not for swift"),
            ("allow: ['*']\nhandlers: [{element: body, exec: [x], with: {a: b}}]", "is for Swift modules"),
            ("allow: ['*']\nhandlers: [{element: body, exec: []}]", "names no program"),
            ("allow: ['*']\nhandlers: [{element: body, exec: [x], isolation: user}]", "needs a user"),
            ("allow: ['*']\nhandlers: [{element: body, exec: [x], isolation: none, user: y}]", "contradicts isolation: none"),
            (
                "allow: ['*']\nhandlers: [{element: body, exec: [x], isolation: none, network: false}]",
                "holds under isolation: bubblewrap only"
            ),
            ("allow: ['*']\nhandlers: [{element: body, exec: [x], env: {'A B': c}}]", "is no name of a variable"),
            ("allow: ['*']\nhandlers: [{element: body, match: '^(a', swift: x}]", "(at byte 3 of the pattern)"),
            ("allow: ['*']\nhandlers: [{element: '{a', swift: x}]", "write 'body', or '{namespace}name' in quotes"),
            ("allow: ['*']\nhandlers: [{element: body, rate: fast, swift: x}]", "write it like 30/1m"),
            ("allow: ['*']\nhandlers: [{element: body, rate: 0/1m, swift: x}]", "write it like 30/1m"),
            ("allow: ['*']\nhandlers: [{element: body, time_limit: 3 hours, swift: x}]", "expected a duration"),
            ("allow: ['*']\nhandlers: [{element: body, trust: pined, swift: x}]", "did you mean 'pinned'?"),
            (
                "allow: ['*']\nhandlers: [{element: body, swift: x}, {element: body, swift: y}]",
                "handlers[1]: never runs: handlers[0] takes"
            ),
            ("allow: ['*']\nhandlers: [{element: body, swift: x, swift: y}]", "swift"),
        ]
    )
    func wrong(text: String, expected: String) {
        let found = errors(text)
        #expect(!found.isEmpty)
        #expect(found.contains { $0.hasPrefix("bots/x/bot.yaml:") && $0.contains(expected) }, "\(found)")
    }

    @Test(
        "A25: what belongs to the stanza can't be declared, so it never reaches a handler",
        arguments: [
            "{urn:xmpp:delay}delay", "{urn:xmpp:sid:0}stanza-id", "{urn:xmpp:sid:0}origin-id", "{urn:xmpp:openpgp:0}openpgp",
            "{urn:xmpp:forward:0}forwarded", "{urn:xmpp:carbons:2}received", "{urn:xmpp:mam:2}result", "{urn:xmpp:eme:0}encryption",
            "{urn:xmpp:hints}store", "{jabber:client}error", "thread",
        ]
    )
    func smuggling(element: String) {
        let found = errors("allow: ['*']\nhandlers: [{element: '\(element)', swift: x}]")
        #expect(found.count == 1)
        #expect(found.first?.contains("never reaches a handler") == true, "\(found)")
    }

    @Test("A bot's name is one path component", arguments: ["", ".", "..", "a/b", ".hidden", "ä", "a b"])
    func names(name: String) {
        #expect(throws: ConfigurationErrors.self) { try BotFile.load(name, in: "/nowhere", environment: [:]) }
    }

    @Test("The shipped bots' files are right")
    func shipped() throws {
        let root = #filePath.split(separator: "/Tests/OxbowTests/").first.map(String.init) ?? ""
        for name in ["echo", "help", "remind"] {
            let bot = try BotFile.load(name, in: root + "/bots", environment: [:])
            #expect(!bot.handlers.isEmpty)
            #expect(bot.handlers.allSatisfy { $0.usage != nil && $0.summary != nil })
        }
    }
}
