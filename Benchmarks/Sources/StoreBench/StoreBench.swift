import BenchSupport
import CBareSQLite
import Delivery
import Foundation
import OxbowSQLite
import XMPP

/// Messages accepted by the outbox, durable when the answer comes, against a bare SQLite loop in C with the same rows in the same number of
/// transactions, each of which is one fsync. Both in turn, each into a new file; the folder is an argument, else the working directory: a
/// file system in memory would measure nothing.
@main
struct StoreBench {
    static let rounds = 5
    static let payload = 300

    static func main() async throws {
        let folder = CommandLine.arguments.dropFirst().first ?? "."
        print("StoreBench: messages accepted and durable a second, payload of \(payload) bytes, median of \(rounds) rounds, wall time")
        print("SQLite \(String(cString: bare_sqlite_version())), WAL, synchronous = FULL; \(machine())")
        print("producers  messages  transactions   bare SQLite /s   Oxbow /s   ratio")
        for (producers, messages) in [(1, 1000), (100, 10_000)] {
            try await run(producers: producers, messages: messages, folder: folder)
        }
    }

    private static func run(producers: Int, messages: Int, folder: String) async throws {
        var ours: [Double] = []
        var theirs: [Double] = []
        var transactions = messages
        for round in 0...rounds {
            let place = "\(folder)/store-bench-\(ProcessInfo.processInfo.processIdentifier)-\(round)"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(atPath: place) }
            let database = try await StateDatabase.open(path: place + "/ours", now: 1)
            let before = database.transactionCount
            let mine = try await seconds { try await accept(database, producers: producers, messages: messages) }
            transactions = database.transactionCount - before
            try await database.close()
            let batch = (messages + transactions - 1) / transactions
            let bare = try await seconds {
                let code = bare_sqlite_accept(place + "/bare", Int32(messages), Int32(batch), Int32(payload))
                guard code == 0 else { throw Failure(what: "SQLite says \(code)") }
            }
            // The first round is to warm up.
            if round > 0 {
                ours.append(mine)
                theirs.append(bare)
            }
        }
        let (fast, bare) = (Double(messages) / median(ours), Double(messages) / median(theirs))
        print(
            pad("\(producers)", 10),
            pad("\(messages)", 9),
            pad("\(transactions)", 14),
            pad(fixed(bare, 0), 16),
            pad(fixed(fast, 0), 10),
            fixed(fast / bare, 2)
        )
    }

    private static func accept(_ database: StateDatabase, producers: Int, messages: Int) async throws {
        guard let account = Address("bot@example.org"), let recipient = Address("juliet@example.org") else {
            throw Failure(what: "no address")
        }
        let bytes = [UInt8](repeating: 120, count: payload)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for producer in 0..<producers {
                group.addTask {
                    for index in 0..<messages / producers {
                        let message = OutboxMessage(
                            account: account,
                            recipient: recipient,
                            id: "\(producer)-\(index)-0123456789abcdef",
                            payload: bytes,
                            accepted: 1_000_000_000
                        )
                        try await database.commit([.outbox(.accept(message))])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func seconds(_ body: () async throws -> Void) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        try await body()
        let time = (clock.now - start).components
        return Double(time.seconds) + Double(time.attoseconds) / 1e18
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    struct Failure: Error {
        let what: String
    }
}
