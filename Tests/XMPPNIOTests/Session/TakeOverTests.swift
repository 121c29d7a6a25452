import NIOCore
import Testing
import XML
import XMPP

@testable import XMPPNIO

/// R12: the session of a process that was killed, and how sessions end otherwise (R6), against a real Prosody.
@Suite(.serialized, .prosody, .timeLimit(.minutes(1))) struct TakeOverTests {
    private func send(_ id: String) async throws {
        let to = try #require(Address("bot@good.test/over"))
        try await LiveSession.run("peer@good.test") { peer in
            _ = try await peer.online()
            try await peer.session.send(.sealed(SealedMessage(id: id, to: to, envelope: .openPGP(base64: "AAAA"))), until: .acknowledged)
        }
    }

    /// How often Prosody has been told that somebody is there. The end of a session has it tell itself that somebody has left.
    private func presences(_ prosody: Prosody) -> Int {
        prosody.log.split(separator: "\n").count {
            $0.contains("Received[c2s") && $0.contains("<presence") && !$0.contains("type='unavailable'")
        }
    }

    @Test("R12: the next process goes on where the record says: nothing is lost, and what was recorded doesn't come again")
    func takesOver() async throws {
        let prosody = try WithProsody.prosody
        let account = try #require(Address("bot@good.test"))
        let proxy = try await FaultProxy.start(to: prosody.startTLSPort)
        let memory = TestSessions()
        let record = try await LiveSession.run("bot@good.test/over", port: proxy.port, resumptions: memory) { live in
            _ = try await live.online()
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            try await send("one")
            let one = try await live.message()
            // What an account does in one transaction.
            try await memory.setResumption(one.resumption, of: account)
            one.recorded()
            try await send("two")
            _ = try await live.message()
            let record = try await memory.resumption(of: account)
            // Killed: from now on nothing reaches the server, not even the end of the stream.
            try await proxy.freeze()
            return try #require(record)
        }
        #expect(try await memory.resumption(of: account) == nil, "a session that was closed isn't to be resumed")
        #expect(record.capabilities != nil)
        await proxy.cut()
        proxy.thaw()
        let before = presences(prosody)
        try await LiveSession.run("bot@good.test/over", port: proxy.port, resumptions: TestSessions(record)) { live in
            let online = try await live.online()
            #expect(online.address == record.address)
            #expect(!online.resumed, "to the account it is new")
            #expect(try await live.message().message.id == "two")
            // Its server has the presence already; the capabilities are the same.
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            _ = try await live.session.request(Ping.request())
        }
        #expect(presences(prosody) == before)
        await proxy.stop()
    }

    @Test("R12: with other capabilities, presence is sent again") func otherCapabilities() async throws {
        let prosody = try WithProsody.prosody
        let proxy = try await FaultProxy.start(to: prosody.startTLSPort)
        let account = try #require(Address("bot@good.test"))
        let memory = TestSessions()
        var record = try await LiveSession.run("bot@good.test/over", port: proxy.port, resumptions: memory) { live in
            _ = try await live.online()
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            try await send("one")
            let one = try await live.message()
            try await proxy.freeze()
            return try #require(one.resumption)
        }
        await proxy.cut()
        proxy.thaw()
        record.capabilities = "another version"
        let next = TestSessions(record)
        try await LiveSession.run("bot@good.test/over", port: proxy.port, resumptions: next) { live in
            _ = try await live.online()
            let before = presences(prosody)
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            #expect(presences(prosody) == before + 1)
        }
        #expect(try await next.resumption(of: account) == nil)
        await proxy.stop()
    }

    /// Waits for a message, past what the tests before have left with the server.
    private func message(_ id: String, _ live: inout LiveSession) async throws -> InboundMessage {
        while true {
            let message = try await live.message()
            if message.message.id == id { return message }
            message.processed()
        }
    }

    @Test("What could not be stored isn't counted, and comes again; nothing waits for it for ever") func lost() async throws {
        try await LiveSession.run("bot@good.test/over", configure: { $0.backlog = 1 }) { live in
            _ = try await live.online()
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            try await send("first")
            // The disk is full.
            try await message("first", &live).lost()
            let failure = try await live.offline().failure
            #expect(failure.code == .store)
            let online = try await live.online()
            #expect(online.resumed)
            try await message("first", &live).processed()
            try await send("second")
            let next = try await live.message()
            #expect(next.message.id == "second", "the first doesn't come a third time")
            next.processed()
        }
    }

    @Test("R12: a session that the server has forgotten makes way for a new one") func forgotten() async throws {
        let address = try #require(Address("bot@good.test/new"))
        let memory = TestSessions(ResumptionRecord(id: "nobody-knows", address: address, handled: 7))
        try await LiveSession.run("bot@good.test/new", resumptions: memory) { live in
            let online = try await live.online()
            #expect(online.address == address && !online.resumed)
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            _ = try await live.session.request(Ping.request())
        }
    }

    @Test("R6: whoever loses its resource to another client waits at least 5 minutes") func conflict() async throws {
        try await LiveSession.run("bot@good.test/twice") { live in
            _ = try await live.online()
            try await LiveSession.run("bot@good.test/twice") { other in
                _ = try await other.online()
                let (failure, delay) = try await live.offline()
                #expect(failure.code == .conflict)
                #expect(try #require(delay) >= .seconds(300))
            }
        }
    }

    @Test("A server that says it is going down is asked again a moment later") func shutdown() async throws {
        try await LiveSession.run("bot@leaving.test") { live in
            _ = try await live.online()
            let (failure, delay) = try await live.offline()
            #expect(failure.code == .server && failure.message.contains("system-shutdown: back soon"), "\(failure)")
            #expect(try #require(delay) > .zero && delay ?? .zero <= .seconds(1))
            try await live.onlineAgain()
        }
    }

    @Test("R6: see-other-host is followed at once, and not for ever") func redirects() async throws {
        try await LiveSession.run("bot@redirect.test") { live in
            for _ in 0..<3 {
                let (failure, delay) = try await live.offline()
                #expect(failure.code == .server && failure.message.contains("another host"), "\(failure)")
                #expect(delay == .zero)
            }
            let (_, delay) = try await live.offline()
            #expect(try #require(delay) > .zero)
        }
    }
}
