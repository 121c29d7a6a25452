import Synchronization
import Testing
import XMPP

@testable import Alerting

/// Whole ways through the desk, with a carrier in memory.
@Suite struct AlertDeskTests {
    @Test("A request becomes messages in one batch; its repeat becomes nothing (R28)") func tells() async throws {
        let bench = DeskBench()
        try await bench.running {
            let outcome = try await bench.receive("ops", DeskBench.webhook(["db-1"]))
            #expect(outcome == .told(messages: 2, conversation: 1))
            #expect(try await bench.receive("ops", DeskBench.webhook(["db-1"])) == .repeated)
            #expect(try bench.carrier.lines() == ["ada: #1 FIRING warning: DiskFull", "bob: #1 FIRING warning: DiskFull"])
            #expect(bench.ear["oxbow_alerts_total{outcome=told,route=ops}"] == 1)
            #expect(bench.ear["oxbow_alerts_total{outcome=repeated,route=ops}"] == 1)
            #expect(bench.ear["oxbow_alert_messages_total{account=alerts@example.org}"] == 2)
        }
        // Ids are logged, and nothing of what was said.
        #expect(bench.ear.log.contains("messages") && !bench.ear.log.contains("DiskFull") && !bench.ear.log.contains("db-1"))
    }

    @Test("What can't be accepted never was: the same request again makes the same ids, once") func failedCommit() async throws {
        let bench = DeskBench()
        try await bench.running {
            try await bench.receive("ops", DeskBench.webhook(["db-0"]))
            let before = try bench.carrier.state.withLock { try #require($0.accounts[try address("alerts@example.org")]) }
            bench.carrier.state.withLock { $0.failures = 1 }
            let error = await #expect(throws: HookError.self) { try await bench.receive("ops", DeskBench.webhook(["db-0"], over: ["x"])) }
            #expect(error?.code == .unavailable && error?.code.status == 503)
            #expect(try bench.carrier.lines().count == before.postings.count)
            #expect(bench.ear["oxbow_alerts_total{outcome=unavailable,route=ops}"] == 1)
            #expect(try await bench.receive("pager", DeskBench.json("Door")) == .told(messages: 1, conversation: 2))
        }
        // Without the failure.
        let smooth = DeskBench()
        try await smooth.running {
            try await smooth.receive("ops", DeskBench.webhook(["db-0"]))
            try await smooth.receive("pager", DeskBench.json("Door"), delivery: "1")
        }
        #expect(try smooth.carrier.lines() == bench.carrier.lines())
    }

    @Test("A failure and its retry give the ids that one try gives") func sameIDs() async throws {
        let (bumpy, smooth) = (DeskBench(), DeskBench())
        let account = try address("alerts@example.org")
        for (bench, failures) in [(bumpy, 2), (smooth, 0)] {
            try await bench.running {
                // Settings and roots are on disk first.
                try await bench.tick()
                bench.carrier.state.withLock { $0.failures = failures }
                for _ in 0..<failures {
                    await #expect(throws: HookError.self) { try await bench.receive("ops", DeskBench.webhook(["db-1"])) }
                }
                try await bench.receive("ops", DeskBench.webhook(["db-1"]))
            }
        }
        let ids = [bumpy, smooth].map { $0.carrier.state.withLock { $0.accounts[account]?.postings.map(\.id) } }
        #expect(ids[0] == ids[1] && ids[0]?.count == 2)
    }

    @Test("Only what can't be written fails; what waited with it is accepted") func poison() async throws {
        let bench = DeskBench()
        bench.carrier.state.withLock { $0.poison = "Cursed" }
        let account = try address("alerts@example.org")
        try await bench.running {
            try await bench.tick()
            bench.carrier.hold(account)
            async let first = bench.receive("pager", DeskBench.json("First", group: "1"))
            await bench.carrier.waits()
            // These wait, and come in one batch.
            async let second = bench.receive("pager", DeskBench.json("Second", group: "2"))
            async let third = { () async -> HookError? in
                do throws(HookError) { _ = try await bench.receive("pager", DeskBench.json("Cursed", group: "3")) } catch { return error }
                return nil
            }()
            let own = try #require(await bench.desk.account(account))
            while await own.waiting < 2 { await Task.yield() }
            bench.carrier.release(account)
            #expect(try await first == .told(messages: 1, conversation: 1))
            guard case .told = try await second else { return #expect(Bool(false), "not told") }
            #expect(await third?.code == .unavailable)
        }
        let lines = try bench.carrier.lines()
        #expect(lines.count == 2 && lines.contains { $0.hasSuffix("Second") })
    }

    @Test("A new process goes on where the book stands, and knows what was told") func restart() async throws {
        let first = DeskBench()
        try await first.running {
            try await first.receive("ops", DeskBench.webhook(["db-1"]))
            try await first.say("ack 1 on my way", by: "bob", id: "1")
        }
        let second = DeskBench(carrier: first.carrier, at: Desk.start + 60)
        try await second.running {
            #expect(try await second.receive("ops", DeskBench.webhook(["db-1"])) == .repeated)
            let report = await second.desk.report()
            #expect(report.open == 1)
            let one = try #require(report.conversations.first)
            #expect(one.number == 1 && one.state == "acknowledged" && one.acknowledgedBy == "bob" && one.severity == "warning")
            #expect(one.route == "ops" && one.told == 2 && one.title.contains("DiskFull"))
            try await second.receive("ops", DeskBench.webhook([], over: ["db-1"]))
            #expect(try await second.receive("pager", DeskBench.json("Door")) == .told(messages: 1, conversation: 2))
        }
        #expect(try first.carrier.lines().suffix(3).first?.hasPrefix("ada: #1 RESOLVED") == true)
    }

    @Test("A slow store of one account holds up no other; events of one keep their order") func beside() async throws {
        let bench = DeskBench()
        let account = try address("alerts@example.org")
        try await bench.running {
            try await bench.tick()
            bench.carrier.hold(account)
            async let slow = bench.receive("pager", DeskBench.json("Slow"))
            await bench.carrier.waits()
            #expect(try await bench.receive("other", DeskBench.json("Fast")) == .told(messages: 1, conversation: 1))
            #expect(try bench.carrier.lines().isEmpty)
            bench.carrier.release(account)
            #expect(try await slow == .told(messages: 1, conversation: 1))
        }
        #expect(try bench.carrier.lines("second@example.org") == ["carol: #1 FIRING: Fast"])
    }

    @Test("What waits shares a batch") func together() async throws {
        let bench = DeskBench()
        let account = try address("alerts@example.org")
        try await bench.running {
            try await bench.tick()
            bench.carrier.hold(account)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await bench.receive("pager", DeskBench.json("First", group: "0")) }
                await bench.carrier.waits()
                for index in 1...10 {
                    group.addTask { try await bench.receive("pager", DeskBench.json("Next", status: "note", group: "\(index)")) }
                }
                let own = try #require(await bench.desk.account(account))
                while await own.waiting < 10 { await Task.yield() }
                let before = bench.carrier.state.withLock { $0.accounts[account]?.batches ?? 0 }
                bench.carrier.release(account)
                try await group.waitForAll()
                #expect(bench.carrier.state.withLock { $0.accounts[account]?.batches ?? 0 } == before + 2)
            }
        }
        #expect(try bench.carrier.lines().count == 11)
    }

