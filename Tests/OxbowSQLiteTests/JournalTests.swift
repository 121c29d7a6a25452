import Delivery
import GRDB
import OxbowTesting
import Testing
import XMPP

@testable import OxbowSQLite

/// What a journal must do, on disk and in memory alike.
@Suite struct JournalTests {
    enum Kind: CaseIterable { case disk, memory }

    private func withJournal(_ kind: Kind, _ body: (any Journal) async throws -> Void) async throws {
        switch kind {
        case .disk: try await withDatabase(body)
        case .memory: try await body(MemoryStore(birth: 1000))
        }
    }

    @Test(arguments: Kind.allCases) func R2_theSameHashIsAReplayForThatAccount(_ kind: Kind) async throws {
        try await withJournal(kind) { journal in
            let (one, two) = (try address("one@example.org"), try address("two@example.org"))
            guard case .recorded(let first) = try await journal.record(account: one, hash: "a", stanza: stanza("1"), arrived: 1) else {
                Issue.record("the first was a replay")
                return
            }
            #expect(try await journal.record(account: one, hash: "a", stanza: stanza("other"), arrived: 2) == .replay)
            #expect(
                try await journal.record(account: try address("one@example.org/x"), hash: "a", stanza: stanza("1"), arrived: 2) == .replay
            )
            guard case .recorded(let second) = try await journal.record(account: two, hash: "a", stanza: stanza("1"), arrived: 2),
                case .recorded(let third) = try await journal.record(account: one, hash: "b", stanza: stanza("1"), arrived: 2)
            else {
                Issue.record("another account or hash was a replay")
                return
            }
            #expect(first < second && second < third)
            try await journal.commit([.done(number: first)])
            #expect(try await journal.record(account: one, hash: "a", stanza: stanza("1"), arrived: 3) == .replay)
            try await journal.commit([.dead(number: third)])
            #expect(try await journal.record(account: one, hash: "b", stanza: stanza("1"), arrived: 3) == .replay)
        }
    }

    @Test(arguments: Kind.allCases) func unfinishedEntriesComeBackAsTheyWere(_ kind: Kind) async throws {
        try await withJournal(kind) { journal in
            let (one, two) = (try address("one@example.org"), try address("two@example.org"))
            var numbers: [Int64] = []
            for (index, hash) in ["a", "b", "c", "d"].enumerated() {
                let verdict = try await journal.record(account: one, hash: hash, stanza: stanza(hash), arrived: 100 - Int64(index))
                if case .recorded(let number) = verdict { numbers.append(number) }
            }
            _ = try await journal.record(account: two, hash: "a", stanza: stanza("two"), arrived: 5)
            try await journal.commit([.attempted(number: numbers[0]), .done(number: numbers[1])])
            try await journal.commit([.attempted(number: numbers[0]), .attempted(number: numbers[1]), .dead(number: numbers[2])])
            #expect(
                try await journal.unfinished(account: one) == [
                    JournalEntry(
                        number: numbers[0],
                        account: one,
                        hash: "a",
                        stanza: stanza("a"),
                        arrived: 100,
                        attempts: 2,
                        state: .received
                    ),
                    JournalEntry(
                        number: numbers[3],
                        account: one,
                        hash: "d",
                        stanza: stanza("d"),
                        arrived: 97,
                        attempts: 0,
                        state: .received
                    ),
                ]
            )
            #expect(try await journal.unfinished(account: two).map(\.stanza) == [stanza("two")])
            // Done and dead are final; unknown numbers are no error.
            try await journal.commit([.dead(number: numbers[1]), .done(number: numbers[2]), .done(number: 4711), .attempted(number: 4711)])
            #expect(try await journal.unfinished(account: one).count == 2)
            try await journal.commit([])
        }
    }

    @Test(arguments: Kind.allCases) func S7_R2_aMarkIsARepeatForItsSignerAndAccount(_ kind: Kind) async throws {
        try await withJournal(kind) { journal in
            let (one, two) = (try address("one@example.org"), try address("two@example.org"))
            guard case .recorded(let first) = try await journal.record(account: one, hash: "a", stanza: stanza("1"), arrived: 1),
                case .recorded(let second) = try await journal.record(account: one, hash: "b", stanza: stanza("1"), arrived: 1)
            else {
                Issue.record("a replay")
                return
            }
            let marks: Set<JournalMark> = [.originID("x"), .content("c")]
            #expect(try await !journal.isRepeat(account: one, signer: "S", marks: marks, besides: first))
            try await journal.commit([.verified(number: first, signer: "S", marks: marks)])
            try await journal.commit([.verified(number: first, signer: "S", marks: marks)])
            #expect(try await !journal.isRepeat(account: one, signer: "S", marks: marks, besides: first))
            #expect(try await journal.isRepeat(account: one, signer: "S", marks: marks, besides: second))
            #expect(try await journal.isRepeat(account: one, signer: "S", marks: [.originID("x"), .content("other")], besides: second))
            #expect(try await journal.isRepeat(account: one, signer: "S", marks: [.content("c")], besides: second))
            #expect(try await !journal.isRepeat(account: one, signer: "S", marks: [.content("x"), .originID("c")], besides: second))
            #expect(try await !journal.isRepeat(account: one, signer: "S", marks: [], besides: second))
            #expect(try await !journal.isRepeat(account: one, signer: "T", marks: marks, besides: second))
            #expect(try await !journal.isRepeat(account: two, signer: "S", marks: marks, besides: second))
            try await journal.commit([.done(number: first)])
            #expect(try await journal.isRepeat(account: one, signer: "S", marks: marks, besides: second))
            try await journal.commit([.verified(number: 4711, signer: "S", marks: [.content("unknown")])])
            #expect(try await !journal.isRepeat(account: one, signer: "S", marks: [.content("unknown")], besides: second))
        }
    }

    @Test(arguments: Kind.allCases) func R2_forgettingTakesWhatIsOldAndNotReceived(_ kind: Kind) async throws {
        try await withJournal(kind) { journal in
            let one = try address("one@example.org")
            var numbers: [Int64] = []
            for (hash, arrived) in [("done", 10), ("dead", 11), ("received", 12), ("late", 20)] as [(String, Int64)] {
                if case .recorded(let number) = try await journal.record(account: one, hash: hash, stanza: stanza(hash), arrived: arrived) {
                    numbers.append(number)
                }
            }
            try await journal.commit([
                .verified(number: numbers[0], signer: "S", marks: [.content("0")]),
                .verified(number: numbers[3], signer: "S", marks: [.content("3")]),
                .done(number: numbers[0]), .dead(number: numbers[1]), .done(number: numbers[3]),
            ])
            // Another account's limit is its own.
            try await journal.forget(before: 20, account: try address("two@example.org"))
            #expect(try await journal.record(account: one, hash: "done", stanza: stanza("1"), arrived: 30) == .replay)
            try await journal.forget(before: 20, account: one)
            #expect(try await !journal.isRepeat(account: one, signer: "S", marks: [.content("0")], besides: 0))
            #expect(try await journal.isRepeat(account: one, signer: "S", marks: [.content("3")], besides: 0))
            #expect(try await journal.unfinished(account: one).map(\.hash) == ["received"])
            #expect(try await journal.record(account: one, hash: "late", stanza: stanza("1"), arrived: 30) == .replay)
            #expect(try await journal.record(account: one, hash: "received", stanza: stanza("1"), arrived: 30) == .replay)
            for hash in ["done", "dead"] {
                guard case .recorded(let number) = try await journal.record(account: one, hash: hash, stanza: stanza("1"), arrived: 30)
                else {
                    Issue.record("still known: \(hash)")
                    return
                }
                #expect(number > numbers[3], "a number is never given twice")
            }
            #expect(try await journal.birth() == 1000)
        }
    }

    @Test(arguments: Kind.allCases) func manyCallersAtOnce(_ kind: Kind) async throws {
        try await withJournal(kind) { journal in
            let one = try address("one@example.org")
            let verdicts = try await withThrowingTaskGroup(of: JournalVerdict.self) { group in
                for index in 0..<300 {
                    group.addTask { try await journal.record(account: one, hash: "\(index / 3)", stanza: stanza("\(index)"), arrived: 1) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(verdicts.filter { $0 == .replay }.count == 200)
            let entries = try await journal.unfinished(account: one)
            #expect(Set(entries.map(\.hash)).count == 100)
            #expect(Set(entries.map(\.number)).count == 100)
        }
    }

    @Test func aDamagedRowHidesOnlyItself() async throws {
        try await withDatabase { database in
            let one = try address("one@example.org")
            for hash in ["a", "b", "c"] { _ = try await database.record(account: one, hash: hash, stanza: stanza(hash), arrived: 1) }
            try await database.write { try $0.execute(sql: "UPDATE journal SET stanza = x'00' WHERE number = 2") }
            let findings = try await database.findings(account: one, after: 0, limit: 10)
            #expect(findings.map(\.number) == [1, 2, 3])
            #expect(findings[1] == .damaged(2))
            #expect(try await database.unfinishedCount(account: one) == 3)
            let error = await #expect(throws: StoreError.self) { try await database.unfinished(account: one) }
            #expect(error?.code == .damaged)
        }
    }
}
