import Foundation
import Testing
import XML

extension Delivery.Busy {
    /// The promise on the way in.
    @Suite struct InboundStorm {
        private static let messages = 300
        private static let kills = 16

        @Test("R2, R12: 300 messages through 16 kills: each handled, none again once it was done, one answer each, in order")
        func kills() async throws {
            let rig = try Rig.current
            var chance = Chance()
            let scene = try await RecordingBot(rig, host: "archive.localhost")
            let first = try await scene.begin()
            let alice = try await scene.correspondent("alice", rig)
            #expect(try await alice.ask("hello") == "hello")
            let (bot, clerk) = (scene.jid, scene.clerk)
            try await clerk.watch(rig.server, from: bot)
            let start = alice.peer.mark

            // The daemon dies while they are on their way.
            async let sending: Void = {
                for number in 0..<Self.messages { try await alice.say("n\(number)") }
            }()
            var daemon = first
            for _ in 0..<Self.kills {
                var mark = clerk.mark
                for _ in 0..<chance.pick(1...14) { mark = try await clerk.line(of: "events", from: mark) { $0.hasPrefix("end ") } }
                if chance.pick(0...1) == 1 { try await clerk.line(of: "events", from: mark) { $0.hasPrefix("begin ") } }
                try daemon.leash.signal("KILL")
                _ = try await daemon.leash.end()
                daemon = try await scene.run()
            }
            try await sending
            let expected = (0..<Self.messages).map { "n\($0)" }
            let delivered = try await alice.gather(expected, from: start, within: .seconds(180))
            try await scene.outboxIsEmpty()
            let seed: Comment = "seed \(chance.seed)"
            #expect(delivered.saidTwice.isEmpty, seed)
            #expect(delivered.texts == expected, seed)

            // None begins after its answer was on the way: that was committed together with the end of the event.
            var answered: [String: Double] = [:]
            var texts: [String: String] = [:]
            for item in delivered.items { texts[item.id] = item.text }
            for seen in clerk.seen {
                if let text = texts[seen.id] { answered[text] = min(answered[text] ?? .infinity, seen.at) }
            }
            let begun = RecordingBot.Mark.all(in: clerk.lines(of: "events")).filter { $0.what == "begin" }
            #expect(Set(begun.map(\.text)).isSuperset(of: expected), seed)
            for mark in begun {
                if let time = answered[mark.text] { #expect(mark.time <= time, "\(mark) after its answer at \(time); \(seed)") }
            }
            #expect(try await daemon.terminate().code == 0)
        }

        @Test("R6: what another client of the account took meanwhile is had from the archive, once and in order")
        func archive() async throws {
            let rig = try Rig.current
            let scene = try await RecordingBot(rig, host: "archive.localhost")
            let daemon = try await scene.begin()
            let alice = try await scene.correspondent("alice", rig)
            #expect(try await alice.ask("hello") == "hello")
            // Else that answer may go again with the next start, under its id.
            try await scene.outboxIsEmpty()
            #expect(try await daemon.terminate().code == 0)

            let thief = Peer(scene.jid, crafter: rig.crafter)
            try await thief.login(rig.server, resource: "thief")
            let start = alice.peer.mark
            var next = thief.mark
            let expected = (0..<60).map { "while you were away \($0)" }
            // As clients send it: servers archive what has a hint.
            for text in expected { try await alice.send(try await alice.seal(text), extra: "<store xmlns='urn:xmpp:hints'/>") }
            for _ in expected {
                next = try await thief.numberedStanza(from: next, "a message") { $0.first("openpgp", Wire.namespace) != nil }.index + 1
            }
            try await thief.logout()

            let second = try await scene.run()
            let delivered = try await alice.gather(expected, from: start)
            #expect(delivered.texts == expected)
            #expect(delivered.saidTwice.isEmpty)
            try await scene.outboxIsEmpty()
            // Again from the archive, and nothing of it runs.
            #expect(try await second.terminate().code == 0)
            _ = try await scene.run()
            let back = alice.peer.mark
            #expect(try await alice.ask("back?") == "back?")
            #expect(alice.answers(from: back) == 1)
            let begun = RecordingBot.Mark.all(in: scene.clerk.lines(of: "events")).filter { $0.what == "begin" }.map(\.text)
            #expect(begun == ["hello"] + expected + ["back?"])
        }
    }
}
