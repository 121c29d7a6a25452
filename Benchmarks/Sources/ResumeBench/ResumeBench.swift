import Foundation
import Logging
import Synchronization
import XML
import XMPP
import XMPPNIO

/// One session that hands sealed messages over, loses its line and goes on: our part of `scripts/bench resume`, whose other part is
/// Peers/bench_slixmpp.py.
///
/// The first line on stdin is an order, the second lets it hand the messages over; the end of stdin ends it. What happens is printed as lines of JSON with the time of the monotonic
/// clock, which is the same for all processes of the machine.
@main
struct ResumeBench {
    /// What is to be done.
    struct Order: Decodable, Sendable {
        let jid: String
        let password: String
        let port: Int
        let ca: String
        let recipient: String
        /// How many messages.
        let count: Int
        /// What stands for the ciphertext, the same in each.
        let base64: String
    }

    static func main() async {
        guard let line = readLine(), let order = try? JSONDecoder().decode(Order.self, from: Data(line.utf8)),
            let address = Address(order.jid), let recipient = Address(order.recipient)
        else { return say("failed", ["words": "that is no order"]) }
        var configuration = ClientSession.Configuration(address: address, password: Password(order.password))
        configuration.host = "127.0.0.1"
        configuration.port = order.port
        configuration.security = .startTLS
        configuration.roots = .file(order.ca)
        let session = ClientSession(
            configuration: configuration,
            node: "urn:example:oxbow",
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await session.run() }
            group.addTask { await follow(session) }
            var input = input().makeAsyncIterator()
            if await input.next() != nil {
                do {
                    try await handOver(session, order, recipient)
                } catch {
                    say("failed", ["words": "\(error)"])
                }
                while await input.next() != nil {}
            }
            group.cancelAll()
        }
    }

    /// Tells what becomes of the session.
    private static func follow(_ session: ClientSession) async {
        for await event in session.events {
            switch event {
            case .online(_, let resumed): say(resumed ? "resumed" : "online")
            case .offline(let failure, let delay): say("offline", ["words": "\(failure)", "retry": delay.map(seconds) ?? -1])
            case .message(let message): message.processed()
            case .presence: break
            }
        }
    }

    private static func handOver(_ session: ClientSession, _ order: Order, _ recipient: Address) async throws {
        let number = await session.sessionNumber
        let open = Countdown(order.count)
        func stanza(_ id: String) -> OutboundStanza {
            .sealed(SealedMessage(id: id, to: recipient, envelope: .openPGP(base64: order.base64)))
        }
        for index in 0..<order.count {
            try await session.handOver(stanza("resume-\(1_000_000 + index)"), in: number) { result in
                switch result {
                case .success: if open.isLast() { say("acknowledged") }
                case .failure(let error): say("failed", ["words": "\(error)"])
                }
            }
        }
        say("handed", ["sample": stanza("resume-1000000").element().serialized()])
    }

    /// Counts acknowledgements.
    private final class Countdown: Sendable {
        private let left: Mutex<Int>

        init(_ count: Int) { left = Mutex(count) }

        func isLast() -> Bool {
            left.withLock { left in
                left -= 1
                return left == 0
            }
        }
    }

    /// The lines of stdin, read by a thread that may wait.
    private static func input() -> AsyncStream<String> {
        let (lines, add) = AsyncStream.makeStream(of: String.self)
        Thread {
            while let line = readLine() { add.yield(line) }
            add.finish()
        }.start()
        return lines
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    private static func say(_ event: String, _ more: [String: any Sendable] = [:]) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        var members: [String: Any] = ["event": event, "at": Double(time.tv_sec) + Double(time.tv_nsec) / 1e9]
        members.merge(more) { $1 }
        guard let data = try? JSONSerialization.data(withJSONObject: members, options: .withoutEscapingSlashes) else { return }
        FileHandle.standardOutput.write(data + Data("\n".utf8))
    }
}
