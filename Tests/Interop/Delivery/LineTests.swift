import Testing
import XML

extension Delivery.Busy {
    /// What happens to the line to the server, with messages under way in both directions.
    @Suite struct LineTests {
        /// Something that goes wrong with the line; what it leaves is mended before it returns, but for orders that end a line later.
        struct Fault: Sendable, CustomTestStringConvertible {
            var testDescription: String
            /// Before anything is sent.
            var before: @Sendable (FaultProxy) async throws -> Void = { _ in }
            /// After some has been sent; waits until it has happened.
            var after: @Sendable (FaultProxy, Scene) async throws -> Void = { _, _ in }

            init(
                _ name: String,
                before: @escaping @Sendable (FaultProxy) async throws -> Void = { _ in },
                after: @escaping @Sendable (FaultProxy, Scene) async throws -> Void = { _, _ in }
            ) {
                (testDescription, self.before, self.after) = (name, before, after)
            }
        }

        /// Who takes part.
        struct Scene: Sendable {
            var bot: RecordingBot
            var rig: Rig
            var daemon: Daemon
            /// Where the proxy's events began.
            var mark: Int
            /// Where the clerk's events began.
            var clerkMark: Int
        }

        /// The line ends after so many bytes of one direction, somewhere in a stanza or its TLS record.
        private static func torn(_ direction: FaultProxy.Direction, _ bytes: Int, _ ending: FaultProxy.Ending) -> Fault {
            Fault("torn \(direction.rawValue) after \(bytes) bytes, \(ending.rawValue)") { proxy in
                try await proxy.cut(after: bytes, direction, ending)
            } after: { proxy, scene in
                try await proxy.isCut(from: scene.mark)
            }
        }

        static let faults: [Fault] =
            [(1, .close), (700, .reset), (2000, .close), (5000, .reset)].map { torn(.up, $0, $1) }
            + [(1, .reset), (700, .close), (1500, .reset), (2500, .close)].map { torn(.down, $0, $1) } + [
                Fault("cut before an acknowledgement: the server has it, the bot doesn't know") { proxy in
                    try await proxy.set(down: .stall)
                } after: { proxy, scene in
                    try await scene.bot.clerk.wait(for: "seen", from: scene.clerkMark)
                    try await proxy.cut()
                    try await proxy.set(down: .flow)
                },
                Fault("acknowledgements dropped, then cut") { proxy in
                    try await proxy.set(down: .drop)
                } after: { proxy, scene in
                    try await scene.bot.clerk.wait(for: "seen", from: scene.clerkMark)
                    try await proxy.cut()
                    try await proxy.set(down: .flow)
                },
                Fault("cut after an acknowledgement") { _ in
                } after: { proxy, scene in
                    try await scene.bot.clerk.wait(for: "seen", 5, from: scene.clerkMark)
                    try await scene.bot.outboxIsEmpty()
                    try await proxy.cut()
                },
                Fault("a hole in what the server says") { proxy in
                    try await proxy.set(down: .drop)
                } after: { proxy, scene in
                    try await proxy.isHeld(.down, from: scene.mark)
                    try await proxy.set(down: .flow)
                },
                Fault("a hole in what the bot says") { proxy in
                    try await proxy.set(up: .drop)
                } after: { proxy, scene in
                    try await proxy.isHeld(.up, from: scene.mark)
                    try await proxy.set(up: .flow)
                },
                Fault("one byte at a time") { proxy in
                    try await proxy.set(up: .dribble, down: .dribble)
                },
                Fault("stalled both ways, then as if nothing had happened") { proxy in
                    try await proxy.set(up: .stall, down: .stall)
                } after: { proxy, scene in
                    try await proxy.isHeld(.up, from: scene.mark)
                    try await proxy.isHeld(.down, from: scene.mark)
                    try await proxy.set(up: .flow, down: .flow)
                },
                Fault("gone, refused, and handshakes torn three times") { _ in
                } after: { proxy, scene in
                    try await proxy.refuse(true)
                    try await proxy.cut()
                    try await scene.daemon.leash.line(containing: "offline")
                    for bytes in [400, 1500, 3000] {
                        let mark = proxy.mark
                        try await proxy.cut(after: bytes, .down)
                        try await proxy.refuse(false)
                        try await proxy.isCut(from: mark)
                    }
                },
            ]

