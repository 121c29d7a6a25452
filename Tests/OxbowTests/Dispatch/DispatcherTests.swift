import Delivery
import Logging
import OX
import Testing
import XML
import XMPP

@testable import Oxbow

@Suite struct DispatcherTests {
    static let everything = """
        allow: ["*@localhost"]
        handlers:
          - {element: body, swift: test}
        """

    @Test("A sender's messages are handled in order, one at a time")
    func order() async throws {
        let seen = Told()
        let yard = try Yard(
            [Self.everything],
            modules: .script { event, context in
                seen.tell("begin " + event.text)
                await Task.yield()
                seen.tell("end " + event.text)
                try await context.reply(event.text)
            }
        )
        try await yard.running {
            for index in 0..<20 { try await yard.receive("\(index)", from: "alice@localhost/\(index % 3)") }
            for index in 0..<20 { #expect(await yard.mailbox.nextText() == "\(index)") }
        }
        #expect(seen.all == (0..<20).flatMap { ["begin \($0)", "end \($0)"] })
    }

    @Test("A handler that is stuck with one sender holds up nobody else")
    func slowSender() async throws {
        let gate = Gate()
        let yard = try Yard(
            [Self.everything],
            modules: .script { event, context in
                if event.text == "slow" { await gate.wait() }
                try await context.reply(event.text)
            }
        )
        try await yard.running {
            try await yard.receive("slow", from: "alice@localhost/a")
            try await yard.receive("after slow", from: "alice@localhost/b")
            for index in 0..<5 {
                try await yard.receive("fast", from: "bob\(index)@localhost/a")
                #expect(await yard.mailbox.next().text == "fast")
            }
            gate.open()
            #expect(await yard.mailbox.nextText() == "slow")
            #expect(await yard.mailbox.nextText() == "after slow")
        }
    }

    @Test("A handler's concurrency bounds how many senders it serves at a time")
    func concurrency() async throws {
        let (gate, begun) = (Gate(), Told())
        let bot = """
            allow: ["*"]
            handlers:
              - {element: body, swift: test, concurrency: 2}
            """
        let yard = try Yard(
            [bot],
            modules: .script { event, context in
                begun.tell(event.text)
                try await context.reply("begun")
                await gate.wait()
                try await context.reply("done")
            }
        )
        try await yard.running {
            for index in 0..<3 { try await yard.receive("\(index)", from: "u\(index)@localhost/a") }
            #expect(await yard.mailbox.nextText() == "begun")
            #expect(await yard.mailbox.nextText() == "begun")
            #expect(begun.all.count == 2)
            gate.open()
            var texts: [String?] = []
            for _ in 0..<4 { texts.append(await yard.mailbox.nextText()) }
            #expect(texts.filter { $0 == "done" }.count == 3)
        }
    }

    @Test("An element goes to the first handler that takes it, in the order of bots and entries")
    func firstHandler() async throws {
        let modules = SwiftModules([
            "a": { _ in Script { try await $1.reply("a:" + $0.text) } },
            "b": { _ in Script { try await $1.reply("b:" + $0.text) } },
            "c": { _ in Script { try await $1.reply("c:" + $0.text) } },
        ])
        let first = """
            allow: ["*@localhost"]
            deny: ["mallory@localhost"]
            handlers:
              - {element: body, match: '^!x\\b', swift: a}
              - {element: body, from: ["alice@localhost"], swift: b}
            """
        let second = """
            allow: ["*@localhost"]
            handlers:
              - {element: body, match: '^!', swift: c}
            """
        let yard = try Yard([first, second], modules: modules)
        try await yard.running {
            try await yard.receive("!x 1", from: "bob@localhost/a")
            #expect(await yard.mailbox.nextText() == "a:!x 1")
            try await yard.receive("!y", from: "alice@localhost/a")
            #expect(await yard.mailbox.nextText() == "b:!y")
            try await yard.receive("!y", from: "bob@localhost/a")
            #expect(await yard.mailbox.nextText() == "c:!y")
            try await yard.receive("!x", from: "mallory@localhost/a")
            #expect(await yard.mailbox.nextText() == "c:!x")
            let number = try await yard.receive("hello", from: "bob@localhost/a")
            #expect(await yard.journal.end(of: number) == .done)
        }
        #expect(yard.counters.total("oxbow_dispatch_total", where: ["reason": "unhandled"]) == 1)
    }

    @Test("R3: who is heard is the union of what the account's bots allow")
    func allows() throws {
        let first = """
            allow: ["*@a.example"]
            deny: ["eve@a.example"]
            handlers: [{element: body, swift: test}]
            """
        let second = """
            allow: ["bob@b.example"]
            handlers: [{element: "{urn:x}y", swift: test}]
            """
        let yard = try Yard([first, second])
        for (address, expected) in [
            ("alice@a.example/x", true), ("eve@a.example", false), ("bob@b.example", true), ("carol@b.example", false),
            ("a.example", false),
        ] {
            #expect(yard.dispatcher.allows(try #require(Address(address))) == expected, "\(address)")
        }
    }

    @Test("R5, S10: the declared elements are those of the entries; body means both stanza namespaces")
    func declaredElements() throws {
        let bot = """
            allow: ["*"]
            handlers:
              - {element: body, swift: test}
              - {element: "{urn:example:sensor:0}reading", swift: test}
            """
        let yard = try Yard([bot])
        #expect(
            yard.dispatcher.declaredElements == [
                Name("body", Namespace.client), Name("body", Namespace.server), Name("reading", "urn:example:sensor:0"),
            ]
        )
    }

