import Delivery
import Foundation
import GRDB
import OX
import Testing
import XMPP

@testable import OxbowSQLite

@Suite struct StateDatabaseTests {
    private func mode(_ path: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
    }

    /// Opens and expects a refusal that names the file.
    private func refusal(_ path: String, _ location: SourceLocation = #_sourceLocation) async -> StoreError.Code? {
        do {
            let database = try await StateDatabase.open(path: path, now: 0, patience: .zero)
            try await database.close()
            return nil
        } catch let error as StoreError {
            #expect(error.message.contains(path), sourceLocation: location)
            return error.code
        } catch {
            Issue.record(error, sourceLocation: location)
            return nil
        }
    }

    @Test func itIsDurableAndPrivate() async throws {
        try await withDirectory { directory in
            let path = directory + "/state.db"
            let database = try await StateDatabase.open(path: path, now: 1)
            try await database.setOwnKey(fingerprint("A"), account: address("a@b"))
            for (pragma, value) in [("synchronous", "2"), ("journal_mode", "wal"), ("secure_delete", "1"), ("foreign_keys", "1")] {
                #expect(try await database.write { try String.fetchOne($0, sql: "PRAGMA \(pragma)") } == value, "\(pragma)")
            }
            for file in ["", "-wal", "-shm"] { #expect(try mode(path + file) == 0o600, "\(file)") }
            try await database.close()
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            try await StateDatabase.open(path: path, now: 1).close()
            #expect(try mode(path) == 0o600)
        }
    }

    @Test func everythingIsThereAfterARestart() async throws {
        try await withDirectory { directory in
            let path = directory + "/state.db"
            let (one, peer) = (try address("one@example.org"), try address("juliet@example.org"))
            let keys = PeerKeys(
                pins: [Pin(fingerprint: try fingerprint("B"), standing: .held, source: .firstSight, firstSeen: 5, announced: true)],
                lastRead: 9
            )
            let session = ResumptionRecord(id: "i", address: try address("one@example.org/r"), handled: 7)
            var database = try await StateDatabase.open(path: path, now: 100)
            guard case .recorded(let number) = try await database.record(account: one, hash: "a", stanza: stanza("1"), arrived: 1) else {
                Issue.record("a replay")
                return
            }
            try await database.commit([.verified(number: number, signer: "S", marks: [.originID("o")]), .attempted(number: number)])
            try await database.setPeerKeys(keys, account: one, peer: peer)
            try await database.setOwnKey(fingerprint("A"), account: one)
            try await database.setLoginPins(LoginPins(scram: true), of: one)
            try await database.setResumption(session, of: one)
            try await database.close()

            database = try await StateDatabase.open(path: path, now: 200)
            #expect(try await database.record(account: one, hash: "a", stanza: stanza("1"), arrived: 1) == .replay)
            #expect(try await database.isRepeat(account: one, signer: "S", marks: [.originID("o")], besides: 0))
            let entries = try await database.unfinished(account: one)
            #expect(entries.map(\.attempts) == [1])
            #expect(entries.map(\.stanza) == [stanza("1")])
            #expect(try await database.peerKeys(account: one, peer: peer) == keys)
            #expect(try await database.ownKey(account: one) == fingerprint("A"))
            #expect(try await database.loginPins(of: one) == LoginPins(scram: true))
            #expect(try await database.resumption(of: one) == session)
            #expect(try await database.birth() == 100)
            try await database.renewBirth(now: 300)
            try await database.close()

            database = try await StateDatabase.open(path: path, now: 400)
            #expect(try await database.birth() == 300)
            try await database.close()
        }
    }

    @Test func aCrashLosesNothingThatWasAnswered() async throws {
        try await withDirectory { directory in
            let database = try await StateDatabase.open(path: directory + "/state.db", now: 100)
            let one = try address("one@example.org")
            for hash in ["a", "b"] { _ = try await database.record(account: one, hash: hash, stanza: stanza(hash), arrived: 1) }
            // The files as a SIGKILL leaves them: the log isn't folded into the database.
            for file in ["state.db", "state.db-wal", "state.db.key"] {
                try FileManager.default.copyItem(atPath: "\(directory)/\(file)", toPath: "\(directory)/copy-\(file)")
            }
            try await database.close()
            let copy = try await StateDatabase.open(path: directory + "/copy-state.db", now: 200)
            #expect(try await copy.unfinished(account: one).map(\.hash) == ["a", "b"])
            try await copy.close()
        }
    }

    @Test func whatIsDoneLeavesNoCiphertextBehind() async throws {
        try await withDirectory { directory in
            let path = directory + "/state.db"
            let database = try await StateDatabase.open(path: path, now: 100)
            let secret = String(repeating: "ciphertext", count: 500)
            guard
                case .recorded(let number) = try await database.record(
                    account: address("a@b"),
                    hash: "a",
                    stanza: stanza(secret),
                    arrived: 1
                )
            else { return }
            try await database.commit([.done(number: number)])
            try await database.close()
            for file in try FileManager.default.contentsOfDirectory(atPath: directory) {
                #expect(try Data(contentsOf: URL(filePath: "\(directory)/\(file)")).range(of: Data("ciphertext".utf8)) == nil, "\(file)")
            }
        }
    }

    @Test func callersShareTransactions() async throws {
        try await withDatabase { database in
            let one = try address("one@example.org")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<500 {
                    group.addTask { _ = try await database.record(account: one, hash: "\(index)", stanza: stanza("x"), arrived: 1) }
                }
                try await group.waitForAll()
            }
            #expect(database.writes.batches < 250)
            #expect(try await database.unfinished(account: one).count == 500)
        }
    }

