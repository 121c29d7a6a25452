import BenchSupport
import CBareGPGME
import Foundation
import Logging
import OpenPGP

/// `GPGMEEngine.open` and `seal` against a C loop of the same GPGME calls: the same home, agent, keys and text, one operation each in turn.
///
/// Wall time, since nearly all of the work is done by the `gpg` processes that both start. The first argument is the number of turns.
@main
struct OXBench {
    static func main() async throws {
        let turns = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 200
        let home = "/tmp/oxbench-\(getpid())"
        let engine = try await GPGMEEngine(
            home: home,
            options: .init(agentIdle: .seconds(3600)),
            logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        do {
            try await compare(engine, home: home, turns: turns)
        } catch {
            await engine.close()
            try? FileManager.default.removeItem(atPath: home)
            throw error
        }
        await engine.close()
        try await cold(home)
        try FileManager.default.removeItem(atPath: home)
    }

    /// What a command pays that seals one message and ends: opening the home, then the first message, agent's start included.
    private static func cold(_ home: String) async throws {
        let clock = ContinuousClock()
        var (opening, first): ([Duration], [Duration]) = ([], [])
        for _ in 0..<15 {
            let start = clock.now
            let engine = try await GPGMEEngine(home: home, logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }))
            let opened = clock.now
            let keys = try await engine.keys().map(\.fingerprint)
            _ = try await engine.seal([1], signer: keys[0], recipients: keys)
            first.append(opened.duration(to: clock.now))
            opening.append(start.duration(to: opened))
            await engine.close()
        }
        func milliseconds(_ values: [Duration]) -> String { fixed(values.sorted()[values.count / 2] / .milliseconds(1), 1) }
        print("cold: opening a home \(milliseconds(opening)) ms, its first message \(milliseconds(first)) ms (the agent's start included)")
    }

    private static func compare(_ engine: GPGMEEngine, home: String, turns: Int) async throws {
        let alice = try await engine.generateKey(userID: "xmpp:alice@example.org")
        let bob = try await engine.generateKey(userID: "xmpp:bob@example.org")
        guard let bare = bare_gpgme_new(home, alice.hex, bob.hex) else { throw Failure(what: "the C loop can't open the home") }
        defer { bare_gpgme_release(bare) }

        print("OXBench: GPGMEEngine against a C loop of the same GPGME calls, \(turns) turns, median wall time of one operation")
        print("GPGME \(String(cString: bare_gpgme_version())), ed25519 and cv25519 keys without passphrase; \(machine())")
        print("operation      text   bare GPGME   Oxbow      ratio")
        for size in [1024, 65_536] {
            let text = (0..<size).map { UInt8(32 + $0 % 90) }
            let sealed = try await engine.seal(text, signer: alice, recipients: [bob, alice])
            let seal = try await duel(turns) {
                _ = try await engine.seal(text, signer: alice, recipients: [bob, alice])
            } theirs: {
                try call(text) { bare_gpgme_seal(bare, $0, $1, $2, $3) }
            }
            report("seal", size, seal)
            let open = try await duel(turns) {
                let opened = try await engine.open(sealed, limits: OpenLimits())
                guard opened.plaintext.count == size, opened.signatures.first?.verdict == .good else { throw Failure(what: "not opened") }
            } theirs: {
                guard try call(sealed, { bare_gpgme_open(bare, $0, $1, $2, $3) }) == size else { throw Failure(what: "not opened") }
            }
            report("open", size, open)
        }
    }

    @discardableResult
    private static func call(
        _ bytes: [UInt8],
        _ body: (UnsafePointer<CChar>?, Int, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, UnsafeMutablePointer<Int>) -> Int32
    ) throws -> Int {
        var output: UnsafeMutablePointer<CChar>?
        var count = 0
        let code = bytes.withUnsafeBytes { body($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, &output, &count) }
        bare_gpgme_free(output)
        guard code == 0 else { throw Failure(what: "GPGME's error \(code)") }
        return count
    }

    private static func report(_ name: String, _ size: Int, _ medians: (ours: Double, theirs: Double)) {
        print(
            name,
            pad("\(size) B", 14),
            pad("\(fixed(medians.theirs * 1e3, 2)) ms", 12),
            pad("\(fixed(medians.ours * 1e3, 2)) ms", 10),
            pad(fixed(medians.ours / medians.theirs, 3), 7)
        )
    }

    struct Failure: Error {
        let what: String
    }
}
