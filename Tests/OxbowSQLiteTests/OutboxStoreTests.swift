import Delivery
import OxbowSQLite
import OxbowTesting
import Testing
import XMPP

/// What a store must do with an outbox, on disk and in memory alike.
@Suite struct OutboxStoreTests {
    enum Kind: CaseIterable { case disk, memory }

    /// A store with three accounts' worth of addresses.
    struct Yard {
        let store: any Store & ResumptionMemory
        let one: Address
        let two: Address
        let juliet: Address
        let romeo: Address

        func message(_ id: String, to recipient: Address? = nil, expires: Int64 = 9000, needsReceipt: Bool = false) -> OutboxMessage {
            OutboxMessage(
                account: one,
                recipient: recipient ?? juliet,
                id: id,
                payload: Array("payload of \(id)".utf8),
                thread: id == "b" ? "th" : nil,
                accepted: 1000,
                expires: expires,
                needsReceipt: needsReceipt
            )
        }

        @discardableResult
        func accept(_ messages: OutboxMessage...) async throws -> [Int64] {
            try await store.commit(messages.map { .outbox(.accept($0)) })
        }

        func apply(_ changes: OutboxChange...) async throws {
            try await store.commit(changes.map(Change.outbox))
        }

        func entry(_ number: Int64) async throws -> OutboxEntry? {
            try await store.find(OutboxQuery(.number(number))).entries.first
        }

        func due(_ now: Int64, after: Int64 = 0, limit: Int = 100, to recipient: Address? = nil, not excluded: [Address] = []) async throws
            -> OutboxPage
        {
            try await store.find(
                OutboxQuery(.due(now: now), account: one, recipient: recipient, excluding: excluded, after: after, limit: limit)
            )
        }

        func dueIDs(_ now: Int64) async throws -> String {
            try await due(now).entries.map(\.id).joined()
        }
    }

    private func withYard(_ kind: Kind, _ body: (Yard) async throws -> Void) async throws {
        func yard(_ store: any Store & ResumptionMemory) throws -> Yard {
            Yard(
                store: store,
                one: try address("one@example.org"),
                two: try address("two@example.org"),
                juliet: try address("juliet@example.org"),
                romeo: try address("romeo\\40example.net@gateway.example.org")
            )
        }
        switch kind {
        case .disk: try await withDatabase { try await body(yard($0)) }
        case .memory: try await body(yard(MemoryStore(birth: 1000)))
        }
    }

    private static let sealed = OutboxSealed(bytes: [9, 8, 7], size: 700, time: 1100)
    private static let failure = OutboxFailure(.noKey, "juliet has no key")

    @Test(arguments: Kind.allCases) func anAcceptedMessageIsThereAsItWas(_ kind: Kind) async throws {
        try await withYard(kind) { yard in
            let message = yard.message("b", to: yard.romeo, needsReceipt: true)
            let numbers = try await yard.accept(yard.message("a"), message)
            #expect(numbers.count == 2 && numbers[0] < numbers[1])
            #expect(try await yard.entry(numbers[1]) == OutboxEntry(number: numbers[1], message))
            #expect(try await yard.store.content(of: numbers[1]) == OutboxContent(payload: message.payload, sealed: nil))
            #expect(try await yard.store.content(of: 4711) == nil)
            #expect(try await yard.store.find(OutboxQuery(.id("b"), account: yard.one)).entries.map(\.number) == [numbers[1]])
            #expect(try await yard.store.find(OutboxQuery(.id("b"), account: yard.two)).entries == [])
        }
    }

    @Test(arguments: Kind.allCases) func anIDIsAcceptedOnceForAnAccount(_ kind: Kind) async throws {
        try await withYard(kind) { yard in
            let first = try await yard.accept(yard.message("a"))
            var other = yard.message("a", to: yard.romeo)
            other.payload = [1]
            #expect(try await yard.accept(other) == first)
            #expect(try await yard.entry(first[0])?.recipient == yard.juliet)
            other.account = yard.two
            #expect(try await yard.accept(other) != first)
            let both = try await yard.accept(yard.message("x"), yard.message("x"))
            #expect(both.count == 2 && both[0] == both[1])
        }
    }

