import Alerting
import Foundation
import Testing
import XMPP

@Suite struct ScheduleMachineTests {
    private let account = Address(local: "alerts", domain: "example.org")

    private func schedule(_ cron: String = "0 * * * *", grace: Int64 = 3600) throws -> Schedule {
        let ada = Person(name: "ada", contacts: [try Contact(parsing: "ada@example.org")])
        return Schedule(
            name: "hello",
            clock: ScheduleClock(try CronExpression(cron), zone: .gmt),
            work: .message("Hello", to: [ada]),
            grace: grace
        )
    }

    private func postings(_ actions: [ScheduleMachine.Action]) -> [Posting] {
        actions.compactMap { if case .message(let posting) = $0 { posting } else { nil } }
    }

    private func records(_ actions: [ScheduleMachine.Action]) -> [AlertRecord] {
        actions.compactMap { if case .remember(.put(let record)) = $0 { record } else { nil } }
    }

    @Test func eachTimeComesOnce() throws {
        var machine = ScheduleMachine(account: try #require(account))
        #expect(machine.configure([try schedule()], now: 7_000).last == .wake(at: 7_200))
        #expect(postings(machine.tick(now: 7_199)).isEmpty)
        #expect(postings(machine.tick(now: 7_200)).map(\.text) == ["Hello"])
        #expect(postings(machine.tick(now: 7_201)).isEmpty)
        #expect(machine.due == 10_800)
    }

    @Test func whatWasMissedIsMadeUpForOnce() throws {
        let account = try #require(account)
        var machine = ScheduleMachine(account: account, records: [.ran(schedule: "hello", at: 7_200)])
        _ = machine.configure([try schedule()], now: 20_000)
        let made = machine.tick(now: 20_000)
        #expect(postings(made).count == 1)
        #expect(records(made) == [.ran(schedule: "hello", at: 18_000)])
        #expect(machine.due == 21_600)
        // What is older than the grace isn't.
        machine = ScheduleMachine(account: account, records: [.ran(schedule: "hello", at: 7_200)])
        _ = machine.configure([try schedule(grace: 60)], now: 20_000)
        #expect(postings(machine.tick(now: 20_000)).isEmpty)
    }

    /// A process that ended between the message and its record says the same id again.
    @Test func theSameTimeHasTheSameID() throws {
        var machine = ScheduleMachine(account: try #require(account))
        _ = machine.configure([try schedule()], now: 7_000)
        var twin = machine
        let (one, other) = (postings(machine.tick(now: 7_200)), postings(twin.tick(now: 7_300)))
        #expect(one.map(\.id) == other.map(\.id) && one.count == 1)
        #expect(postings(machine.tick(now: 10_800)).map(\.id) != one.map(\.id))
    }

    @Test func whatIsNoLongerConfiguredIsForgotten() throws {
        var machine = ScheduleMachine(account: try #require(account), records: [.ran(schedule: "old", at: 1)])
        let actions = machine.configure([], now: 100)
        #expect(actions == [.remember(.remove(AlertRecord.ran(schedule: "old", at: 0).key))])
    }
}