    @Test("Several declared elements are handled in payload order; the entry is done only after the last")
    func severalElements() async throws {
        let gate = Gate()
        let bot = """
            allow: ["*"]
            handlers:
              - {element: body, swift: test}
              - {element: "{urn:x}y", swift: test}
            """
        let yard = try Yard(
            [bot],
            modules: .script { event, context in
                try await context.reply(event.element.local + event.text)
                if event.element.local == "y" { await gate.wait() }
            }
        )
        try await yard.running {
            let payload = [
                Element("body", Namespace.client, text: "1"), Element("noise", "urn:z"), Element("y", "urn:x", text: "2"),
                Element("body", Namespace.server, text: "3"),
            ]
            let number = try await yard.receive(payload)
            #expect(await yard.mailbox.nextText() == "body1")
            #expect(await yard.mailbox.nextText() == "y2")
            #expect(try await yard.journal.unfinished(account: yard.account).map(\.number) == [number])
            gate.open()
            #expect(await yard.mailbox.nextText() == "body3")
            #expect(await yard.journal.end(of: number) == .done)
        }
    }

    @Test("A handler that throws is counted, and its sender hears of it without any inside")
    func failure() async throws {
        struct Secret: Error, CustomStringConvertible { var description: String { "hunter2" } }
        let yard = try Yard([Self.everything], modules: .script { _, _ in throw Secret() })
        try await yard.running {
            let number = try await yard.receive("x")
            let sent = await yard.mailbox.next()
            #expect(sent.text == Answers.failed)
            #expect(sent.to == Address("alice@localhost"))
            #expect(sent.thread == "thread-1")
            #expect(await yard.journal.end(of: number) == .done)
        }
        #expect(yard.counters.total("oxbow_events_total", where: ["outcome": "failed"]) == 1)
    }

    @Test("A handler that takes too long is cancelled; its sender hears of it, and it can say nothing more")
    func timeLimit() async throws {
        let clock = ManualClock()
        let late = Told()
        let yard = try Yard(
            [Self.everything],
            modules: .script { _, context in
                await Gate().wait()
                do { try await context.reply("late") } catch { late.tell("\(error)") }
            },
            clock: clock
        )
        try await yard.running {
            let number = try await yard.receive("x")
            await clock.sleepers(1)
            clock.advance(by: .seconds(30))
            #expect(await yard.mailbox.nextText() == Answers.timedOut)
            #expect(await yard.journal.end(of: number) == .done)
            clock.advance(by: .seconds(3600))
        }
        #expect(yard.mailbox.all.count == 1)
        #expect(late.all.count == 1)
        #expect(yard.counters.total("oxbow_events_total", where: ["outcome": "timed-out"]) == 1)
    }