    @Test func oneFailedWriteOfABatchSparesTheOthers() async throws {
        try await withDatabase { database in
            try await database.setOwnKey(fingerprint("A"), account: address("one@example.org"))
            await withTaskGroup(of: Bool.self) { group in
                for index in 0..<100 {
                    group.addTask {
                        do {
                            try await database.write { db in
                                try db.execute(
                                    sql: "INSERT INTO journal (account, hash, arrived, state) VALUES (1, ?, 1, 'done')",
                                    arguments: [Data("\(index)".utf8)]
                                )
                                if index % 2 == 0 { try db.execute(sql: "INSERT INTO memo (account) VALUES (NULL)") }
                            }
                            return true
                        } catch {
                            return (error as? StoreError)?.code == .failed && index % 2 == 0
                        }
                    }
                }
                for await result in group { #expect(result) }
            }
            #expect(try await database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM journal") } == 50)
        }
    }

    @Test func aFailedWriteThatIsAloneLeavesNothing() async throws {
        try await withDatabase { database in
            let one = try address("one@example.org")
            try await database.setOwnKey(fingerprint("A"), account: one)
            await #expect(throws: StoreError.self) {
                try await database.write { db in
                    try db.execute(sql: "INSERT INTO journal (account, hash, arrived, state) VALUES (1, x'00', 1, 'done')")
                    try db.execute(sql: "INSERT INTO memo (account) VALUES (NULL)")
                }
            }
            #expect(try await database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM journal") } == 0)
            // The next one has a transaction of its own again.
            _ = try await database.record(account: one, hash: "1", stanza: stanza("x"), arrived: 1)
            #expect(try await database.unfinished(account: one).count == 1)
        }
    }

    @Test func aCancelledCallerDoesNotTakeOthersWithIt() async throws {
        try await withDatabase { database in
            let one = try address("one@example.org")
            let tasks = (0..<50).map { index in
                Task { try await database.record(account: one, hash: "\(index)", stanza: stanza("x"), arrived: 1) }
            }
            for task in tasks where tasks.firstIndex(of: task).map({ $0 % 2 == 0 }) == true { task.cancel() }
            for task in tasks { #expect(try await task.value != .replay) }
            #expect(try await database.unfinished(account: one).count == 50)
        }
    }

    @Test func aLargeOutboxIsReadThroughItsIndexes() async throws {
        try await withDatabase { database in
            let one = try address("one@example.org")
            try await database.setOwnKey(fingerprint("A"), account: one)
            let query = OutboxQuery(.due(now: 1), account: one, excluding: [try address("juliet@example.org")])
            let plan = try await database.read { [vault = database.vault] db in
                var search = OutboxSearch(query, vault)
                _ = try search.prepare(db)
                return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + search.sql, arguments: search.arguments)
                    .map { $0["detail"] as String }
            }
            #expect(plan.contains { $0.contains("outboxOpen") } && plan.contains { $0.contains("outboxWaiting") }, "\(plan)")
        }
    }

