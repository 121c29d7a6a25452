import Delivery
import Foundation
import GRDB
import OX
import Synchronization
import Testing
import XML
import XMPP

@testable import OxbowSQLite

/// R17: what lies on the disk says nothing, and opens only with its key, in its place.
@Suite struct SealingTests {
    /// Stands for an OpenPGP key: it knows what it has wrapped.
    final class Wrapping: StoreKeyWrapping {
        struct Locked: Error {}
        private let state = Mutex((key: [UInt8](), unwrapped: 0, isLocked: false))

        var unwrapped: Int { state.withLock { $0.unwrapped } }
        func lock() { state.withLock { $0.isLocked = true } }

        func wrap(_ key: [UInt8]) async throws -> [UInt8] {
            try state.withLock { state in
                guard !state.isLocked else { throw Locked() }
                state.key = key
                return Array("wrapped".utf8)
            }
        }

        func unwrap(_ wrapped: [UInt8]) async throws -> [UInt8] {
            try state.withLock { state in
                guard !state.isLocked, wrapped == Array("wrapped".utf8) else { throw Locked() }
                state.unwrapped += 1
                return state.key
            }
        }
    }

    static let secrets = [
        "Cleartext", "juliet", "one@example", "origin-77", "thread-5", "hash-of-it", "signer-of-it", "no key for", "balcony", "AAAAAAAAAA",
        "key-of-a-note", "note-of-ours",
    ]

    /// Puts something into every table.
    private func fill(_ database: StateDatabase) async throws {
        let one = try address("one@example.org")
        let message = OutboxMessage(
            account: one,
            recipient: try address("juliet@example.org/balcony"),
            id: "origin-77",
            payload: Array("Cleartext".utf8),
            thread: "thread-5",
            accepted: 1
        )
        let number = try await database.commit([.outbox(.accept(message))])[0]
        try await database.commit([
            .outbox(.waiting(number: number, isHeld: true, failure: OutboxFailure(.noKey, "no key for juliet"), attempts: 1, until: 5)),
            .outbox(.handed(number: number, sealed: OutboxSealed(bytes: Array("Cleartext".utf8), size: 1, time: 1), order: 1)),
            .resumption(ResumptionRecord(id: "origin-77", address: one), account: one),
            .archive(ArchiveMark(id: "origin-77", time: 1), account: one),
            .note(key: "key-of-a-note", bytes: Array("note-of-ours".utf8), account: one),
        ])
        guard
            case .recorded(let entry) = try await database.record(account: one, hash: "hash-of-it", stanza: stanza("Cleartext"), arrived: 1)
        else { return }
        try await database.commit([JournalChange.verified(number: entry, signer: "signer-of-it", marks: [.originID("origin-77")])])
        let pin = Pin(fingerprint: try fingerprint("A"), standing: .trusted, source: .blind, firstSeen: 1, announced: true)
        try await database.setPeerKeys(PeerKeys(pins: [pin], lastRead: 1), account: one, peer: address("juliet@example.org"))
        try await database.setOwnKey(fingerprint("A"), account: one)
        try await database.setLoginPins(LoginPins(scram: true), of: one)
    }

    private func expectNoSecret(in directory: String, _ location: SourceLocation = #_sourceLocation) throws {
        for file in try FileManager.default.contentsOfDirectory(atPath: directory) {
            let bytes = try Data(contentsOf: URL(filePath: "\(directory)/\(file)"))
            for secret in Self.secrets {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(file)", sourceLocation: location)
            }
        }
    }