    @Test("R6: an event older than its handler allows is answered so and does not run; an hour is the default")
    func late() async throws {
        let yard = try Yard(
            [
                """
                allow: ["*@localhost"]
                handlers:
                  - {element: body, match: '^slow', swift: test, late: 2d}
                  - {element: body, swift: test}
                """
            ],
            modules: .script { event, context in try await context.reply("ran " + event.text) }
        )
        try await yard.running {
            try await yard.receive("now", age: 3600)
            #expect(await yard.mailbox.nextText() == "ran now")
            try await yard.receive("old", age: 3601)
            #expect(await yard.mailbox.nextText() == Answers.late)
            try await yard.receive("slow", age: 86_400)
            #expect(await yard.mailbox.nextText() == "ran slow")
        }
        #expect(yard.counters.total("oxbow_events_total", where: ["outcome": "late"]) == 1)
    }

    @Test("Over its rate a sender is told once, then nothing until the window ends; others are not affected")
    func rate() async throws {
        let clock = ManualClock()
        let bot = """
            allow: ["*"]
            handlers:
              - {element: body, swift: test, rate: 2/1m}
            """
        let yard = try Yard([bot], modules: .script { try await $1.reply($0.text) }, clock: clock)
        try await yard.running {
            for index in 0..<5 {
                let number = try await yard.receive("\(index)")
                #expect(await yard.journal.end(of: number) == .done)
            }
            let other = try await yard.receive("other", from: "bob@localhost/a")
            #expect(await yard.journal.end(of: other) == .done)
            clock.advance(by: .seconds(60))
            let again = try await yard.receive("again")
            #expect(await yard.journal.end(of: again) == .done)
        }
        #expect(yard.mailbox.all.map(\.text) == ["0", "1", Answers.tooMany(Rate(count: 2, window: .seconds(60))), "other", "again"])
        #expect(yard.counters.total("oxbow_events_total", where: ["outcome": "rate"]) == 3)
    }

    @Test("R15: effects ask for a pinned key; one seen first is told so and runs nothing")
    func trust() async throws {
        let bot = """
            allow: ["*"]
            handlers:
              - {element: body, swift: test, effects: true}
            """
        let yard = try Yard([bot], modules: .script { try await $1.reply("ran " + ($0.trust?.rawValue ?? "nobody")) })
        try await yard.running {
            for source in [Pin.Source.firstSight, .blind, .operatorSaid, .configuration] {
                let number = try await yard.receive("x", trust: source)
                #expect(await yard.journal.end(of: number) == .done)
            }
        }
        #expect(yard.mailbox.all.map(\.text) == [Answers.untrusted, Answers.untrusted, "ran operator", "ran configuration"])
    }

    @Test("R18: an element whose pattern ran into its limits is refused, and no later handler gets it")
    func matchLimit() async throws {
        let bot = """
            allow: ["*"]
            handlers:
              - {element: body, match: '^(a+)+$', swift: test}
              - {element: body, swift: test}
            """
        let yard = try Yard([bot], modules: .script { try await $1.reply("ran") })
        try await yard.running {
            let number = try await yard.receive(String(repeating: "a", count: 40) + "!")
            #expect(await yard.journal.end(of: number) == .done)
        }
        #expect(yard.mailbox.all.isEmpty)
        #expect(yard.counters.total("oxbow_dispatch_total", where: ["reason": "match-limit"]) == 1)
    }

    @Test("R2: an attempt is on disk before its handler begins: on a full disk it waits, others go on, and order is kept")
    func attempted() async throws {
        let clock = ManualClock()
        let yard = try Yard([Self.everything], modules: .script { try await $1.reply("ran " + $0.text) }, clock: clock)
        await yard.journal.fail(at: .attempted(number: 1))
        try await yard.running {
            try await yard.receive("1")
            let second = try await yard.receive("2")
            let other = try await yard.receive("3", from: "bob@localhost/a")
            #expect(await yard.journal.end(of: other) == .done)
            await clock.sleepers(1)
            #expect(try await yard.journal.unfinished(account: yard.account).map(\.number) == [1, 2])
            await yard.journal.fail(at: nil)
            clock.advance(by: .seconds(1))
            #expect(await yard.journal.end(of: second) == .done)
        }
        #expect(yard.mailbox.all.map(\.text) == ["ran 3", "ran 1", "ran 2"])
        #expect(yard.counters.total("oxbow_dispatch_total", where: ["reason": "journal"]) == 1)
    }

