import Delivery
import Testing
import XML
import XMPP

@testable import Oxbow

/// Events of our own: journalled like messages, handled once, and not to be had from outside (R2).
@Suite(.timeLimit(.minutes(2))) struct OccasionTests {
    private static let schedule = Element("schedule", "urn:oxbow:schedule:0", ["name": "nightly", "time": "1700000000"])
    private static let bot = """
        allow: ["*@localhost"]
        send_to: [team@localhost]
        handlers:
          - {element: "{urn:oxbow:schedule:0}schedule", swift: test}
          - {element: body, swift: test}
        """

    private func occasion(_ id: String = "nightly 1", bot: String = "bot") -> Occasion {
        Occasion(id: id, bot: bot, time: Yard.now, element: Self.schedule)
    }

    @discardableResult
    private func record(_ occasion: Occasion, in yard: InboxYard) async throws -> Int64? {
        let verdict = try await yard.store.record(
            account: yard.account,
            hash: occasion.hash,
            stanza: occasion.stanza,
            arrived: occasion.time
        )
        if case .recorded(let number) = verdict { return number } else { return nil }
    }

    @Test("It is read from the journal as it was written; a message is never taken for one")
    func stanza() throws {
        let occasion = occasion()
        #expect(Occasion(occasion.stanza) == occasion)
        let inside = Element("message", Namespace.client, ["from": "eve@localhost"], [occasion.stanza])
        #expect(Occasion(inside) == nil)
        #expect(Message(occasion.stanza, account: try #require(Address("bot@localhost"))) == nil)
        #expect(
            Occasion(id: "x", bot: "bot", time: 1, element: Element("body", Namespace.client)).problem?.contains("urn:oxbow:schedule:0")
                == true
        )
        #expect(Occasion(id: "", bot: "bot", time: 1, element: Self.schedule).problem != nil)
        #expect(Occasion(id: "x", bot: "", time: 1, element: Self.schedule).problem != nil)
    }

    @Test("What was recorded before the start, and what is recorded while messages come, is handled once each")
    func once() async throws {
        let seen = Told()
        let yard = try await InboxYard(bot: Self.bot) { event, _ in
            #expect(event.isOwn == (event.element.local == "schedule"))
            seen.tell(event.isOwn ? "own" : event.text)
        }
        let first = try #require(try await record(occasion("1"), in: yard))
        try await yard.running {
            #expect(await yard.store.end(of: first) == .done)
            try await yard.arrive("hello")
            #expect(await yard.store.end(of: 2) == .done)
            let second = try #require(try await record(occasion("2"), in: yard))
            // A message that was recorded later may be entered earlier.
            try await yard.arrive("after")
            #expect(await yard.store.end(of: second + 1) == .done)
            await yard.inbox.found(second)
            await yard.inbox.found(second)
            #expect(await yard.store.end(of: second) == .done)
            await yard.inbox.found(second)
            #expect(try await record(occasion("2"), in: yard) == nil, "an id is given once")
            try await yard.arrive("last")
            #expect(await yard.store.end(of: second + 2) == .done)
        }
        #expect(seen.all.filter { $0 == "own" }.count == 2)
        #expect(seen.all.filter { $0 != "own" } == ["hello", "after", "last"])
    }

    @Test("R2: what was begun when the process ended is handled by the next one; its messages have the same ids")
    func crash() async throws {
        let stuck = Gate()
        let began = Gate()
        let yard = try await InboxYard(bot: Self.bot) { _, _ in
            began.open()
            await stuck.wait()
            try Task.checkCancellation()
        }
        let number = try #require(try await record(occasion(), in: yard))
        try await yard.running { await began.wait() }
        #expect(await yard.store.attempts == [number])
        let next = try await InboxYard(after: yard, bot: Self.bot) { event, context in
            let team = try #require(Address("team@localhost"))
            try await context.send("\(event.element["name"] ?? "")", to: team)
        }
        try await next.running { #expect(await next.store.end(of: number) == .done) }
        #expect(next.mailbox.all.map(\.text) == ["nightly"])
        #expect(await next.store.attempts == [number, number])
    }

    @Test("Nobody is answered: a reply says so, failures go nowhere, and send_to names who may hear")
    func nobody() async throws {
        let errors = Told()
        let yard = try await InboxYard(bot: Self.bot) { event, context in
            do {
                try await context.reply("hello")
            } catch let error as HandlerError {
                errors.tell(error.code.description)
            }
            let stranger = try #require(Address("stranger@localhost"))
            await #expect(throws: HandlerError.self) { try await context.send("x", to: stranger) }
            throw HandlerError(.unavailable, "as told")
        }
        let number = try #require(try await record(occasion(), in: yard))
        try await yard.running { #expect(await yard.store.end(of: number) == .done) }
        #expect(errors.all == ["nobody"])
        #expect(yard.mailbox.all.isEmpty)
        #expect(yard.counters.value("oxbow_events_total", ["account": "bot@localhost", "bot": "bot", "outcome": "failed"]) == 1)
        #expect(yard.counters.histograms.map(\.key.name) == ["oxbow_handler_seconds"])
    }

    @Test("Only the bot that is named gets it; without one it is counted as unhandled")
    func named() async throws {
        let yard = try await InboxYard(bot: Self.bot) { _, _ in Issue.record("not this bot") }
        let number = try #require(try await record(occasion(bot: "other"), in: yard))
        try await yard.running { #expect(await yard.store.end(of: number) == .done) }
        #expect(yard.counters.total("oxbow_dispatch_total", where: ["reason": "unhandled"]) == 1)
    }

    @Test("A schedule's element in somebody's message reaches no handler")
    func forged() async throws {
        let yard = try Yard([Self.bot], modules: .script { event, context in try await context.reply(event.element.local) })
        try await yard.running {
            try await yard.receive([Self.schedule])
            try await yard.receive("hello")
            #expect(await yard.mailbox.nextText() == "body")
        }
        #expect(yard.mailbox.all.count == 1)
        #expect(yard.counters.total("oxbow_dispatch_total", where: ["reason": "unhandled"]) == 1)
    }
}