    @Test(arguments: Kind.allCases) func aMessageGoesItsWay(_ kind: Kind) async throws {
        try await withYard(kind) { yard in
            let number = try await yard.accept(yard.message("a"))[0]
            try await yard.apply(.waiting(number: number, isHeld: true, failure: Self.failure, attempts: 3, until: 2000))
            var entry = try #require(await yard.entry(number))
            #expect(entry.state == .held && entry.failure == Self.failure && entry.attempts == 3 && entry.nextAttempt == 2000)
            try await yard.apply(.handed(number: number, sealed: Self.sealed, order: 5))
            try await yard.apply(.handed(number: number, sealed: nil, order: 6))
            entry = try #require(await yard.entry(number))
            #expect(entry.state == .handed && entry.order == 5 && entry.sealedTime == 1100 && entry.sealedSize == 700)
            #expect(try await yard.store.content(of: number)?.sealed == Self.sealed)
            try await yard.apply(.sent(number: number, at: 1200, retry: 9999))
            entry = try #require(await yard.entry(number))
            #expect(entry.state == .sent && entry.settled == 1200 && entry.nextAttempt == 0 && !entry.isOpen)
            #expect(try await yard.store.content(of: number)?.payload != nil, "a bounce may bring it back")
            try await yard.apply(.waiting(number: number, isHeld: false, failure: Self.failure, attempts: 4, until: 1300))
            entry = try #require(await yard.entry(number))
            #expect(entry.state == .accepted && entry.settled == nil && entry.isOpen)
            try await yard.apply(.handed(number: number, sealed: Self.sealed, order: 7), .sent(number: number, at: 1400, retry: 0))
            try await yard.apply(.delivered(number: number, at: 1500))
            entry = try #require(await yard.entry(number))
            #expect(entry.state == .delivered && entry.settled == 1500 && entry.order == 5 && entry.sealedTime == nil)
            #expect(try await yard.store.content(of: number) == OutboxContent(payload: nil, sealed: nil))
        }
    }

