import Alerting
import Foundation
import Testing
import XMPP

/// What holds whatever comes in whatever order.
@Suite struct ConversationInvariantTests {
    private enum Event {
        case receive(Intake, delivery: String)
        case say(String, by: String)
        case tick
    }

    private func event(_ random: inout FixedRandom, _ index: Int) -> Event {
        func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &random)] }
        let hosts = ["a", "b", "c", "d"].filter { _ in Bool.random(using: &random) }
        let key = pick(["k1", "k2", "k3", "k4", "k5", "k6"])
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4:
            let over = ["a", "b", "c", "d"].filter { !hosts.contains($0) && Bool.random(using: &random) }
            guard !(hosts + over).isEmpty else { return .tick }
            return .receive(
                group(
                    hosts,
                    over: over,
                    severity: pick([.info, .warning, .critical]),
                    key: key,
                    truncated: hosts.isEmpty ? 0 : pick([0, 0, 0, 3])
                ),
                delivery: "\(index)"
            )
        case 4: return .receive(posted("posted", pick([.firing, .resolved, .note]), key: key), delivery: "\(index)")
        case 5, 6:
            let number = Int.random(in: 1..<30, using: &random)
            let text = pick([
                "ack \(number)", "unack \(number)", "mute 10m", "mute \(number) 1h", "unmute", "list", "show \(number)", "who", "nonsense",
            ])
            return .say(text, by: pick(["ada", "bob", "carol"]))
        default: return .tick
        }
    }

    private func make() throws -> Desk {
        var limits = ConversationLimits()
        limits.open = 4
        limits.members = 3
        limits.closed = 5
        limits.repeats = 20
        var desk = try Desk(limits: limits)
        try configure(&desk)
        return desk
    }

    private func configure(_ desk: inout Desk) throws {
        try desk.configure(
            to: ["ada", "bob"],
            escalate: Escalation(after: 300, end: .again),
            then: ["carol"],
            fold: StormGuard.Limits(messages: 8, window: 300, summaryAfter: 30)
        )
    }

    private func run(_ event: Event, on desk: inout Desk) throws -> [AlertAction] {
        switch event {
        case .receive(let intake, let delivery): desk.receive(intake, delivery: delivery)
        case .say(let text, let name): try desk.say(text, by: name)
        case .tick: desk.tick()
        }
    }

    /// Each request is told or counted, no two messages share an id, bounds hold; and a process that is started anew after any event goes on as
    /// one that wasn't.
    @Test(arguments: 0..<6)
    func whateverComes(_ seed: Int) throws {
        var random = FixedRandom(state: UInt64(seed) &* 77_777 &+ 5)
        var steady = try make()
        var restarted = try make()
        var ids: Set<String> = []
        for index in 0..<300 {
            let event = event(&random, index)
            let pause = Int64([0, 1, 20, 200, 700][Int.random(in: 0..<5, using: &random)])
            steady.after(pause)
            restarted.after(pause)
            if Int.random(in: 0..<4, using: &random) == 0 {
                try restarted.restart()
                try configure(&restarted)
            }
            let actions = try run(event, on: &steady)
            let twin = try run(event, on: &restarted)
            #expect(actions.postings == twin.postings && actions.counts == twin.counts)
            if case .receive = event { #expect(!actions.postings.isEmpty || !actions.counts.isEmpty) }
            for posting in actions.postings {
                #expect(ids.insert(posting.id).inserted, "\(posting)")
                #expect(posting.text.isHarmless)
            }
            #expect(steady.machine.openConversations.count <= 4)
            #expect(steady.machine.openConversations.allSatisfy { $0.members.count <= 3 })
            #expect(steady.book == restarted.book)
            #expect(steady.machine.due.map { $0 >= steady.now } ?? true)
            // What was due is done: whoever waits for it doesn't spin.
            if case .tick = event { #expect(steady.machine.due.map { $0 > steady.now } ?? true) }
        }
        #expect(ids.count > 150)
        #expect(steady.book.keys.count < 60)
    }
}