    @Test("Nobody acknowledges: the next are told when the time has come") func escalates() async throws {
        let bench = DeskBench()
        try await bench.running {
            try await bench.receive("pager", DeskBench.json("Door"))
            try await bench.tick()
            #expect(try bench.carrier.lines() == ["ada: #1 FIRING: Door"])
            #expect(await bench.desk.report().conversations.first?.escalates == Desk.start + 300)
            bench.time.advance(300)
            try await bench.tick()
            let lines = try bench.carrier.lines()
            #expect(lines.contains { $0.hasPrefix("bob: #1 (escalated to bob: not acknowledged for 5m)") }, "\(lines)")
        }
    }

    @Test("What the desk does by itself happens without anybody's tick") func time() async throws {
        let bench = DeskBench()
        try await bench.running {
            try await bench.receive("pager", DeskBench.json("Door"))
            bench.time.advance(300)
            // Anything that makes it look at the time.
            try await bench.configure()
            while try !bench.carrier.lines().contains(where: { $0.hasPrefix("bob:") }) { await Task.yield() }
        }
    }

    @Test("A reload: a route that is gone takes nothing, what is open stays") func reload() async throws {
        let bench = DeskBench()
        try await bench.running {
            try await bench.receive("ops", DeskBench.webhook(["db-1"]))
            #expect(await bench.desk.hook("ops") == HookDescription(route: "ops", source: "alertmanager", headers: []))
            let without = DeskBench.yaml.split(separator: "\n").filter { !$0.contains("    ops:") && !$0.contains("handover") }
            try await bench.configure(without.joined(separator: "\n"))
            #expect(await bench.desk.hook("ops") == nil)
            let error = await #expect(throws: HookError.self) { try await bench.receive("ops", DeskBench.webhook(["db-2"])) }
            #expect(error?.code == .unknownRoute && error?.code.status == 404)
            #expect(bench.ear["oxbow_alerts_total{outcome=unknown-route,route=}"] == 1)
            try await bench.say("list", id: "1")
            #expect(try bench.carrier.lines().last == "ada: #1 warning: DiskFull (0s)")
            #expect(await bench.desk.report().schedules.map(\.name) == ["report"])
        }
    }