    @Test(arguments: Kind.allCases) func whatIsSettledStaysSo(_ kind: Kind) async throws {
        try await withYard(kind) { yard in
            let numbers = try await yard.accept(yard.message("a"), yard.message("b"), yard.message("c"))
            try await yard.apply(
                .withdrawn(number: numbers[0], at: 1),
                .dead(number: numbers[1], failure: Self.failure, at: 2),
                .handed(number: numbers[2], sealed: Self.sealed, order: 1),
                .sent(number: numbers[2], at: 3, retry: 0)
            )
            for number in numbers {
                try await yard.apply(
                    .handed(number: number, sealed: Self.sealed, order: 9),
                    .sent(number: number, at: 9, retry: 0),
                    .handed(number: 4711, sealed: nil, order: 1)
                )
            }
            #expect(
                try await yard.store.find(OutboxQuery(.states(Set(OutboxEntry.State.allCases)))).entries.map(\.state) == [
                    .withdrawn, .dead, .sent,
                ]
            )
            #expect(try await yard.store.content(of: numbers[0])?.payload == nil)
            #expect(try await yard.store.content(of: numbers[1])?.payload != nil)
            // The operator's second chance.
            try await yard.apply(.retry(number: numbers[1], expires: 20_000), .retry(number: numbers[2], expires: 20_000))
            let entry = try #require(await yard.entry(numbers[1]))
            #expect(entry.state == .accepted && entry.attempts == 0 && entry.expires == 20_000 && entry.settled == nil && entry.isOpen)
            #expect(entry.failure == Self.failure)
            #expect(try await yard.entry(numbers[2])?.state == .sent)
            try await yard.apply(.dead(number: numbers[1], failure: Self.failure, at: 5), .withdrawn(number: numbers[1], at: 6))
            #expect(try await yard.entry(numbers[1])?.state == .withdrawn)
        }
    }

    @Test(arguments: Kind.allCases) func whatWaitsHoldsUpItsRecipientOnly(_ kind: Kind) async throws {
        try await withYard(kind) { yard in
            let numbers = try await yard.accept(
                yard.message("a"),
                yard.message("b"),
                yard.message("c", to: yard.romeo),
                yard.message("d"),
                yard.message("e", expires: 1400)
            )
            #expect(try await yard.dueIDs(1100) == "abcde")
            try await yard.apply(.waiting(number: numbers[1], isHeld: true, failure: Self.failure, attempts: 1, until: 1500))
            #expect(try await yard.dueIDs(1100) == "ac")
            #expect(try await yard.due(1100).nextDue == 1500)
            #expect(try await yard.dueIDs(1400) == "ace", "what has expired is due")
            #expect(try await yard.dueIDs(1500) == "abcde")
            #expect(try await yard.due(1500).nextDue == nil)
            try await yard.apply(
                .waiting(number: numbers[1], isHeld: true, failure: Self.failure, attempts: 1, until: 1101 + OutboxQuery.longestWait)
            )
            #expect(try await yard.dueIDs(1100) == "abcde", "the clock was set back")
            try await yard.apply(.waiting(number: numbers[1], isHeld: true, failure: Self.failure, attempts: 1, until: 1500))
            try await yard.apply(.hasten(account: yard.one, recipient: yard.romeo))
            #expect(try await yard.dueIDs(1100) == "ac")
            try await yard.apply(.hasten(account: yard.one, recipient: yard.juliet))
            #expect(try await yard.dueIDs(1100) == "abcde")
        }
    }

    @Test(arguments: Kind.allCases) func R25_whatNeedsAReceiptStaysOpen(_ kind: Kind) async throws {
        try await withYard(kind) { yard in
            let numbers = try await yard.accept(yard.message("a", needsReceipt: true), yard.message("b"))
            try await yard.apply(
                .handed(number: numbers[0], sealed: Self.sealed, order: 1),
                .sent(number: numbers[0], at: 1100, retry: 1700)
            )
            #expect(try await yard.dueIDs(1200) == "b", "it holds up nobody")
            #expect(try await yard.due(1200).nextDue == 1700)
            #expect(try await yard.dueIDs(1700) == "ab")
            try await yard.apply(.handed(number: numbers[0], sealed: nil, order: 2), .delivered(number: numbers[0], at: 1800))
            #expect(try await yard.dueIDs(1800) == "b")
        }
    }

    @Test(arguments: Kind.allCases) func pages(_ kind: Kind) async throws {
        try await withYard(kind) { yard in
            let messages = (0..<10).map { yard.message("m\($0)", to: $0 % 2 == 0 ? yard.juliet : yard.romeo) }
            let numbers = try await yard.store.commit(messages.map { .outbox(.accept($0)) })
            var page = try await yard.due(1100, limit: 4)
            #expect(page.entries.map(\.number) == Array(numbers[0..<4]) && !page.isLast)
            page = try await yard.due(1100, after: numbers[3], limit: 6)
            #expect(page.entries.map(\.number) == Array(numbers[4...]) && page.isLast)
            page = try await yard.due(1100, after: numbers[1], to: yard.juliet)
            #expect(page.entries.map(\.number) == [numbers[2], numbers[4], numbers[6], numbers[8]])
            #expect(try await yard.due(1100, not: [yard.juliet]).entries.allSatisfy { $0.recipient == yard.romeo })
            #expect(try await yard.due(1100, not: [yard.juliet, yard.romeo]) == OutboxPage(entries: [], isLast: true))
            #expect(try await yard.store.find(OutboxQuery(.expired(now: 9000), limit: 3)).entries.count == 3)
            #expect(try await yard.store.find(OutboxQuery(.expired(now: 8999))).entries.isEmpty)
            #expect(try await yard.store.find(OutboxQuery(.states([]))).entries.isEmpty)
        }
    }

    @Test(arguments: Kind.allCases) func theSummary(_ kind: Kind) async throws {
        try await withYard(kind) { yard in
            #expect(try await yard.store.summary(account: yard.one, before: 0) == OutboxSummary())
            var late = yard.message("late", expires: 7000)
            late.accepted = 500
            let numbers = try await yard.accept(yard.message("a"), late, yard.message("c"))
            try await yard.apply(
                .handed(number: numbers[0], sealed: Self.sealed, order: 41),
                .dead(number: numbers[2], failure: Self.failure, at: 1),
                .learnt(account: yard.one, limit: 300_000),
                .learnt(account: yard.one, limit: 200_000),
                .learnt(account: yard.one, limit: 250_000)
            )
            #expect(
                try await yard.store.summary(account: yard.one, before: 1000)
                    == OutboxSummary(
                        counts: [.handed: 1, .accepted: 1, .dead: 1],
                        open: 2,
                        oldest: 500,
                        late: 1,
                        firstExpiry: 7000,
                        lastOrder: 41,
                        learntLimit: 200_000
                    )
            )
            #expect(try await yard.store.summary(account: yard.two, before: 1000) == OutboxSummary())
        }
    }

    @Test(arguments: Kind.allCases) func pruningErasesFirstAndForgetsLater(_ kind: Kind) async throws {
        try await withYard(kind) { yard in
            let numbers = try await yard.accept(yard.message("sent"), yard.message("dead"), yard.message("open"), yard.message("old"))
            for number in [numbers[0], numbers[3]] {
                try await yard.apply(
                    .handed(number: number, sealed: Self.sealed, order: 1),
                    .sent(number: number, at: number == numbers[3] ? 100 : 2000, retry: 0)
                )
            }
            try await yard.apply(.dead(number: numbers[1], failure: Self.failure, at: 150))
            try await yard.store.prune(OutboxPruning(contentBefore: 2000, settledBefore: 200, deadBefore: 150))
            #expect(try await yard.entry(numbers[3]) == nil)
            #expect(try await yard.store.content(of: numbers[0])?.payload != nil)
            #expect(try await yard.store.content(of: numbers[1])?.payload != nil)
            try await yard.store.prune(OutboxPruning(contentBefore: 2001, settledBefore: 200, deadBefore: 151))
            #expect(try await yard.store.content(of: numbers[0]) == OutboxContent(payload: nil, sealed: nil))
            #expect(try await yard.entry(numbers[0])?.sealedTime == nil)
            #expect(try await yard.entry(numbers[1]) == nil)
            #expect(try await yard.store.content(of: numbers[2])?.payload != nil)
            let again = try await yard.accept(yard.message("old"))
            #expect(again[0] > numbers[3], "a number is never given twice")
        }
    }

    @Test(arguments: Kind.allCases) func R2_R12_journalOutboxAndSessionChangeTogether(_ kind: Kind) async throws {
        try await withYard(kind) { yard in
            let session = ResumptionRecord(id: "i", address: try address("one@example.org/r"), location: nil, handled: 7, capabilities: "c")
            let mark = ArchiveMark(id: "arch", time: 5)
            let changes: [Change] = [.resumption(session, account: yard.one), .archive(mark, account: yard.one)]
            let verdict = try await yard.store.record(account: yard.one, hash: "h", stanza: stanza("1"), arrived: 1, with: changes)
            guard case .recorded(let number) = verdict else {
                Issue.record("a replay")
                return
            }
            #expect(try await yard.store.resumption(of: yard.one) == session)
            #expect(try await yard.store.archiveMark(of: yard.one) == mark)
            #expect(try await yard.store.archiveMark(of: yard.two) == nil)
            var later = session
            later.handled = 8
            let again = try await yard.store.record(
                account: yard.one,
                hash: "h",
                stanza: stanza("1"),
                arrived: 1,
                with: [.resumption(later, account: yard.one)]
            )
            #expect(again == .replay)
            #expect(try await yard.store.resumption(of: yard.one) == later, "a repeat counts as handled too")
            let replies = try await yard.store.commit([
                .journal(.done(number: number)), .outbox(.accept(yard.message("a"))), .outbox(.accept(yard.message("b"))),
                .resumption(nil, account: yard.one),
            ])
            #expect(replies.count == 2)
            #expect(try await yard.store.unfinished(account: yard.one).isEmpty)
            #expect(try await yard.store.resumption(of: yard.one) == nil)
        }
    }

    @Test(arguments: Kind.allCases) func theJournalIsReadByPages(_ kind: Kind) async throws {
        try await withYard(kind) { yard in
            for index in 0..<10 {
                _ = try await yard.store.record(account: yard.one, hash: "\(index)", stanza: stanza("\(index)"), arrived: 1)
            }
            var seen: [String] = []
            var after: Int64 = 0
            while case let page = try await yard.store.unfinished(account: yard.one, after: after, limit: 4), let last = page.last {
                #expect(page.count <= 4)
                seen += page.map(\.hash)
                after = last.number
            }
            #expect(seen == (0..<10).map { "\($0)" })
        }
    }
}
