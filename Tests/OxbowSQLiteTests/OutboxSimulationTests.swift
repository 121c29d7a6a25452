import OxbowTesting
import Testing
import XMPP

@testable import Delivery
@testable import OxbowSQLite

/// The machine over a store, with a server that answers late, not at all, or no; and a process that is killed at any moment.
@Suite struct OutboxSimulationTests {
    /// What a process forgets when it is killed.
    struct Process {
        var machine: OutboxMachine
        var turn = OutboxMachine.Turn()
        var events: [OutboxMachine.Event] = [.start, .online(limit: nil)]
    }

    /// A generator with a seed, so that a failure can be seen again.
    struct Chance: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    @Test(arguments: [1, 2, 3], [OutboxStoreTests.Kind.disk, .memory])
    func everyAcceptedMessageArrivesInItsOrder(seed: UInt64, kind: OutboxStoreTests.Kind) async throws {
        switch kind {
        case .memory: try await run(MemoryStore(birth: 1), seed)
        case .disk: try await withDatabase { try await run($0, seed) }
        }
    }

    private func run(_ store: any Store, _ seed: UInt64) async throws {
        var chance = Chance(state: seed)
        let account = try address("one@example.org")
        let peers = try (0..<5).map { try address("peer\($0)@example.org") }
        let limits = OutboxMachine.Limits(window: 24, recipientWindow: 8, inFlight: 6, sealing: 3, recipientSealing: 2, page: 10)
        func start() -> Process { Process(machine: OutboxMachine(account: account, limits: limits, random: { 0 })) }
        var process = start()
        var now: Int64 = 1000
        var accepted: [Address: [String]] = [:]
        var arrived: [Address: [String]] = [:]
        var bounced: Set<String> = []
        var kills = 0
        var count = 0
        for round in 0..<20_000 {
            now += Int64.random(in: 0...2, using: &chance)
            let isOver = count >= 200
            if isOver, round % 50 == 0, try await store.summary(account: account, before: 0).open == 0 { break }
            if !isOver, Int.random(in: 0..<4, using: &chance) == 0 {
                let peer = peers[Int.random(in: 0..<peers.count, using: &chance) % Int.random(in: 1...peers.count, using: &chance)]
                count += 1
                let message = OutboxMessage(account: account, recipient: peer, id: "m\(count)", payload: [1], accepted: now)
                try await store.commit([.outbox(.accept(message))])
                accepted[peer, default: []].append(message.id)
                process.events.append(.accepted)
            }
            switch Int.random(in: 0..<(isOver ? 2000 : 300), using: &chance) {
            case 0:
                process = start()
                kills += 1
                continue
            case 1: process.events += [.offline(.lost), .online(limit: nil)]
            default: break
            }
            if process.turn == OutboxMachine.Turn() {
                process.events.append(.tick)
                for event in process.events { process.turn += process.machine.handle(event, now: now) }
                process.events = []
                #expect(process.machine.items.count <= 2 * limits.window)
                #expect(process.machine.inFlight.count <= limits.inFlight)
            }
            // One thing at a time, so that a kill can come between any two.
            if !process.turn.changes.isEmpty {
                try await store.commit(process.turn.changes.map(Change.outbox))
                process.turn.changes = []
                continue
            }
            guard !process.turn.steps.isEmpty else { continue }
            switch process.turn.steps.removeFirst() {
            case .load(let query): process.events.append(.loaded(query, try await store.find(query)))
            case .summarize(let before): process.events.append(.summary(try await store.summary(account: account, before: before)))
            case .seal(let entry):
                if Int.random(in: 0..<12, using: &chance) == 0 {
                    process.events.append(.sealFailed(number: entry.number, OutboxFailure(.noKey, "not yet")))
                } else {
                    let sealed = OutboxSealed(bytes: Array(entry.id.utf8), size: 100, time: now)
                    // Results come in any order.
                    process.events.insert(
                        .sealed(number: entry.number, sealed),
                        at: Int.random(in: 0...process.events.count, using: &chance)
                    )
                }
            case .send(let entry, let sealed):
                let stored = try await store.content(of: entry.number)?.sealed
                #expect(stored != nil && (sealed == nil || stored == sealed), "the bytes are stored first (R9)")
                if Int.random(in: 0..<15, using: &chance) == 0 {
                    bounced.insert(entry.id)
                    process.events.append(.acknowledged(number: entry.number))
                    var sent = entry
                    sent.state = .sent
                    sent.settled = now
                    process.events.append(.bounced(sent, from: entry.recipient, condition: "remote-server-timeout", text: nil))
                } else {
                    arrived[entry.recipient, default: []].append(entry.id)
                    // Some acknowledgements are lost with the line.
                    if Int.random(in: 0..<20, using: &chance) == 0 {
                        process.events += [.offline(.lost), .online(limit: nil)]
                    } else {
                        process.events.append(.acknowledged(number: entry.number))
                    }
                }
            case .settled(_, let state, _): #expect(state == .sent)
            case .withdrawal, .tell, .wake: break
            }
        }
        #expect(count >= 200 && kills > 0)
        for peer in peers {
            var seen: Set<String> = []
            let first = (arrived[peer] ?? []).filter { seen.insert($0).inserted }
            #expect(seen == Set(accepted[peer] ?? []), "all arrive")
            #expect(
                first.filter { !bounced.contains($0) } == accepted[peer]?.filter { !bounced.contains($0) },
                "in order, but for bounced ones"
            )
        }
    }
}