    // MARK: trouble

    @Test func aDamagedFile() async throws {
        try await withDirectory { directory in
            let path = directory + "/state.db"
            let database = try await StateDatabase.open(path: path, now: 100)
            let one = try address("one@example.org")
            for index in 0..<200 { _ = try await database.record(account: one, hash: "\(index)", stanza: stanza("x"), arrived: 1) }
            try await database.close()
            let good = try Data(contentsOf: URL(filePath: path))

            var bad = good
            for offset in stride(from: 4096 * 2 + 8, to: bad.count - 64, by: 4096) {
                bad.replaceSubrange(offset..<offset + 48, with: Data(count: 48))
            }
            try bad.write(to: URL(filePath: path))
            #expect(await refusal(path) == .damaged)

            try good.prefix(good.count / 2).write(to: URL(filePath: path))
            #expect(await refusal(path) == .damaged)

            try Data("This is a text file, and a long one; it goes on and on.\n".utf8).write(to: URL(filePath: path))
            #expect(await refusal(path) == .damaged)
        }
    }

    @Test func aDamagedIndexIsSeen() async throws {
        try await withDirectory { directory in
            let path = directory + "/state.db"
            let database = try await StateDatabase.open(path: path, now: 100)
            let one = try address("one@example.org")
            for index in 0..<20 { _ = try await database.record(account: one, hash: "hash-\(index)-", stanza: stanza("x"), arrived: 1) }
            let mark = database.vault.mark("hash", "1", "hash-7-")
            try await database.close()
            // The replay cache's index would no longer find this hash, the table still has it.
            var bytes = try Data(contentsOf: URL(filePath: path))
            let range = try #require(bytes.range(of: mark, options: .backwards))
            bytes.replaceSubrange(range, with: Data(mark.reversed()))
            try bytes.write(to: URL(filePath: path))
            #expect(await refusal(path) == .damaged)
        }
    }

    @Test func aDamagedValue() async throws {
        try await withDatabase { database in
            let (one, peer) = (try address("one@example.org"), try address("juliet@example.org"))
            let pin = Pin(fingerprint: try fingerprint("B"), standing: .held, source: .firstSight, firstSeen: 5, announced: true)
            try await database.setPeerKeys(PeerKeys(pins: [pin]), account: one, peer: peer)
            _ = try await database.record(account: one, hash: "a", stanza: stanza("x"), arrived: 1)
            try await database.write { db in
                try db.execute(sql: "UPDATE memo SET value = CAST('trusty' AS BLOB); UPDATE journal SET stanza = zeroblob(100)")
            }
            let pins = await #expect(throws: StoreError.self) { try await database.peerKeys(account: one, peer: peer) }
            #expect(pins?.code == .damaged)
            let entries = await #expect(throws: StoreError.self) { try await database.unfinished(account: one) }
            #expect(entries?.code == .damaged)
        }
    }

    @Test func aFileThatIsNotOurs() async throws {
        try await withDirectory { directory in
            #expect(await refusal(directory + "/missing/state.db") == .path)
            #expect(await refusal(directory) == .path)
            try FileManager.default.createSymbolicLink(atPath: directory + "/link", withDestinationPath: directory + "/target")
            #expect(await refusal(directory + "/link") == .path)
            #expect(!FileManager.default.fileExists(atPath: directory + "/target"))

            let other = try DatabaseQueue(path: directory + "/other.db")
            try await other.write { try $0.execute(sql: "CREATE TABLE somebody (elses INTEGER)") }
            try other.close()
            #expect(await refusal(directory + "/other.db") == .foreign)
        }
    }

    @Test func aFileOfANewerVersion() async throws {
        try await withDirectory { directory in
            let path = directory + "/state.db"
            let database = try await StateDatabase.open(path: path, now: 1)
            try await database.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 something')") }
            try await database.close()
            #expect(await refusal(path) == .newer)
        }
    }