        @Test("R10, R12: nothing is lost, and what is repeated carries the same id", arguments: faults)
        func line(fault: Fault) async throws {
            let rig = try Rig.current
            let proxy = try await FaultProxy(to: rig.server.port)
            let bot = try await RecordingBot(rig, connect: proxy.connect(rig.server))
            let daemon = try await bot.begin()
            let alice = try await bot.correspondent("alice", rig)
            #expect(try await alice.ask("before") == "before")
            try await bot.outboxIsEmpty()
            try await bot.clerk.watch(rig.server, from: bot.jid)
            try await bot.clerk.push(6, from: bot.jid, to: alice.jid, lane: "out")
            let start = alice.peer.mark

            let scene = Scene(bot: bot, rig: rig, daemon: daemon, mark: proxy.mark, clerkMark: bot.clerk.mark)
            try await fault.before(proxy)
            try await bot.clerk.allow(3)
            for number in 0..<3 { try await alice.say("in-\(number)") }
            try await fault.after(proxy, scene)
            try await bot.clerk.allow(6)
            for number in 3..<6 { try await alice.say("in-\(number)") }

            try await bot.clerk.wait(for: "pushed", from: scene.clerkMark)
            let (said, queued) = ((0..<6).map { "in-\($0)" }, bot.clerk.accepted.map(\.text))
            #expect(bot.clerk.refused.isEmpty && bot.clerk.unknown.isEmpty)
            let delivered = try await alice.gather(said + queued, from: start)
            #expect(delivered.saidTwice.isEmpty)
            #expect(delivered.texts.filter(Set(said).contains) == said)
            #expect(delivered.texts.filter(Set(queued).contains) == queued)
            try await bot.outboxIsEmpty()
            // Each event once: nobody was killed.
            let begun = RecordingBot.Mark.all(in: bot.clerk.lines(of: "events")).filter { $0.what == "begin" }.map(\.text)
            #expect(begun == ["before"] + said)
            #expect(try await daemon.terminate().code == 0)
        }
    }
}

extension Delivery.Waiting {
    @Suite struct HalfOpen {
        @Test("A line that died without a word is noticed, and nothing is lost")
        func halfOpen() async throws {
            let rig = try Rig.current
            let proxy = try await FaultProxy(to: rig.server.port)
            let bot = try await RecordingBot(rig, connect: proxy.connect(rig.server))
            let daemon = try await bot.begin()
            let alice = try await bot.correspondent("alice", rig)
            #expect(try await alice.ask("before") == "before")
            try await bot.clerk.push(3, from: bot.jid, to: alice.jid, lane: "out")
            let (start, mark, clerkMark) = (alice.peer.mark, proxy.mark, bot.clerk.mark)

            try await proxy.set(up: .drop, down: .drop)
            try await bot.clerk.allow(3)
            let said = (0..<3).map { "in-\($0)" }
            for text in said { try await alice.say(text) }
            try await proxy.isHeld(.up, from: mark)
            try await proxy.isHeld(.down, from: mark)
            try await bot.clerk.wait(for: "pushed", from: clerkMark)
            try await daemon.leash.lines.first(within: .seconds(180), "'offline' in the log") { $0.text.contains("offline") }
            try await proxy.set(up: .flow, down: .flow)

            let queued = bot.clerk.accepted.map(\.text)
            let delivered = try await alice.gather(said + queued, from: start)
            #expect(delivered.saidTwice.isEmpty)
            #expect(delivered.texts.filter(Set(said).contains) == said)
            #expect(delivered.texts.filter(Set(queued).contains) == queued)
            #expect(try await daemon.terminate().code == 0)
        }
    }
}
