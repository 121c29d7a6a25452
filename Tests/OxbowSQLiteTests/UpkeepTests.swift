import Delivery
import Foundation
import GRDB
import Testing
import XMPP

@testable import OxbowSQLite

/// Backup, restore and repair.
@Suite struct UpkeepTests {
    private func message(_ id: String) throws -> OutboxMessage {
        OutboxMessage(
            account: try address("one@example.org"),
            recipient: try address("juliet@example.org"),
            id: id,
            payload: Array("payload".utf8),
            accepted: 1
        )
    }

    private func ids(_ database: StateDatabase) async throws -> [String] {
        try await database.find(OutboxQuery(.states([.accepted]), limit: 10_000)).entries.map(\.id)
    }

    private func names(_ directory: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: directory))
    }

    @Test func aBackupWhileRunningIsRestored() async throws {
        try await withDirectory { directory in
            let (path, backup) = (directory + "/s", directory + "/backup")
            let one = try address("one@example.org")
            let database = try await StateDatabase.open(path: path, now: 100)
            _ = try await database.record(account: one, hash: "before", stanza: stanza("x"), arrived: 1)
            try await database.setResumption(ResumptionRecord(id: "i", address: one), of: one)
            // Writers go on meanwhile.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<200 {
                    group.addTask { _ = try await database.commit([.outbox(.accept(message("m\(index)")))]) }
                }
                group.addTask { try await database.backup(to: backup) }
                try await group.waitForAll()
            }
            #expect(try await ids(database).count == 200)
            let again = await #expect(throws: StoreError.self) { try await database.backup(to: backup) }
            #expect(again?.code == .path)
            _ = try await database.record(account: one, hash: "after", stanza: stanza("x"), arrived: 1)
            try await database.close()
            let left = try names(directory)
            #expect(left.subtracting(["s-wal", "s-shm"]) == ["s", "s.key", "backup"], "the backup is one file, without the key")
            let mode = try FileManager.default.attributesOfItem(atPath: backup)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)

            let aside = try #require(await StateDatabase.restore(from: backup, to: path, now: 1_000_000_000))
            #expect(aside == path + ".before-restore-20010909-014640")
            let restored = try await StateDatabase.open(path: path, now: 5)
            #expect(try await restored.birth() == 1_000_000_000, "R1: what came before is stale")
            #expect(try await restored.unfinished(account: one).map(\.hash) == ["before"])
            #expect(try await restored.resumption(of: one) == nil, "a session can't be taken up where the backup left it")
            try await restored.verify()
            try await restored.close()
            let old = try await StateDatabase.open(path: aside, now: 5, key: .given(#require(KeyFile.key(in: path + ".key"))))
            #expect(try await old.unfinished(account: one).map(\.hash) == ["before", "after"])
            try await old.close()
        }
    }

    @Test func whatIsNoBackupIsNotRestored() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            try await StateDatabase.open(path: path, now: 100).close()
            try Data("This is a text file, and a long one; it goes on and on.\n".utf8).write(to: URL(filePath: directory + "/text"))
            let other = try DatabaseQueue(path: directory + "/other")
            try await other.write { try $0.execute(sql: "CREATE TABLE somebody (elses INTEGER)") }
            try other.close()
            for (name, code) in [("text", StoreError.Code.damaged), ("other", .foreign), ("missing", .path)] {
                let error = await #expect(throws: StoreError.self) {
                    try await StateDatabase.restore(from: "\(directory)/\(name)", to: path, now: 200)
                }
                #expect(error?.code == code, "\(name)")
            }
            let database = try await StateDatabase.open(path: path, now: 300)
            #expect(try await database.birth() == 100)
            try await database.close()
        }
    }

    @Test func anInterruptedRestoreIsNotTakenForANewStore() async throws {
        try await withDirectory { directory in
            let (path, backup) = (directory + "/s", directory + "/backup")
            let database = try await StateDatabase.open(path: path, now: 100)
            try await database.commit([.outbox(.accept(message("a")))])
            try await database.backup(to: backup)
            try await database.close()
            // Killed between the two renames.
            try FileManager.default.moveItem(atPath: path, toPath: path + ".before-restore-x")
            try FileManager.default.copyItem(atPath: backup, toPath: path + ".restoring")
            let error = await #expect(throws: StoreError.self) { try await StateDatabase.open(path: path, now: 200) }
            #expect(error?.code == .path)
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(try await StateDatabase.restore(from: backup, to: path, now: 300) == nil)
            let restored = try await StateDatabase.open(path: path, now: 400)
            #expect(try await ids(restored) == ["a"])
            try await restored.close()
        }
    }

    @Test func aSoundDatabaseIsLeftAlone() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            try await StateDatabase.open(path: path, now: 100).close()
            #expect(try await StateDatabase.repair(path: path, now: 200) == StoreRepair(outcome: .sound))
            let database = try await StateDatabase.open(path: path, now: 300)
            #expect(try await database.birth() == 100)
            try await database.close()
        }
    }

    @Test func whatCanBeReadOfADamagedDatabaseIsTakenOver() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            let one = try address("one@example.org")
            let database = try await StateDatabase.open(path: path, now: 100)
            for index in 0..<300 {
                try await database.commit([.outbox(.accept(message("m\(index)")))])
                _ = try await database.record(account: one, hash: "\(index)", stanza: stanza("x"), arrived: 1)
            }
            try await database.setOwnKey(fingerprint("A"), account: one)
            // A leaf in the middle of the outbox is overwritten.
            let page = try await database.read { db in
                try Int.fetchOne(
                    db,
                    sql: "SELECT pageno FROM dbstat WHERE name = 'outbox' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 4"
                )
            }
            try await database.close()
            var bytes = try Data(contentsOf: URL(filePath: path))
            let start = (try #require(page) - 1) * 4096
            bytes.replaceSubrange(start..<start + 4096, with: Data(repeating: 0xA5, count: 4096))
            try bytes.write(to: URL(filePath: path))
            let error = await #expect(throws: StoreError.self) { try await StateDatabase.open(path: path, now: 200) }
            #expect(error?.code == .damaged && error?.message.contains("oxbow store repair") == true)

            let repair = try await StateDatabase.repair(path: path, now: 1_000_000_000)
            #expect(repair.outcome == .salvaged)
            let aside = try #require(repair.aside)
            let kept = try Data(contentsOf: URL(filePath: aside)).count
            #expect(kept >= bytes.count, "the damaged one is kept")
            let repaired = try await StateDatabase.open(path: path, now: 300)
            try await repaired.verify()
            let found = try await ids(repaired)
            #expect(found.count > 250 && found.count < 300 && found.first == "m0" && found.last == "m299")
            #expect(try await repaired.unfinished(account: one).count == 300)
            #expect(try await repaired.ownKey(account: one) == fingerprint("A"))
            #expect(try await repaired.birth() == 1_000_000_000)
            #expect(try await repaired.commit([.outbox(.accept(message("new")))])[0] > 300)
            try await repaired.close()
        }
    }

    @Test func aValueThatDoesNotOpenIsSetAside() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            let database = try await StateDatabase.open(path: path, now: 100)
            for id in ["a", "b", "c"] { try await database.commit([.outbox(.accept(message(id)))]) }
            try await database.write { try $0.execute(sql: "UPDATE outboxPayload SET payload = zeroblob(80) WHERE number = 2") }
            let error = await #expect(throws: StoreError.self) { try await database.verify() }
            #expect(error?.code == .damaged)
            try await database.close()
            let repair = try await StateDatabase.repair(path: path, now: 200)
            #expect(repair.outcome == .salvaged && repair.unreadable == 1)
            let repaired = try await StateDatabase.open(path: path, now: 300)
            #expect(try await ids(repaired) == ["a", "b", "c"])
            #expect(try await repaired.content(of: 2)?.payload == nil, "it becomes a dead letter when it is to be sealed")
            try await repaired.close()
        }
    }

    @Test func whatIsNoDatabaseAnyMoreIsMovedAside() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            try await StateDatabase.open(path: path, now: 100).close()
            try Data(repeating: 7, count: 9000).write(to: URL(filePath: path))
            let repair = try await StateDatabase.repair(path: path, now: 1_000_000_000)
            #expect(repair == StoreRepair(outcome: .startedAnew, aside: path + ".damaged-20010909-014640"))
            let database = try await StateDatabase.open(path: path, now: 300)
            #expect(try await database.birth() == 300)
            try await database.close()
        }
    }

    @Test func aRepairWithTheWrongKeyChangesNothing() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            try await StateDatabase.open(path: path, now: 100).close()
            let before = try Data(contentsOf: URL(filePath: path))
            let error = await #expect(throws: StoreError.self) {
                try await StateDatabase.repair(path: path, now: 200, key: .given(.random()))
            }
            #expect(error?.code == .key)
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
        }
    }

    /// A store whose process was killed, with five transactions in its log.
    private func killed(_ directory: String) async throws -> (path: String, log: Data) {
        let path = directory + "/running"
        let database = try await StateDatabase.open(path: path, now: 100)
        try await database.writes.write { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
        for id in ["a", "b", "c", "d", "e"] { try await database.commit([.outbox(.accept(message(id)))]) }
        let copy = directory + "/killed"
        for file in ["", "-wal", ".key"] { try FileManager.default.copyItem(atPath: path + file, toPath: copy + file) }
        try await database.close()
        return (copy, try Data(contentsOf: URL(filePath: copy + "-wal")))
    }

    /// Where the frames of the log's current generation begin.
    private func frames(_ log: Data) -> [Int] {
        stride(from: 32, to: log.count - 4119, by: 4120).filter { log[$0 + 8..<$0 + 16] == log[16..<24] }
    }

    @Test func aLogThatIsDamagedInTheMiddleIsNotTakenForTheEnd() async throws {
        try await withDirectory { directory in
            var (path, log) = try await killed(directory)
            let starts = frames(log)
            let ends = starts.filter { log[$0 + 4..<$0 + 8].contains { $0 != 0 } }
            #expect(ends.count >= 5)
            // In the transaction before the two last ones.
            let place = ends[ends.count - 3] + 1000
            log.replaceSubrange(place..<place + 8, with: Data(repeating: 0x5A, count: 8))
            try log.write(to: URL(filePath: path + "-wal"))
            let error = await #expect(throws: StoreError.self) { try await StateDatabase.open(path: path, now: 200) }
            #expect(error?.code == .damaged && error?.message.contains("log") == true)
            #expect(try Data(contentsOf: URL(filePath: path + "-wal")) == log, "nothing was changed")
            let repair = try await StateDatabase.repair(path: path, now: 1_000_000_000)
            #expect(repair.outcome == .salvaged)
            #expect(FileManager.default.fileExists(atPath: path + ".damaged-20010909-014640-wal.copy"))
            let repaired = try await StateDatabase.open(path: path, now: 300)
            #expect(try await ids(repaired) == ["a", "b"])
            try await repaired.close()
        }
    }

    @Test func aLogThatACrashHasCutShortIsReadUpToItsEnd() async throws {
        try await withDirectory { directory in
            var (path, log) = try await killed(directory)
            let last = try #require(frames(log).last)
            // The last transaction had not been synced: nobody was told that it is durable.
            log.replaceSubrange(last + 100..<last + 110, with: Data(repeating: 0x5A, count: 10))
            try log.write(to: URL(filePath: path + "-wal"))
            let database = try await StateDatabase.open(path: path, now: 200)
            #expect(try await ids(database) == ["a", "b", "c", "d"])
            try await database.close()
            try (Data(repeating: 1, count: 9000)).write(to: URL(filePath: path + "-wal"))
            let error = await #expect(throws: StoreError.self) { try await StateDatabase.open(path: path, now: 200) }
            #expect(error?.code == .damaged)
        }
    }
}