    private func code(_ path: String, _ source: StoreKeySource) async -> StoreError.Code? {
        do {
            try await StateDatabase.open(path: path, now: 0, key: source).close()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    @Test func R17_nothingStoredIsInTheClear() async throws {
        try await withDirectory { directory in
            let database = try await StateDatabase.open(path: directory + "/s", now: 1, key: .given(.random()))
            try await fill(database)
            // With the log as it is while running.
            try expectNoSecret(in: directory)
            try await database.close()
            try expectNoSecret(in: directory)
        }
    }

    @Test func R17_aDatabaseOfYesterdayIsSealedAndLosesNothing() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            let plain = try DatabasePool(path: path)
            let seal = Migrations.NewSeal(vault: Vault(key: .random(), salt: Data()), salt: Data(), wrapped: nil)
            try Migrations.migrator(birth: 77, seal: seal).migrate(plain, upTo: "1 sessions")
            let text = stanza("Cleartext").serialized()
            try await plain.write { db in
                try db.execute(sql: "PRAGMA application_id = \(Migrations.applicationID)")
                try db.execute(
                    sql: """
                        INSERT INTO journal VALUES (5, 'one@example.org', 'hash-of-it', ?, 10, 2, 'received');
                        INSERT INTO journal VALUES (6, 'one@example.org', 'hash-2', NULL, 11, 1, 'done');
                        INSERT INTO journal VALUES (9, 'two@example.org', 'hash-of-it', NULL, 11, 1, 'done');
                        DELETE FROM journal WHERE number = 9;
                        INSERT INTO journalMark VALUES ('one@example.org', 'signer-of-it', 'origin-id origin-77', 6);
                        INSERT INTO peer VALUES ('one@example.org', 'juliet@example.org', 3);
                        INSERT INTO pin VALUES ('one@example.org', 'juliet@example.org', 0, ?, 'held', 'first-sight', 4, 1);
                        INSERT INTO ownKey VALUES ('one@example.org', ?);
                        INSERT INTO loginPins VALUES ('one@example.org', 1, 0, 1);
                        INSERT INTO resumption VALUES ('one@example.org', 'origin-77', 'one@example.org/balcony', NULL, 4294967295, 'ver')
                        """,
                    arguments: [text, String(repeating: "A", count: 40), String(repeating: "B", count: 40)]
                )
            }
            try plain.close()
            let key = StoreKey.random()
            let database = try await StateDatabase.open(path: path, now: 100, key: .given(key))
            let one = try address("one@example.org")
            #expect(
                try await database.unfinished(account: one) == [
                    JournalEntry(
                        number: 5,
                        account: one,
                        hash: "hash-of-it",
                        stanza: stanza("Cleartext"),
                        arrived: 10,
                        attempts: 2,
                        state: .received
                    )
                ]
            )
            #expect(
                try await database.record(account: one, hash: "new", stanza: stanza("x"), arrived: 1) == .recorded(10),
                "a number is never given twice"
            )
            #expect(try await database.record(account: one, hash: "hash-2", stanza: stanza("x"), arrived: 1) == .replay)
            #expect(try await database.isRepeat(account: one, signer: "signer-of-it", marks: [.originID("origin-77")], besides: 5))
            let pin = Pin(fingerprint: try fingerprint("A"), standing: .held, source: .firstSight, firstSeen: 4, announced: true)
            #expect(try await database.peerKeys(account: one, peer: address("juliet@example.org")) == PeerKeys(pins: [pin], lastRead: 3))
            #expect(try await database.peers(account: one) == [address("juliet@example.org")])
            #expect(try await database.ownKey(account: one) == fingerprint("B"))
            #expect(try await database.loginPins(of: one) == LoginPins(scram: true, channelBinding: false, unlistedBindingFails: true))
            let session = ResumptionRecord(
                id: "origin-77",
                address: try address("one@example.org/balcony"),
                handled: .max,
                capabilities: "ver"
            )
            #expect(try await database.resumption(of: one) == session)
            #expect(try await database.birth() == 77)
            try await database.verify()
            try expectNoSecret(in: directory)
            try await database.close()
            try expectNoSecret(in: directory)
            #expect(await code(path, .given(key)) == nil)
        }
    }

    @Test func R17_aWrongKeyIsOneClearError() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            let key = StoreKey.random()
            #expect(await code(path, .given(key)) == nil)
            #expect(await code(path, .given(.random())) == .key)
            #expect(await code(path, .file) == .key)
            #expect(await code(path, .wrapped(Wrapping())) == .key)
            #expect(await code(path, .given(key)) == nil)
            #expect(!FileManager.default.fileExists(atPath: StateDatabase.keyFile(of: path)))
        }
    }

    @Test func R17_aWrappedKeyIsUnwrappedOnce() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            let wrapping = Wrapping()
            #expect(await code(path, .wrapped(wrapping)) == nil)
            #expect(wrapping.unwrapped == 0)
            let database = try await StateDatabase.open(path: path, now: 1, key: .wrapped(wrapping))
            try await fill(database)
            #expect(wrapping.unwrapped == 1)
            try await database.close()
            #expect(await code(path, .wrapped(Wrapping())) == .key)
            wrapping.lock()
            #expect(await code(path, .wrapped(wrapping)) == .key)
            #expect(await code(directory + "/other", .wrapped(wrapping)) == .key, "nothing is made without a key that can be had again")
            #expect(await code(directory + "/other", .file) == nil)
        }
    }

    @Test func R17_aKeyLeavesItsFileWhenItIsWrapped() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            let file = StateDatabase.keyFile(of: path)
            let database = try await StateDatabase.open(path: path, now: 1)
            try await fill(database)
            try await database.close()
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
            let wrapping = Wrapping()
            #expect(await code(path, .wrapped(wrapping)) == nil)
            #expect(!FileManager.default.fileExists(atPath: file))
            #expect(await code(path, .wrapped(wrapping)) == nil)
            #expect(await code(path, .file) == .key)
        }
    }

    @Test func aKeyFileThatIsOpenToOthersOrBrokenIsRefused() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            let file = StateDatabase.keyFile(of: path)
            #expect(await code(path, .file) == nil)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
            #expect(await code(path, .file) == .key)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            #expect(await code(path, .file) == nil)
            try Data("too short\n".utf8).write(to: URL(filePath: file))
            #expect(await code(path, .file) == .key)
            try FileManager.default.removeItem(atPath: file)
            #expect(await code(path, .file) == .key)
            #expect(!FileManager.default.fileExists(atPath: file), "no other key is made for a store that has one")
        }
    }

    @Test func R17_rowsCannotBeSwapped() async throws {
        let vault = Vault(key: .random(), salt: Data([1]))
        let sealed = try vault.seal(Data("x".utf8), at: Vault.Place("outbox", "about", row: 1))
        #expect(try vault.open(sealed, at: Vault.Place("outbox", "about", row: 1)) == Data("x".utf8))
        #expect(throws: Unreadable.self) { try vault.open(sealed, at: Vault.Place("outbox", "about", row: 2)) }
        #expect(throws: Unreadable.self) { try vault.open(sealed, at: Vault.Place("outbox", "words", row: 1)) }
        #expect(throws: Unreadable.self) { try vault.open(sealed, at: Vault.Place("outboxx", "about", row: 1)) }
        #expect(throws: Unreadable.self) { try vault.open(Data(), at: Vault.Place("outbox", "about", row: 1)) }
        #expect(throws: Unreadable.self) { try vault.open(sealed.dropLast(), at: Vault.Place("outbox", "about", row: 1)) }
        try await withDatabase { database in
            let one = try address("one@example.org")
            for peer in ["a@example.org", "b@example.org"] {
                let message = OutboxMessage(account: one, recipient: try address(peer), id: peer, payload: [], accepted: 1)
                try await database.commit([.outbox(.accept(message))])
            }
            try await database.write { db in
                try db.execute(sql: "UPDATE outbox SET about = (SELECT about FROM outbox WHERE number = 2) WHERE number = 1")
            }
            let error = await #expect(throws: StoreError.self) { try await database.find(OutboxQuery(.number(1))) }
            #expect(error?.code == .damaged)
        }
    }

    @Test func marksAndValuesOfTwoStoresHaveNothingInCommon() throws {
        let key = StoreKey.random()
        let (one, two) = (Vault(key: key, salt: Data([1])), Vault(key: key, salt: Data([2])))
        #expect(one.mark("id", "x") == one.mark("id", "x"))
        #expect(one.mark("id", "x") != two.mark("id", "x"))
        #expect(one.mark("id", "x") != one.mark("hash", "x"))
        #expect(one.mark("id", "xy", "z") != one.mark("id", "x", "yz"))
        let place = Vault.Place("t", "c", row: 1)
        #expect(try one.seal(Data([1]), at: place) != one.seal(Data([1]), at: place))
        #expect(throws: Unreadable.self) { try two.open(one.seal(Data([1]), at: place), at: place) }
    }

    @Test func aKeyIsReadFromTextAndNeverShown() throws {
        let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"
        let key = try #require(StoreKey(text: " \(hex)\n"))
        #expect(key.bytes == Array(0..<32))
        #expect(StoreKey(text: Data(0..<32).base64EncodedString())?.bytes == key.bytes)
        for bad in ["", "passphrase", String(hex.dropLast()), hex + "00", String(repeating: "é", count: 32)] {
            #expect(StoreKey(text: bad) == nil, "\(bad)")
        }
        var dumped = "\(key)"
        dump(key, to: &dumped)
        dump(StoreKeySource.given(key), to: &dumped)
        #expect(!dumped.contains("SymmetricKey") && !dumped.contains("31"))
    }
}