    @Test("R2: an event whose end can't be journalled is not handled again, and is done as soon as the disk is mended")
    func endOnFullDisk() async throws {
        let clock = ManualClock()
        let yard = try Yard([Self.everything], modules: .script { try await $1.reply("ran " + $0.text) }, clock: clock)
        await yard.journal.fail(at: .done(number: 1))
        try await yard.running {
            let first = try await yard.receive("1")
            await clock.sleepers(1)
            await yard.journal.fail(at: nil)
            clock.advance(by: .seconds(1))
            #expect(await yard.journal.end(of: first) == .done)
        }
        #expect(yard.mailbox.all.map(\.text) == ["ran 1"])
    }

    @Test("R2: a message that was begun five times becomes a dead letter that the admins hear of")
    func deadLetter() async throws {
        let yard = try Yard([Self.everything], modules: .script { try await $1.reply("ran") })
        try await yard.running {
            let fifth = try await yard.receive("x", attempts: 4)
            #expect(await yard.journal.end(of: fifth) == .done)
            let sixth = try await yard.receive("x", attempts: 5)
            #expect(await yard.journal.end(of: sixth) == .dead)
        }
        #expect(yard.mailbox.all.map(\.text) == ["ran"])
        #expect(yard.admins.all.count == 1)
        #expect(yard.admins.all.first?.contains("alice@localhost") == true)
    }

    @Test("A shutdown lets what has begun come to its end within the grace")
    func grace() async throws {
        let (gate, begun) = (Gate(), Gate())
        let clock = ManualClock()
        let yard = try Yard(
            [Self.everything],
            modules: .script { event, context in
                begun.open()
                await gate.wait()
                try await context.reply(event.text)
            },
            clock: clock
        )
        try await yard.receive("begun")
        try await yard.receive("not begun")
        await withTaskGroup { group in
            group.addTask { await yard.dispatcher.run() }
            await begun.wait()
            group.addTask { await yard.dispatcher.shutdown(grace: .seconds(5)) }
            // The handler's time limit and the grace.
            await clock.sleepers(2)
            gate.open()
        }
        #expect(yard.mailbox.all.map(\.text) == ["begun"])
        #expect(try await yard.journal.unfinished(account: yard.account).map(\.number) == [2])
    }

    @Test("A dispatcher that is shut down before it runs, or twice, comes to its end")
    func earlyShutdown() async throws {
        let yard = try Yard([Self.everything], modules: .script { _, _ in })
        await yard.dispatcher.shutdown(grace: .seconds(1))
        await yard.dispatcher.run()
        await yard.dispatcher.shutdown(grace: .seconds(1))
    }

    @Test("R2: what a shutdown interrupts stays in the journal")
    func shutdown() async throws {
        let (gate, begun) = (Gate(), Gate())
        let yard = try Yard(
            [Self.everything],
            modules: .script { event, context in
                begun.open()
                if event.text == "stuck" { await Gate().wait() } else { await gate.wait() }
                try Task.checkCancellation()
                try await context.reply(event.text)
            }
        )
        try await yard.running {
            try await yard.receive("stuck", from: "alice@localhost/a")
            try await yard.receive("never begun", from: "alice@localhost/a")
            await begun.wait()
            let quick = try await yard.receive("quick", from: "bob@localhost/a")
            gate.open()
            #expect(await yard.journal.end(of: quick) == .done)
        }
        #expect(try await yard.journal.unfinished(account: yard.account).map(\.number) == [1, 2])
        #expect(yard.mailbox.all.map(\.text) == ["quick"])
        let message = try Yard.message([], from: "alice@localhost", account: yard.account, trust: .firstSight)
        #expect(yard.dispatcher.dispatch(message, journalNumber: 99) == .ignored)
    }

