import Delivery
import Foundation
import GRDB
import Testing
import XMPP

@testable import OxbowSQLite

/// What other parts of the process remember, in one transaction with messages.
@Suite struct NoteTests {
    private func message(_ id: String, bytes: Int = 10) throws -> OutboxMessage {
        OutboxMessage(
            account: try address("one@example.org"),
            recipient: try address("juliet@example.org"),
            id: id,
            payload: Array(repeating: 65, count: bytes),
            accepted: 1
        )
    }

    @Test func notesAreReadAgainAsTheyWereWrittenEachUnderItsAccount() async throws {
        try await withDatabase { database in
            let (one, two) = (try address("one@example.org"), try address("two@example.org"))
            #expect(try await database.notes(of: one).isEmpty)
            let all = (0...255).map { UInt8($0) }
            try await database.commit([
                .note(key: "a", bytes: all, account: one), .note(key: "b\u{0}é", bytes: [], account: one),
                .note(key: "a", bytes: [2], account: two),
            ])
            #expect(try await database.notes(of: one) == ["a": all, "b\u{0}é": []])
            try await database.commit([.note(key: "a", bytes: [9], account: one), .note(key: "b\u{0}é", bytes: nil, account: one)])
            try await database.commit([.note(key: "never there", bytes: nil, account: try address("three@example.org"))])
            #expect(try await database.notes(of: one) == ["a": [9]])
            #expect(try await database.notes(of: two) == ["a": [2]])
        }
    }

    @Test func aBatchOfMessagesAndNotesIsAllOrNothing() async throws {
        try await withDatabase { database in
            let one = try address("one@example.org")
            try await database.commit([.note(key: "k", bytes: [1], account: one)])
            // The database itself refuses what comes last.
            try await database.write {
                try $0.execute(sql: "CREATE TRIGGER full BEFORE INSERT ON note BEGIN SELECT RAISE(ABORT, 'as told'); END")
            }
            await #expect(throws: StoreError.self) {
                try await database.commit([
                    .outbox(.accept(message("m"))), .note(key: "k", bytes: [2], account: one), .note(key: "new", bytes: [3], account: one),
                ])
            }
            #expect(try await database.find(OutboxQuery(.states([.accepted]))).entries.isEmpty)
            #expect(try await database.notes(of: one) == ["k": [1]])
            try await database.write { try $0.execute(sql: "DROP TRIGGER full") }
            let big = [UInt8](repeating: 0, count: Change.noteLimit + 1)
            let error = await #expect(throws: StoreError.self) {
                try await database.commit([.outbox(.accept(message("m"))), .note(key: "k", bytes: big, account: one)])
            }
            #expect(error?.code == .tooBig)
            #expect(try await database.find(OutboxQuery(.states([.accepted]))).entries.isEmpty)
            let longKey = String(repeating: "k", count: Change.noteKeyLimit + 1)
            await #expect(throws: StoreError.self) { try await database.commit([.note(key: longKey, bytes: [], account: one)]) }
        }
    }

    @Test func backupRestoreCheckAndRepairKnowThem() async throws {
        try await withDirectory { directory in
            let (path, backup) = (directory + "/s", directory + "/backup")
            let one = try address("one@example.org")
            let database = try await StateDatabase.open(path: path, now: 1)
            for index in 0..<50 { try await database.commit([.note(key: "\(index)", bytes: [UInt8(index)], account: one)]) }
            try await database.verify()
            try await database.backup(to: backup)
            // A value is exchanged for another's: it opens in its own place only.
            try await database.write {
                try $0.execute(sql: "UPDATE note SET value = (SELECT value FROM note WHERE number = 2) WHERE number = 1")
            }
            await #expect(throws: StoreError.self) { try await database.notes(of: one) }
            await #expect(throws: StoreError.self) { try await database.verify() }
            try await database.close()
            let repair = try await StateDatabase.repair(path: path, now: 2)
            #expect(repair.outcome == .salvaged && repair.unreadable == 1)
            let mended = try await StateDatabase.open(path: path, now: 3)
            #expect(try await mended.notes(of: one).count == 49)
            try await mended.close()
            _ = try await StateDatabase.restore(from: backup, to: path, now: 4)
            let restored = try await StateDatabase.open(path: path, now: 5)
            #expect(try await restored.notes(of: one).count == 50)
            try await restored.close()
        }
    }

    @Test func aStoreOfTheVersionBeforeGetsTheTable() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            let one = try address("one@example.org")
            let database = try await StateDatabase.open(path: path, now: 1)
            try await database.commit([.outbox(.accept(message("m")))])
            try await database.write {
                try $0.execute(sql: "DROP TABLE note; DELETE FROM grdb_migrations WHERE identifier = '3 notes'")
            }
            try await database.close()
            let newer = try await StateDatabase.open(path: path, now: 2)
            try await newer.commit([.note(key: "k", bytes: [1], account: one)])
            #expect(try await newer.notes(of: one) == ["k": [1]])
            #expect(try await newer.find(OutboxQuery(.states([.accepted]))).entries.map(\.id) == ["m"])
            try await newer.close()
        }
    }
}