    @Test func aFileThatAnotherProcessHolds() async throws {
        try await withDirectory { directory in
            let path = directory + "/state.db"
            let database = try await StateDatabase.open(path: path, now: 1, patience: .zero)
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let other = try DatabaseQueue(path: path, configuration: configuration)
            try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
            let error = await #expect(throws: StoreError.self) { try await database.setOwnKey(fingerprint("A"), account: address("a@b")) }
            #expect(error?.code == .locked)
            try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            try await database.setOwnKey(fingerprint("A"), account: address("a@b"))
            try other.close()
            try await database.close()
        }
    }

    @Test func aFullDisk() async throws {
        try await withDatabase { database in
            let one = try address("one@example.org")
            let pages = try await database.write { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
            try await database.writes.write { try $0.execute(sql: "PRAGMA max_page_count = \(pages + 4)") }
            let big = String(repeating: "x", count: 1 << 16)
            let codes = await withTaskGroup(of: StoreError.Code?.self) { group in
                for index in 0..<20 {
                    group.addTask {
                        do {
                            _ = try await database.record(account: one, hash: "\(index)", stanza: stanza(big), arrived: 1)
                            return nil
                        } catch {
                            return (error as? StoreError)?.code
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes == Array(repeating: .full, count: 20))
            // Once there is room, work goes on.
            try await database.writes.write { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
            #expect(try await database.record(account: one, hash: "0", stanza: stanza(big), arrived: 1) != .replay)
        }
    }

    @Test func R2_whatDoesNotFitOnTheDiskLeavesNothingHalfWritten() async throws {
        try await withDatabase { database in
            let one = try address("one@example.org")
            guard case .recorded(let number) = try await database.record(account: one, hash: "a", stanza: stanza("1"), arrived: 1) else {
                return
            }
            let pages = try await database.write { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
            try await database.writes.write { try $0.execute(sql: "PRAGMA max_page_count = \(pages + 4)") }
            let replies = ["small", "large"].map { id in
                let payload = [UInt8](repeating: 1, count: id == "small" ? 10 : 1 << 20)
                return Change.outbox(.accept(OutboxMessage(account: one, recipient: one, id: id, payload: payload, accepted: 1)))
            }
            let error = await #expect(throws: StoreError.self) {
                try await database.commit([.journal(.done(number: number))] + replies)
            }
            #expect(error?.code == .full && error?.isTransient == true)
            #expect(try await database.unfinished(account: one).map(\.number) == [number], "it will run again")
            #expect(try await database.find(OutboxQuery(.states(Set(OutboxEntry.State.allCases)))).entries.isEmpty)
            try await database.writes.write { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
            #expect(try await database.commit([.journal(.done(number: number))] + replies).count == 2)
            #expect(try await database.unfinished(account: one).isEmpty)
            let tooBig = OutboxMessage(
                account: one,
                recipient: one,
                id: "x",
                payload: [UInt8](repeating: 1, count: OutboxMessage.payloadLimit + 1),
                accepted: 1
            )
            let refused = await #expect(throws: StoreError.self) { try await database.commit([.outbox(.accept(tooBig))]) }
            #expect(refused?.code == .tooBig && refused?.isTransient == false)
        }
    }

    @Test func aFileThatCannotBeWritten() async throws {
        try await withDatabase { database in
            try await database.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = ON") }
            let error = await #expect(throws: StoreError.self) { try await database.setOwnKey(fingerprint("A"), account: address("a@b")) }
            #expect(error?.code == .readOnly)
            try await database.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = OFF") }
        }
    }

    @Test func afterClosing() async throws {
        try await withDirectory { directory in
            let database = try await StateDatabase.open(path: directory + "/state.db", now: 1)
            try await database.close()
            let write = await #expect(throws: StoreError.self) { try await database.setOwnKey(fingerprint("A"), account: address("a@b")) }
            #expect(write?.code == .closed)
            let read = await #expect(throws: StoreError.self) { try await database.ownKey(account: address("a@b")) }
            #expect(read?.code == .closed)
        }
    }
}
