import Delivery
import OX
import OpenPGP
import Testing
import XMPP

@testable import Oxbow

/// The inbound road when something fails, when much waits, and when the process ends (R2, A30).
@Suite struct InboxTests {
    @Test(
        "R2, A30: what fails by our fault is tried again until it works; the sender's order is kept, and others don't wait",
        arguments: [OpenPGPError.Code.unavailable, .keyring, .passphrase]
    )
    func ours(_ code: OpenPGPError.Code) async throws {
        let yard = try await InboxYard()
        yard.engine.fail("1", Array(repeating: code, count: 12))
        try await yard.running {
            try await yard.arrive("1")
            try await yard.arrive("2")
            try await yard.arrive("other", from: "bob@localhost/desk")
            #expect(await yard.store.end(of: 3) == .done)
            #expect(yard.mailbox.all.map(\.text) == ["other"])
            for _ in 0..<12 {
                await yard.clock.sleepers(1)
                yard.advance(60)
            }
            #expect(await yard.store.end(of: 1) == .done)
            #expect(await yard.store.end(of: 2) == .done)
        }
        #expect(yard.mailbox.all.map(\.text) == ["other", "1", "2"])
        #expect(yard.counters.total("oxbow_refused_total", where: ["reason": "failure"]) == 12)
        #expect(yard.counters.total("oxbow_refused_total") == 12)
        #expect(yard.admins.all.isEmpty)
        // The handler's one start, and nothing for the failures.
        #expect(await yard.store.attempts.filter { $0 == 1 }.count == 1)
    }

    @Test("A30: a key that can't be looked up says nothing about the message")
    func keyring() async throws {
        let yard = try await InboxYard()
        yard.engine.failKeyring(OpenPGPError(.keyring, "gone"))
        try await yard.running {
            try await yard.arrive("1")
            await yard.clock.sleepers(1)
            yard.engine.failKeyring(nil)
            yard.advance(1)
            #expect(await yard.store.end(of: 1) == .done)
        }
        #expect(yard.mailbox.all.map(\.text) == ["1"])
    }

    @Test(
        "R2: a message that always takes too long is begun five times, also across restarts; then it is a dead letter that an admin hears of",
        arguments: [OpenPGPError.Code.timedOut, .engine]
    )
    func unclear(_ code: OpenPGPError.Code) async throws {
        let yard = try await InboxYard()
        yard.engine.fail("bomb", Array(repeating: code, count: 100))
        try await yard.running {
            try await yard.arrive("bomb")
            try await yard.arrive("after")
            try await yard.arrive("other", from: "bob@localhost/desk")
            #expect(await yard.store.end(of: 3) == .done)
            for pause: Int64 in [5, 60] {
                await yard.clock.sleepers(1)
                yard.advance(pause)
            }
            await yard.clock.sleepers(1)
        }
        #expect(yard.engine.opened.filter { $0 == "bomb" }.count == 3)
        let next = try await InboxYard(after: yard)
        try await next.running {
            // Its fourth run is the first of this process.
            await next.clock.sleepers(1)
            next.advance(900)
            #expect(await next.store.end(of: 1) == .dead)
            #expect(await next.store.end(of: 2) == .done)
        }
        #expect(yard.engine.opened.filter { $0 == "bomb" }.count == 5)
        #expect(next.admins.all.count == 1 && next.admins.all.first?.contains("alice@localhost") == true)
        #expect(next.counters.total("oxbow_dispatch_total", where: ["reason": "dead"]) == 1)
        #expect(yard.mailbox.all.map(\.text) == ["other"] && next.mailbox.all.map(\.text) == ["after"])
    }

    @Test("R1, R2: what can't be opened by our fault is given up when no delay could explain its age any more, and an admin hears of it")
    func tooLong() async throws {
        let yard = try await InboxYard()
        yard.engine.fail("1", Array(repeating: .unavailable, count: 3))
        try await yard.running {
            try await yard.arrive("1")
            await yard.clock.sleepers(1)
            yard.advance(7 * 86_400)
            await yard.clock.sleepers(1)
            yard.advance(60)
            #expect(await yard.store.end(of: 1) == .dead)
        }
        #expect(yard.admins.all.count == 1)
    }

    @Test(
        "What says something about the message is final at once",
        arguments: [
            OpenPGPError.Code.malformed, .notEncrypted, .noSecretKey, .integrity, .tooBig, .badKey, .unusableKey,
        ]
    )
    func refused(_ code: OpenPGPError.Code) async throws {
        let yard = try await InboxYard()
        yard.engine.fail("1", [code])
        try await yard.running {
            try await yard.arrive("1")
            #expect(await yard.store.end(of: 1) == .done)
            try await yard.arrive("2")
            #expect(await yard.store.end(of: 2) == .done)
        }
        #expect(yard.engine.opened == ["1", "2"])
        #expect(yard.mailbox.all.map(\.text) == ["2"])
    }

