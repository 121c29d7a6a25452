import Foundation
import Testing
import XML

extension Delivery.Busy {
    /// The promise on the way out.
    @Suite struct OutboxStorm {
        private static let sends = 2000
        private static let kills = 32
        private static let restarts = 5
        private static let recipients = 8

        @Test("R10, R12: 2,000 queued sends, 32 kills, 5 restarts of the server: each accepted one arrives, in order, under one id")
        func kills() async throws {
            let rig = try Rig.current
            var chance = Chance()
            let bot = try await rig.server.account("bot", host: "archive.localhost")
            let oxbow = try OxbowProgram([.init(jid: bot)], server: rig.server)
            let readers = try await readers(rig)
            let clerk = try Clerk(socket: oxbow.state + "/control")
            try await clerk.watch(rig.server, from: bot)
            for (number, reader) in readers.enumerated() {
                try await clerk.push(Self.sends / Self.recipients, from: bot, to: reader.peer.jid, lane: "r\(number)", stays: true)
            }

            var restarts = 0
            for life in 0..<Self.kills {
                let mark = clerk.mark
                let daemon = try await oxbow.run()
                try await clerk.allow(Self.sends / Self.kills)
                if life % 6 == 3, restarts < Self.restarts {
                    restarts += 1
                    try await clerk.wait(for: "accepted", chance.pick(1...20), from: mark)
                    try await rig.server.restart()
                }
                do {
                    switch chance.pick(0...3) {
                    case 0: try await clerk.wait(for: "accepted", chance.pick(1...40), from: mark)
                    case 1: try await clerk.wait(for: "seen", chance.pick(1...40), from: mark)
                    case 2: try await daemon.leash.line(containing: "online")
                    default: try await clerk.wait(for: "accepted", from: mark)
                    }
                } catch {
                    let outbox = try await clerk.outbox().prefix(12).map { try $0.line }.joined(separator: "\n")
                    let counts = "\(clerk.accepted.count) accepted, \(clerk.refused.count) refused, \(clerk.unknown.count) unknown"
                    throw Trouble(
                        """
                        seed \(chance.seed), life \(life): \(error)
                        \(counts), \(clerk.seen.count) seen
                        \(daemon.tail)
                        \(outbox)
                        \(try await clerk.counters(bot))
                        """
                    )
                }
                try daemon.leash.signal("KILL")
                _ = try await daemon.leash.end()
            }

            let last = try await oxbow.run()
            try await clerk.allow(2 * Self.sends)
            try await clerk.wait(for: "pushed", Self.recipients, from: 0)
            let accepted = clerk.accepted
            #expect(accepted.count == Self.sends)
            #expect(Set(accepted.compactMap(\.id)).count == Self.sends)
            try await clerk.wait(forSeen: Set(accepted.compactMap(\.id)))
            try await oxbow.outboxIsEmpty()
            #expect(try await last.terminate().code == 0)

            for (number, reader) in readers.enumerated() {
                try await reader.peer.login(rig.server)
                try await check(reader, lane: "r\(number)", bot: bot, clerk: clerk, seed: chance.seed)
            }
        }

        private struct Reader {
            var peer: Peer
            var key: String
        }

        /// People with announced keys who are away.
        private func readers(_ rig: Rig) async throws -> [Reader] {
            var readers: [Reader] = []
            for number in 0..<Self.recipients {
                let peer = try await rig.peer("reader\(number)", host: "archive.localhost")
                let key = try await peer.makeKey()
                try await peer.announce(key)
                try await peer.logout()
                readers.append(Reader(peer: peer, key: key))
            }
            return readers
        }

        /// Holds the archive of one recipient against what was accepted for it.
        private func check(_ reader: Reader, lane: String, bot: String, clerk: Clerk, seed: UInt64) async throws {
            let seed: Comment = "seed \(seed), \(lane)"
            let archive = try await reader.peer.archive(from: bot)
            #expect(archive.allSatisfy { $0.id == $0.originID }, seed)
            var first: [String: Peer.Archived] = [:]
            var order: [String] = []
            for message in archive where first.updateValue(message, forKey: message.id) == nil { order.append(message.id) }

            let accepted = clerk.accepted.filter { $0.lane == lane }
            let ids = Set(accepted.compactMap(\.id))
            #expect(ids.subtracting(order).isEmpty, "accepted and lost: \(ids.subtracting(order)); \(seed)")
            // Nothing bounces here: the order is that of the answers.
            #expect(order.filter(ids.contains) == accepted.compactMap(\.id), seed)
            for one in accepted.enumerated() where one.offset % 25 == 0 {
                guard let message = first[one.element.id ?? ""] else { continue }
                #expect(try await reader.peer.open(message) == one.element.text, seed)
            }
            // What was killed between its commit and its answer was accepted all the same, once; what was refused never came.
            var unanswered = Set(clerk.unknown.filter { $0.lane == lane }.map(\.text))
            for id in order where !ids.contains(id) {
                guard let message = first[id] else { continue }
                let text = try await reader.peer.open(message)
                #expect(unanswered.remove(text) != nil, "'\(text)' came without having been sent, or under two ids; \(seed)")
            }
        }
    }
}