    @Test("An account that the configuration doesn't name any more does nothing by itself, and goes on when it is named again")
    func gone() async throws {
        let bench = DeskBench()
        let second = try address("second@example.org")
        try await bench.running {
            #expect(try await bench.receive("other", DeskBench.json("Door")) == .told(messages: 1, conversation: 1))
            bench.carrier.state.withLock { $0.refusing = [second] }
            let route = "\n    other: {source: json, to: [carol], account: second@example.org}"
            #expect(DeskBench.yaml.contains(route))
            try await bench.configure(DeskBench.yaml.replacing(route, with: ""))
            let own = try #require(await bench.desk.account(second))
            _ = try? await own.hand(.otherMessage(Desk.contact("nobody")))
            #expect(await own.due == nil)
            bench.carrier.state.withLock { $0.refusing = [] }
            try await bench.configure()
            #expect(try await bench.receive("other", DeskBench.json("Door", status: "resolved")) == .told(messages: 1, conversation: 1))
            #expect(await own.due != nil)
        }
    }

    @Test("What a source refuses keeps its status, and counts") func refuses() async throws {
        let bench = DeskBench()
        try await bench.running {
            let error = await #expect(throws: HookError.self) { try await bench.receive("ops", DeskBench.request("{")) }
            #expect(error?.code.status == 400)
            #expect(bench.ear["oxbow_alerts_total{outcome=unreadable,route=ops}"] == 1)
        }
    }

