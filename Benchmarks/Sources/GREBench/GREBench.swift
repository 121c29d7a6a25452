import BenchSupport
import CBareGPGME
import CBareMail
import Foundation
import GRE
import Logging
import OX
import OpenPGP
import XML
import XMPP

/// `GatewaySealer.seal` and `GatewayOpener.open` against a C loop of GMime and GPGME: the same home, keys, text and file, one message each in
/// turn. Ours do all that the product does for a message (agreement, keys, limits, protected headers, R20 and R22); theirs formats and
/// seals, opens and parses. Wall time, since nearly all of the work is done by the `gpg` processes that both start.
///
/// The first argument is the number of turns.
@main
struct GREBench {
    static func main() async throws {
        let turns = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 100
        let home = "/tmp/grebench-\(getpid())"
        let engine = try await GPGMEEngine(home: home, options: .init(agentIdle: .seconds(3600)), logger: silent)
        do {
            try await compare(engine, home: home, turns: turns)
        } catch {
            await engine.close()
            try? FileManager.default.removeItem(atPath: home)
            throw error
        }
        await engine.close()
        try FileManager.default.removeItem(atPath: home)
    }

    private static func compare(_ engine: GPGMEEngine, home: String, turns: Int) async throws {
        let bot = try await engine.generateKey(userID: "xmpp:\(StillGateway.account)")
        let carol = try await engine.generateKey(userID: "<carol@example.org>")
        let road = try await Road(engine: engine, bot: bot, carol: carol)
        guard let out = bare_gpgme_new(home, bot.hex, carol.hex), let back = bare_gpgme_new(home, carol.hex, bot.hex) else {
            throw Failure(what: "the C loop can't open the home")
        }
        defer {
            bare_gpgme_release(out)
            bare_gpgme_release(back)
        }
        print("GREBench: the product's gateway sealer and opener against a C loop of GMime and GPGME, \(turns) turns, median wall time")
        print("GPGME \(String(cString: bare_gpgme_version())), ed25519 and cv25519 keys without passphrase; \(machine())")
        print("operation         file   GMime + GPGME   Oxbow      ratio")
        let text = String(repeating: "The disk of db1 is 91 % full.\n", count: 20)
        for size in [0, 1 << 20] {
            let file = size == 0 ? nil : (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }
            let seal = try await duel(turns) {
                try await road.seal(text, file)
            } theirs: {
                try bareSeal(out, text, file)
            }
            report("format + seal", size, seal)
            let mail = try road.mail(text, file)
            let relayed = try bareEncrypt(back, mail)
            let open = try await duel(turns) {
                try await road.open(relayed, bytes: size)
            } theirs: {
                try bareOpen(back, relayed, bytes: size)
            }
            report("open + parse", size, open)
        }
    }

    private static func report(_ name: String, _ size: Int, _ medians: (ours: Double, theirs: Double)) {
        print(
            name.padding(toLength: 13, withPad: " ", startingAt: 0),
            pad(size == 0 ? "none" : "\(size >> 20) MiB", 8),
            pad("\(fixed(medians.theirs * 1e3, 2)) ms", 15),
            pad("\(fixed(medians.ours * 1e3, 2)) ms", 10),
            pad(fixed(medians.ours / medians.theirs, 3), 7)
        )
    }

    struct Failure: Error {
        let what: String
    }
}

let silent = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
