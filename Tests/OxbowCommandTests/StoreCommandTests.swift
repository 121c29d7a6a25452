import Foundation
import Oxbow
import OxbowSQLite
import Testing
import XMPP

@testable import OxbowCommand

/// `oxbow store`, and where the store key comes from (R17), with real databases and keyrings.
@Suite("oxbow store", .serialized)
struct StoreCommandTests {
    private static let key = String(repeating: "0123456789abcdef", count: 4)
    private static let withKey = "accounts: [{jid: a@b, password: x}]\nstore_key: {env: STORE_KEY}\n"

    /// Runs a command with the real store.
    private func run(_ bench: Bench, _ arguments: String..., key: String? = Self.key) async -> Bench.End {
        await run(bench, arguments, key: key)
    }

    private func run(_ bench: Bench, _ arguments: [String], key: String? = Self.key) async -> Bench.End {
        let said = Transcript()
        var tool = bench.tool(environment: ["PATH": "/usr/bin:/bin"].merging(key.map { ["STORE_KEY": $0] } ?? [:]) { $1 }, said: said)
        tool.launcher = SystemLauncher.launch
        let status = await tool.run(arguments + ["--config", bench.folder + "/config.yaml"])
        let (out, err) = said.both
        return Bench.End(status: status, out: out.replacing(bench.folder + "/", with: ""), err: err.replacing(bench.folder + "/", with: ""))
    }

    private func database(_ bench: Bench) async throws -> StateDatabase {
        let key = try #require(StoreKey(text: Self.key))
        return try await StateDatabase.open(path: bench.folder + "/state/oxbow.sqlite", now: 1, key: .given(key))
    }

    @Test("a backup is put back, and what was there is kept; messages from before are stale then (R1)")
    func backup() async throws {
        let bench = try Bench(Self.withKey)
        // Looking after a store makes none.
        for command in [["check"], ["repair"], ["backup", bench.folder + "/nothing"]] {
            let end = await run(bench, ["store"] + command)
            #expect(end.status == .failed && end.err.contains("there is no store at state/oxbow.sqlite"), "\(end)")
        }
        #expect(!FileManager.default.fileExists(atPath: bench.folder + "/nothing"))
        #expect(await run(bench, "outbox", "list").status == .done)
        #expect(await run(bench, "store", "check").out == "state/oxbow.sqlite is in order")
        let account = try #require(Address("a@b"))
        let before = try await database(bench)
        let birth = try await before.birth()
        #expect(birth > 1, "made by the command")
        #expect(birth <= StoreDoor.now() - 60, "a sender's clock may lag")
        try await before.setLoginPins(LoginPins(scram: true, channelBinding: true), of: account)
        try await before.close()

        let copy = bench.folder + "/copy"
        #expect(await run(bench, "store", "backup", copy).status == .done)
        let twice = await run(bench, "store", "backup", copy)
        #expect(twice.status == .failed)
        #expect(twice.err.contains("copy: exists already"), "\(twice.err)")
        _ = await run(bench, "forget-login", "a@b")

        let start = Date().timeIntervalSince1970
        let end = await run(bench, "store", "restore", copy)
        #expect(end.status == .done, "\(end.err)")
        #expect(end.out.contains("the store that was there is state/oxbow.sqlite.before-restore-"), "\(end.out)")
        let after = try await database(bench)
        #expect(try await after.loginPins(of: account)?.scram == true)
        // Exactly the command: what was made before it is stale, what is made from now on isn't.
        #expect(try await Double(after.birth()) >= start)
        #expect(try await after.birth() <= StoreDoor.now())
        try await after.close()
    }

    @Test("a damaged store is one line that names the ways out, and repair is one of them")
    func damage() async throws {
        let bench = try Bench(Self.withKey)
        #expect(await run(bench, "outbox").status == .done)
        let sound = await run(bench, "store", "repair")
        #expect(sound.out == "state/oxbow.sqlite is in order; nothing was changed", "\(sound.err)")
        let path = bench.folder + "/state/oxbow.sqlite"
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: 4096)
        try file.write(contentsOf: Data(repeating: 0xAA, count: 8192))
        try file.close()
        for command in [["store", "check"], ["run"], ["outbox", "list"]] {
            let said = Transcript()
            var tool = bench.tool(environment: ["STORE_KEY": Self.key], said: said)
            tool.launcher = SystemLauncher.launch
            #expect(await tool.run(command + ["--config", bench.folder + "/config.yaml"]) == .failed)
            let error = said.both.err.split(separator: "\n").last ?? ""
            for words in ["is damaged", "oxbow store repair", "oxbow store restore"] { #expect(error.contains(words), "\(error)") }
        }
        let end = await run(bench, "store", "repair")
        #expect(end.status == .done, "\(end.err)")
        #expect(end.out.contains("the damaged store is state/oxbow.sqlite.damaged-"), "\(end.out)")
        #expect(await run(bench, "store", "check").status == .done)
    }

    @Test("while somebody has the state directory, nothing is restored or repaired")
    func locked() async throws {
        let bench = try Bench(Self.withKey)
        #expect(await run(bench, "outbox").status == .done)
        let lock = try StateLock.take(bench.folder + "/state")
        for end in [await run(bench, "store", "restore", "x"), await run(bench, "store", "repair")] {
            #expect(end.status == .failed)
            #expect(end.err.contains("is in use by process \(getpid())"), "\(end.err)")
        }
        withExtendedLifetime(lock) {}
    }

    @Test("R17: another store key opens nothing, what is no key is said, and no key is shown")
    func keys() async throws {
        let bench = try Bench(Self.withKey)
        #expect(await run(bench, "outbox").status == .done)
        let other = await run(bench, "store", "check", key: String(repeating: "f", count: 64))
        #expect(other.status == .failed)
        #expect(other.err.contains("the store key is not the one"), "\(other.err)")
        let none = await run(bench, "store", "check", key: "hunter2")
        #expect(none.status == .configuration)
        #expect(none.err.contains("store_key: what the variable STORE_KEY holds is no key"), "\(none.err)")
        #expect(!none.err.contains("hunter2"))
        #expect(await run(bench, "store", "check", key: nil).status == .configuration)
    }

    @Test("R17: without store_key the key is kept encrypted to the first account's OpenPGP key, which is made and remembered")
    func wrapped() async throws {
        let bench = try Bench("accounts: [{jid: a@b, password: x}, {jid: c@b, password: x}]\n")
        let first = await run(bench, "outbox")
        #expect(first.status == .done, "\(first.err)")
        #expect(!FileManager.default.fileExists(atPath: bench.folder + "/state/oxbow.sqlite.key"))
        let keys = await run(bench, "keys", "list", "--account", "a@b")
        #expect(keys.status == .done, "\(keys.err)")
        #expect(keys.out.contains("a@b") || !keys.out.isEmpty)
        #expect(await run(bench, "store", "check").status == .done)

        // An account that is gone has left its keyring; one without any can't open the store.
        try bench.write("accounts: [{jid: c@b, password: x}]\n", to: "config.yaml")
        let left = await run(bench, "store", "check")
        #expect(left.status == .done, "\(left.err)")
        try FileManager.default.moveItem(atPath: bench.folder + "/state/keyrings", toPath: bench.folder + "/away")
        let end = await run(bench, "store", "check")
        #expect(end.status == .failed)
        #expect(end.err.contains("the store key can't be decrypted"), "\(end.err)")
    }
}