    @Test("An idempotency key is the delivery of what tells no repeats itself") func idempotency() async throws {
        let bench = DeskBench()
        try await bench.running {
            try await bench.receive("pager", DeskBench.json("Done", status: "note"), delivery: "k1")
            #expect(try await bench.receive("pager", DeskBench.json("Done", status: "note"), delivery: "k1") == .repeated)
            #expect(
                try await bench.receive("pager", DeskBench.json("Done", status: "note"), delivery: "k2")
                    == .told(messages: 1, conversation: nil)
            )
            #expect(try await bench.receive("pager", DeskBench.json("Done", status: "note")) == .told(messages: 1, conversation: nil))
        }
    }

    @Test("A store that can't be read makes 503, and is read again") func unreadable() async throws {
        let bench = DeskBench()
        bench.carrier.state.withLock { $0.readFailures = 1 }
        try await bench.running {
            // The desk's own first look meets it, or this request does.
            var outcome: HookOutcome?
            while outcome == nil { outcome = try? await bench.receive("ops", DeskBench.webhook(["db-1"])) }
            #expect(outcome == .told(messages: 2, conversation: 1))
        }
        #expect(bench.ear.log.contains("can't be read"))
    }

    @Test("After its end nothing waits for ever") func over() async throws {
        let bench = DeskBench()
        try await bench.running { try await bench.receive("ops", DeskBench.webhook(["db-1"])) }
        let error = await #expect(throws: HookError.self) { try await bench.receive("ops", DeskBench.webhook(["db-2"])) }
        #expect(error?.code == .unavailable)
    }

    @Test("Schedules: messages go to their people, handlers hear of theirs") func schedules() async throws {
        // 18:14 on Saturday; nine and ten o'clock are on Sunday.
        let bench = DeskBench()
        try await bench.running {
            try await bench.tick()
            let report = await bench.desk.report()
            #expect(report.schedules.map(\.name) == ["handover", "report"])
            let next = try #require(report.schedules.first?.next)
            bench.time.advance(next - Desk.start + 3600)
            try await bench.tick()
            #expect(try bench.carrier.lines() == ["ada: Who has the pager?"])
            let occurrence = try #require(bench.carrier.state.withLock { $0.occurrences.first })
            #expect(occurrence.schedule == "report" && occurrence.handler == "weekly" && occurrence.at == next + 3600)
            #expect(bench.ear["oxbow_schedules_total{account=alerts@example.org,schedule=report}"] == 1)
            try await bench.tick()
            #expect(try bench.carrier.lines().count == 1)
        }
    }

    @Test("A schedule that can't be accepted holds up no escalation") func heldUp() async throws {
        let bench = DeskBench()
        try await bench.running {
            try await bench.receive("pager", DeskBench.json("Door"))
            bench.carrier.state.withLock { $0.poison = "Who has the pager?" }
            let next = try #require(await bench.desk.report().schedules.first?.next)
            bench.time.advance(next - Desk.start)
            try await bench.tick()
            #expect(try bench.carrier.lines().contains { $0.hasPrefix("bob: #1 (escalated to bob") })
            #expect(try !bench.carrier.lines().contains { $0.contains("Who has the pager?") })
        }
    }

    @Test("A message that doesn't arrive goes to the person's next address, alerts and notes alike") func undelivered() async throws {
        let bench = DeskBench()
        let account = try address("alerts@example.org")
        try await bench.running {
            try await bench.receive("pager", DeskBench.json("Door"))
            try await bench.receive("pager", DeskBench.json("Backup is done", status: "note", group: "b"))
            let sent = try #require(bench.carrier.state.withLock { $0.accounts[account]?.postings })
            for posting in sent { await bench.desk.failed(id: posting.id, to: posting.recipient.address, account: account) }
            try await bench.tick()
            let more = try #require(bench.carrier.state.withLock { $0.accounts[account]?.postings.dropFirst(sent.count) })
            #expect(more.map(\.recipient.address.description) == ["ada@example.com", "ada@example.com"])
            #expect(more.allSatisfy { $0.text.contains("ada@example.org couldn't be reached") })
            #expect(more.last?.text.contains("Backup is done") == true)
        }
        // After a restart, too: the note is remembered; and from the last address it goes nowhere.
        let again = DeskBench(carrier: bench.carrier)
        try await again.running {
            let last = try #require(bench.carrier.state.withLock { $0.accounts[account]?.postings.last })
            let count = try bench.carrier.lines().count
            await again.desk.failed(id: last.id, to: last.recipient.address, account: account)
            try await again.tick()
            #expect(try bench.carrier.lines().count == count)
        }
    }

    @Test("What failed to be redirected is tried again with the next tick") func redirected() async throws {
        let bench = DeskBench()
        let account = try address("alerts@example.org")
        try await bench.running {
            try await bench.receive("pager", DeskBench.json("Door"))
            let sent = try #require(bench.carrier.state.withLock { $0.accounts[account]?.postings.first })
            bench.carrier.state.withLock { $0.failures = 1 }
            await bench.desk.failed(id: sent.id, to: sent.recipient.address, account: account)
            let own = try #require(await bench.desk.account(account))
            while bench.carrier.state.withLock({ $0.failures }) > 0 { await Task.yield() }
            while await own.postponedCount == 0 { await Task.yield() }
            try await bench.tick()
            #expect(try bench.carrier.lines().last == "ada: #1 (ada@example.org couldn't be reached) FIRING: Door")
        }
    }

    private func address(_ text: String) throws -> Address { try #require(Address(text)) }
}
