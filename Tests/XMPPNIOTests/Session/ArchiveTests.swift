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
            let outcome = try await live.session.catchUp(from: .since(0), pageSize: 2)
            #expect(outcome.isComplete && outcome.isStable && !outcome.fellBack && outcome.messages == 3)
            let messages = try await messages(3, &live)
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
            let gone = try await live.session.catchUp(from: .after(id: "gone", fallback: 0))
            #expect(gone.fellBack && gone.messages == 3)
            _ = try await self.messages(3, &live)

            // Live, with the id that the archive gave.
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            try await send(["four"], to: "bot@archive.test/here")
            let message = try #require(await self.messages(1, &live).first)
            #expect(message.message.id == "four" && message.origin == .live)
            let id = try #require(message.archiveID)
            let after = try await live.session.catchUp(from: .after(id: last, fallback: 0))
            #expect(after.messages == 1 && after.last == id)
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
