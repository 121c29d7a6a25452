import Testing
import XML
import XMPP

@testable import XMPPNIO

/// R11, against a Prosody that takes 50,000 bytes and doesn't say so.
@Suite(.serialized, .prosody("c2s_stanza_size_limit = 50000"), .timeLimit(.minutes(2))) struct SizeLimitTests {
    private func sealed(_ id: String, _ bytes: Int, to: String) throws -> OutboundStanza {
        let base64 = String(repeating: "A", count: bytes)
        return .sealed(SealedMessage(id: id, to: try #require(Address(to)), envelope: .openPGP(base64: base64)))
    }

    /// Sends all at once, and again what came back as offline, as an outbox does; returns what was given up, by id.
    private func deliver(_ stanzas: [String: OutboundStanza], _ live: inout LiveSession) async throws -> [String: SessionError.Code] {
        var pending = stanzas
        var refused: [String: SessionError.Code] = [:]
        for _ in 0..<10 where !pending.isEmpty {
            let session = live.session
            let results = await withTaskGroup(of: (String, SessionError?).self) { group in
                for (id, stanza) in pending {
                    group.addTask {
                        do {
                            try await session.send(stanza, until: .acknowledged)
                            return (id, nil)
                        } catch {
                            return (id, error as? SessionError ?? SessionError(.offline, "\(error)"))
                        }
                    }
                }
                return await group.reduce(into: [(String, SessionError?)]()) { $0.append($1) }
            }
            for (id, error) in results where error?.code != .offline {
                pending[id] = nil
                refused[id] = error?.code
            }
            if results.contains(where: { $0.1 != nil }) { try await live.onlineAgain() }
        }
        #expect(pending.isEmpty)
        return refused
    }

    @Test("The one that is too big is found, named and set aside; the rest arrives") func oneAtATime() async throws {
        try await LiveSession.run("bot@good.test/here") { live in
            _ = try await live.online()
            var stanzas: [String: OutboundStanza] = [:]
            for number in 1...5 {
                stanzas["m\(number)"] = try sealed("m\(number)", number == 3 ? 80_000 : 1_000, to: "peer@good.test/there")
            }
            let refused = try await deliver(stanzas, &live)
            #expect(refused == ["m3": .tooBig])
            let size = try #require(stanzas["m3"]).byteCount
            #expect(await live.session.sizeLimit == SizeLimit(size - 1, .learnt))
            // Known now: nothing goes to the server, and nobody is thrown out.
            let again = try #require(stanzas["m3"])
            await #expect(throws: SessionError.self) { try await live.session.send(again, until: .acknowledged) }
            _ = try await live.session.request(Ping.request())
        }
    }

    @Test("Over 200 KiB it is found at once") func alone() async throws {
        try await LiveSession.run("bot@good.test/alone") { live in
            _ = try await live.online()
            let large = try sealed("big", 250_000, to: "peer@good.test/there")
            let small = try sealed("small", 1_000, to: "peer@good.test/there")
            #expect(try await deliver(["big": large], &live) == ["big": .tooBig])
            #expect(await live.session.sizeLimit == SizeLimit(large.byteCount - 1, .learnt))
            try await live.session.send(small, until: .acknowledged)
        }
    }

    @Test("A request that is too big is found, too") func request() async throws {
        try await LiveSession.run("bot@good.test/asks") { live in
            _ = try await live.online()
            let request = Request(.get, Element("large", "urn:example:large", text: String(repeating: "A", count: 250_000)))
            do {
                _ = try await live.session.request(request)
                Issue.record("answered")
            } catch let error as SessionError {
                // A reset may overtake the server's last words: then it takes more than one session to be sure.
                #expect(error.code == .tooBig || error.code == .offline)
            }
            try await live.onlineAgain()
            _ = try await live.session.request(Ping.request())
        }
    }

    @Test("What an earlier session has learnt holds, online or not") func remembered() async throws {
        let stanza = try sealed("m", 30_000, to: "peer@good.test")
        try await LiveSession.run("bot@good.test/known", configure: { $0.learntLimit = 20_000 }) { live in
            _ = try await live.online()
            do {
                try await live.session.send(stanza, until: .written)
                Issue.record("sent")
            } catch let error as SessionError {
                #expect(error.code == .tooBig && error.message.contains("20000 bytes"))
            }
        }
    }
}

/// Large attachments, against a Prosody that takes them.
@Suite(.serialized, .prosody("c2s_stanza_size_limit = 10485760"), .timeLimit(.minutes(2))) struct LargeStanzaTests {
    private func sealed(_ bytes: Int) throws -> OutboundStanza {
        let to = try #require(Address("bot@good.test/big"))
        return .sealed(SealedMessage(id: "big", to: to, envelope: .openPGP(base64: String(repeating: "A", count: bytes))))
    }

    @Test("3 MiB pass both ways where the limits allow it") func passes() async throws {
        try await LiveSession.run("bot@good.test/big", configure: { $0.maxStanzaBytes = 10 << 20 }) { live in
            _ = try await live.online()
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            try await live.session.send(sealed(3 << 20), until: .acknowledged)
            let message = try await live.message()
            #expect(message.message.element.first("openpgp", Namespace.openPGP)?.text.utf8.count == 3 << 20)
            message.processed()
        }
    }

    @Test("Our own limit is as the configuration says") func refused() async throws {
        try await LiveSession.run("bot@good.test/big") { live in
            _ = try await live.online()
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            let session = live.session
            let stanza = try sealed(2 << 20)
            async let sent: Void = session.send(stanza, until: .written)
            let failure = try await live.offline().failure
            #expect(failure.code == .protocol && failure.message.contains("more than 1048576 bytes"), "\(failure)")
            try await sent
        }
    }
}