    @Test("A flood: whoever has more than there is room for waits, one sender leaves room for others, and order is kept")
    func room() async throws {
        let (gate, begun) = (Gate(), Gate())
        let yard = try Yard(
            [Self.everything],
            modules: .script { event, context in
                begun.open()
                await gate.wait()
                try await context.reply(event.text)
            },
            limits: DispatchLimits(held: 6, ofSender: 4, senders: 3)
        )
        let (alice, bob) = (try #require(Address("alice@localhost")), try #require(Address("bob@localhost")))
        try await yard.running {
            let flood = Task {
                var most = 0
                for index in 0..<50 {
                    await yard.dispatcher.room(for: alice)
                    try await yard.receive("\(index)")
                    most = max(most, yard.dispatcher.heldCount)
                }
                return most
            }
            await begun.wait()
            await yard.dispatcher.room(for: bob)
            try await yard.receive("bob", from: "bob@localhost/a")
            let message = try Yard.message([], from: "alice@localhost", account: yard.account, trust: .firstSight)
            #expect(yard.dispatcher.dispatch(message, journalNumber: 1) == .ignored)
            gate.open()
            #expect(try await flood.value <= 6)
            #expect(await yard.journal.end(of: 51) == .done)
            #expect(yard.mailbox.all.map(\.text).filter { $0 != "bob" } == (0..<50).map { "\($0)" })
            #expect(yard.mailbox.all.count == 51)
        }
    }

    @Test("R18: a handler sends to strangers only within send_to; R5: no payload that speaks for the stanza leaves")
    func sending() async throws {
        let bot = """
            allow: ["*"]
            send_to: ["ops@localhost"]
            handlers: [{element: body, swift: test}]
            """
        let errors = Told()
        let yard = try Yard(
            [bot],
            modules: .script { _, context in
                let friend = try #require(Address("ops@localhost/x"))
                let stranger = try #require(Address("other@localhost"))
                try await context.send("hello", to: friend)
                do { try await context.send("hello", to: stranger) } catch let error as HandlerError { errors.tell("\(error.code)") }
                let smuggled = [
                    Element("delay", Namespace.delay), Element("openpgp", Namespace.openPGP), Element("error", Namespace.client),
                    Element("x", ""), Element("x", "urn:x", [:], [Element("forwarded", Namespace.forward)]),
                ]
                for element in smuggled {
                    do { try await context.reply([element]) } catch let error as HandlerError { errors.tell("\(error.code)") }
                }
            }
        )
        try await yard.running {
            let number = try await yard.receive("x")
            #expect(await yard.journal.end(of: number) == .done)
        }
        #expect(yard.mailbox.all.map(\.to.description) == ["ops@localhost/x"])
        #expect(errors.all == ["not-allowed", "payload", "payload", "payload", "payload", "payload"])
    }

    @Test("Help lists what the asker may use, and nothing else")
    func commands() async throws {
        let bot = """
            allow: ["*"]
            handlers:
              - {element: body, match: '^!a', usage: "!a", summary: for all, swift: test}
              - {element: body, match: '^!b', usage: "!b", summary: for bob, allow: ["bob@localhost"], swift: test}
              - {element: body, match: '^!c', usage: "!c", summary: with effects, effects: true, swift: test}
              - {element: body, match: '^!d', swift: test}
            """
        let yard = try Yard(
            [bot],
            modules: .script { _, context in
                try await context.reply(await context.commands().map { "\($0.bot) \($0.usage): \($0.summary)" }.joined(separator: ", "))
            }
        )
        try await yard.running {
            try await yard.receive("!a", from: "alice@localhost/a")
            #expect(await yard.mailbox.nextText() == "bot0 !a: for all")
            try await yard.receive("!a", from: "bob@localhost/a", trust: .operatorSaid)
            #expect(await yard.mailbox.nextText() == "bot0 !a: for all, bot0 !b: for bob, bot0 !c: with effects")
        }
    }

    @Test("A module that is missing or refuses its settings fails its own events only")
    func brokenModule() async throws {
        struct Refused: Error {}
        var modules = SwiftModules.script { try await $1.reply("ran") }
        modules.register("picky") { _ in throw Refused() }
        let bot = """
            allow: ["*"]
            handlers:
              - {element: body, match: '^1', swift: missing}
              - {element: body, match: '^2', swift: picky}
              - {element: body, swift: test}
            """
        let yard = try Yard([bot], modules: modules)
        try await yard.running {
            for text in ["1", "2", "3"] { try await yard.receive(text) }
            for text in [Answers.failed, Answers.failed, "ran"] { #expect(await yard.mailbox.nextText() == text) }
        }
    }
}
