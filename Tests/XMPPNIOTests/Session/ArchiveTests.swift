import Synchronization
import Testing
import XML
import XMPP

@testable import XMPPNIO

/// The archive of a real Prosody.
@Suite(.serialized, .prosody, .timeLimit(.minutes(1))) struct ArchiveTests {
    private func send(_ ids: [String], to: String = "bot@archive.test") async throws {
        let to = try #require(Address(to))
        try await LiveSession.run("peer@archive.test") { peer in
            _ = try await peer.online()
            for id in ids {
                try await peer.session.send(
                    .sealed(SealedMessage(id: id, to: to, envelope: .openPGP(base64: "AAAA"))),
                    until: .acknowledged
                )
            }
        }
    }

    /// Reads the archive, and takes the messages that come of it.
    private func catchUp(
        _ position: ArchivePosition,
        pageSize: Int = 50,
        expecting count: Int,
        _ live: inout LiveSession
    ) async throws -> (ArchiveOutcome, [InboundMessage]) {
        let session = live.session
        async let outcome = session.catchUp(from: position, pageSize: pageSize)
        let messages = try await messages(count, &live)
        return (try await outcome, messages)
    }

    private func messages(_ count: Int, _ live: inout LiveSession) async throws -> [InboundMessage] {
        var all: [InboundMessage] = []
        for _ in 0..<count {
            all.append(try await live.message())
            all.last?.processed()
        }
        return all
    }

    @Test("R6: what came while nobody was online, from a time, from an id, and from an id that is gone") func catchesUp() async throws {
        try await send(["one", "two", "three"])
        try await LiveSession.run("bot@archive.test/here") { live in
            _ = try await live.online()
            let (outcome, messages) = try await catchUp(.since(0), pageSize: 2, expecting: 3, &live)
            #expect(outcome.isComplete && outcome.isStable && !outcome.fellBack && outcome.messages == 3)
            #expect(messages.map(\.message.id) == ["one", "two", "three"])
            #expect(messages.last?.archiveID == outcome.last)
            for message in messages {
                guard case .archive(let id, let stamp) = message.origin else {
                    Issue.record("not from the archive")
                    continue
                }
                #expect(id == message.archiveID && stamp > 1_700_000_000)
                #expect(message.message.from.bare == Address("peer@archive.test"))
            }
            let last = try #require(outcome.last)
            let next = try await live.session.catchUp(from: .after(id: last, fallback: 0))
            #expect(next.messages == 0 && next.isComplete)
            let (gone, _) = try await catchUp(.after(id: "gone", fallback: 0), expecting: 3, &live)
            #expect(gone.fellBack && gone.messages == 3)

            // Live, with the id that the archive gave.
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            try await send(["four"], to: "bot@archive.test/here")
            let message = try #require(await self.messages(1, &live).first)
            #expect(message.message.id == "four" && message.origin == .live)
            let id = try #require(message.archiveID)
            let (after, _) = try await catchUp(.after(id: last, fallback: 0), expecting: 1, &live)
            #expect(after.messages == 1 && after.last == id)
        }
    }

    @Test("The place to go on from is told only once all before it is stored") func waitsForTheStore() async throws {
        try await send(["five"])
        try await LiveSession.run("bot@archive.test/waits") { live in
            _ = try await live.online()
            let session = live.session
            let isDone = Flag()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try await session.catchUp(from: .since(0), pageSize: 1)
                    isDone.value.withLock { $0 = true }
                }
                var held: InboundMessage?
                repeat {
                    held?.processed()
                    held = try await live.message()
                } while held?.message.id != "five"
                // The archive's last answer has come before that of the ping.
                _ = try await session.request(Ping.request())
                #expect(!isDone.value.withLock { $0 })
                held?.processed()
                try await group.waitForAll()
            }
            #expect(isDone.value.withLock { $0 })
        }
    }

    @Test("XEP-0441: everything is archived") func preferences() async throws {
        try await LiveSession.run("bot@archive.test/prefs") { live in
            _ = try await live.online()
            if let request = Archive.archiveAll(given: try await live.session.request(Archive.preferences)) {
                _ = try await live.session.request(request)
            }
            #expect(try await live.session.request(Archive.preferences)?["default"] == "always")
        }
    }

    @Test func noArchive() async throws {
        try await LiveSession.run("bot@good.test/none") { live in
            _ = try await live.online()
            await #expect(throws: StanzaError.self) { try await live.session.catchUp(from: .since(0)) }
            await #expect(throws: StanzaError.self, "the failed reading is over") { try await live.session.catchUp(from: .since(0)) }
        }
    }
}

private final class Flag: Sendable {
    let value = Mutex(false)
}