    @Test("R12: what arrives while the disk is busy is one transaction; at most 64 wait for it, and each is told when it is safe")
    func batches() async throws {
        let yard = try await InboxYard()
        let disk = Gate()
        await yard.store.hold(disk)
        try await yard.running {
            try await yard.arrive("0")
            while await yard.store.batches.isEmpty { await Task.yield() }
            async let flood: Void = {
                for number in 1...199 { try await yard.arrive("\(number)") }
            }()
            while await yard.inbox.unrecordedCount < 64 { await Task.yield() }
            #expect(yard.fates.recorded == 0)
            disk.open()
            try await flood
            for number in 1...200 { #expect(await yard.store.end(of: Int64(number)) == .done) }
        }
        let batches = await yard.store.batches
        #expect(batches.reduce(0, +) == 200)
        #expect(batches.max() == 64 && batches.prefix(2) == [1, 64])
        #expect(yard.fates.recorded == 200 && yard.fates.lost == 0)
        #expect(yard.mailbox.all.map(\.text) == (0..<200).map { "\($0)" })
    }

    @Test("A disk that fails: nothing is counted before it is written, and what had been written all the same is handled once")
    func failingDisk() async throws {
        let yard = try await InboxYard()
        await yard.store.fail([.before, .after])
        try await yard.running {
            try await yard.arrive("1")
            for pause: Int64 in [1, 2] {
                await yard.clock.sleepers(1)
                #expect(yard.fates.recorded == 0)
                yard.advance(pause)
            }
            #expect(await yard.store.end(of: 1) == .done)
            try await yard.arrive("2")
            #expect(await yard.store.end(of: 2) == .done)
        }
        #expect(yard.mailbox.all.map(\.text) == ["1", "2"])
        #expect(yard.fates.recorded == 2)
        #expect(yard.counters.total("oxbow_journal_errors_total") == 2)
    }

    @Test("What could not be written when the account stops stays with the server")
    func stopped() async throws {
        let yard = try await InboxYard()
        await yard.store.fail(Array(repeating: .before, count: 10))
        try await yard.running {
            try await yard.arrive("1")
            await yard.clock.sleepers(1)
        }
        #expect(yard.fates.lost == 1 && yard.fates.recorded == 0)
        try await yard.arrive("2")
        #expect(yard.fates.lost == 2)
    }

    @Test("R2: after a restart thousands wait: they are read by pages, few are in memory, the order of each sender is kept")
    func restart() async throws {
        let (gate, begun) = (Gate(), Gate())
        let yard = try await InboxYard(
            limits: Inbox.Limits(held: 8, opening: 4, page: 32),
            dispatch: DispatchLimits(held: 12, ofSender: 3, senders: 8)
        ) { event, context in
            begun.open()
            await gate.wait()
            try await context.reply(event.text)
        }
        let names = ["alice", "bob", "carol"]
        let before = (0..<3000).map { (text: "\(names[$0 % 3]) \($0)", sender: "\(names[$0 % 3])@localhost/x") }
        try await yard.recordBefore(before)
        try await yard.running {
            await begun.wait()
            try await yard.arrive("alice live", from: "alice@localhost/x")
            // Each sender's handler is at work, and what it may have in memory beside is there; the rest is numbers.
            while await yard.inbox.waitingCount < 3001 - 9 { await Task.yield() }
            while yard.dispatcher.heldCount < 9 { await Task.yield() }
            #expect(yard.dispatcher.heldCount == 9)
            #expect(await yard.inbox.heldCount <= 8)
            #expect(yard.engine.opened.count <= 9)
            gate.open()
            for number in 1...3001 { #expect(await yard.store.end(of: Int64(number)) == .done) }
        }
        #expect(await yard.store.mostRead <= 32)
        #expect(yard.engine.mostAtOnce <= 4)
        for name in names {
            var expected = before.map(\.text).filter { $0.hasPrefix(name) }
            if name == "alice" { expected.append("alice live") }
            #expect(yard.mailbox.all.compactMap(\.text).filter { $0.hasPrefix(name) } == expected)
        }
        #expect(yard.engine.opened.count == 3001, "each was opened once")
    }

    @Test("R1, R2: a restored backup: neither what was unfinished in it runs again, nor what the archive or a sender shows again")
    func restored() async throws {
        let yard = try await InboxYard(birth: Yard.now + 3600)
        try await yard.recordBefore([("perhaps done since", "alice@localhost/x")])
        try await yard.running {
            #expect(await yard.store.end(of: 1) == .done)
            // The backup knows nothing of what came after it.
            try await yard.arrive("done after the backup")
            #expect(await yard.store.end(of: 2) == .done)
        }
        #expect(yard.mailbox.all.isEmpty)
        #expect(yard.counters.total("oxbow_refused_total", where: ["reason": "stale"]) == 2)
    }

    @Test("R2: what is done doesn't begin again after a restart, and neither does it when it arrives again")
    func done() async throws {
        let yard = try await InboxYard()
        try await yard.running {
            try await yard.arrive("1")
            #expect(await yard.store.end(of: 1) == .done)
        }
        let next = try await InboxYard(after: yard)
        try await next.running {
            try await next.arrive("1")
            try await next.arrive("1", from: "alice@localhost/other")
            try await next.arrive("2")
            #expect(await next.store.end(of: 2) == .done)
        }
        #expect(next.mailbox.all.map(\.text) == ["2"])
        #expect(next.counters.total("oxbow_refused_total", where: ["reason": "replay"]) == 2)
    }

    @Test("One who floods a slow handler holds up nobody else")
    func slowHandler() async throws {
        let gate = Gate()
        let yard = try await InboxYard(dispatch: DispatchLimits(held: 20, ofSender: 4)) { event, context in
            if event.text.hasPrefix("slow") { await gate.wait() }
            try await context.reply(event.text)
        }
        try await yard.running {
            for number in 0..<500 { try await yard.arrive("slow \(number)") }
            for number in 0..<50 { try await yard.arrive("\(number)", from: "bob@localhost/desk") }
            for number in 0..<50 { #expect(await yard.store.end(of: Int64(501 + number)) == .done) }
            #expect(yard.dispatcher.heldCount <= 4)
            #expect(await yard.inbox.heldCount <= 256)
            gate.open()
            #expect(await yard.store.end(of: 500) == .done)
        }
    }
}

/// Numbers and a bounded part of the messages.
@Suite struct OpeningLanesTests {
    @Test("100,000 that wait are numbers: messages and bytes in memory are bounded, and the order is kept")
    func bounds() throws {
        var lanes = OpeningLanes<String>(messages: 100, bytes: 1000)
        let (one, two) = (try #require(Address("a@x")), try #require(Address("b@x")))
        for number in 1...100_000 {
            let isFirst = lanes.add(Int64(number), from: number % 2 == 0 ? one : two, content: "\(number)", bytes: 20)
            #expect(isFirst == (number <= 2))
        }
        #expect(lanes.count == 100_000 && lanes.held.messages == 50 && lanes.held.bytes == 1000)
        var seen: [Int64] = []
        while let turn = lanes.turn(of: one) {
            #expect(turn.content == (turn.number <= 50 ? "\(turn.number)" : nil))
            seen.append(turn.number)
            lanes.finished(one)
        }
        #expect(seen == (1...50_000).map { Int64($0 * 2) })
        #expect(lanes.count == 50_000 && lanes.held.messages == 25 && lanes.held.bytes == 500)
        lanes.unload(two)
        #expect(lanes.count == 50_000 && lanes.held.messages == 0 && lanes.held.bytes == 0)
        let first = lanes.turn(of: two)
        #expect(first?.number == 1 && first?.content == nil)
    }

    @Test("A turn that failed comes again, out of the journal; an empty lane begins anew")
    func again() throws {
        var lanes = OpeningLanes<String>(messages: 10, bytes: 100)
        let one = try #require(Address("a@x"))
        let isFirst = lanes.add(1, from: one, isLive: true, content: "x", bytes: 1)
        let turn = lanes.turn(of: one)
        #expect(isFirst && turn?.content == "x")
        let again = lanes.turn(of: one)
        #expect(again?.number == 1 && again?.isLive == true && again?.content == nil)
        lanes.finished(one)
        let none = lanes.turn(of: one)
        #expect(none?.number == nil)
        lanes.finished(one)
        let isAnew = lanes.add(2, from: one)
        #expect(isAnew)
        #expect(lanes.count == 1)
    }
}

/// What follows from a failure.
@Suite struct OpeningPlanTests {
    @Test("R2: five runs where the fault is unclear; where it is ours, until no delay explains the age")
    func verdicts() {
        let plan = OpeningPlan(patience: 1000)
        #expect(
            (1...5).map { plan.verdict(.unclear, begun: $0, failures: $0, age: 0) } == [
                .retry(after: .seconds(5)), .retry(after: .seconds(60)), .retry(after: .seconds(300)), .retry(after: .seconds(900)), .dead,
            ]
        )
        #expect(
            [1, 2, 3, 6, 7, 100].map { plan.verdict(.ours, begun: 1, failures: $0, age: 1000) } == [
                .retry(after: .seconds(1)), .retry(after: .seconds(2)), .retry(after: .seconds(4)), .retry(after: .seconds(32)),
                .retry(after: .seconds(60)), .retry(after: .seconds(60)),
            ]
        )
        #expect(plan.verdict(.ours, begun: 1, failures: 1, age: 1001) == .dead)
    }

    @Test("A row of the journal that can't be read hides only itself")
    func damaged() async throws {
        let yard = try await InboxYard()
        try await yard.recordBefore([("1", "alice@localhost/a"), ("2", "alice@localhost/a"), ("3", "bob@localhost/b")])
        await yard.store.damage(2)
        try await yard.running {
            #expect(await yard.store.end(of: 1) == .done)
            #expect(await yard.store.end(of: 3) == .done)
        }
        #expect(Set(yard.mailbox.all.map(\.text)) == ["1", "3"])
        #expect(yard.counters.value("oxbow_journal_damaged_total", ["account": "bot@localhost"]) == 1)
    }
}
