import NIOCore
import Synchronization
import Testing
import XML
import XMPP

@testable import XMPPNIO

/// Many stanzas on their way at once, over lines that break, to a real Prosody.
@Suite(.serialized, .prosody, .timeLimit(.minutes(2))) struct HandOverTests {
    /// What became of stanzas, in order.
    private final class Outcomes: Sendable {
        let stream: AsyncStream<(String, SessionError.Code?)>
        private let tell: AsyncStream<(String, SessionError.Code?)>.Continuation
        init() { (stream, tell) = AsyncStream.makeStream() }

        func of(_ id: String) -> @Sendable (Result<Void, any Error>) -> Void {
            { [tell] result in
                switch result {
                case .success: tell.yield((id, nil))
                case .failure(let error): tell.yield((id, (error as? SessionError)?.code ?? .offline))
                }
            }
        }

        /// So many more of them, in order.
        func next(_ count: Int) async -> [String] {
            var seen: [String] = []
            for await (id, code) in stream {
                seen.append(code == nil ? id : "\(id) \(code == .offline ? "offline" : "other")")
                if seen.count == count { break }
            }
            return seen
        }
    }

    private func sealed(_ id: String, to: String) throws -> OutboundStanza {
        .sealed(SealedMessage(id: id, to: try #require(Address(to)), envelope: .openPGP(base64: "AAAA")))
    }

    @Test("R10, R12: many are on their way at once, and across a cut the order is that of the hand-over")
    func order() async throws {
        let proxy = try await FaultProxy.start(to: try WithProsody.prosody.startTLSPort)
        try await LiveSession.run("peer@good.test/reader") { peer in
            _ = try await peer.online()
            try await peer.session.send(.presence(Presence(.available)), until: .acknowledged)
            try await LiveSession.run("bot@good.test/sender", port: proxy.port) { live in
                _ = try await live.online()
                let number = await live.session.sessionNumber
                let outcomes = Outcomes()
                let ids = (0..<120).map { "m\($0)" }
                for id in ids[..<40] {
                    try await live.session.handOver(sealed(id, to: "peer@good.test/reader"), in: number, outcome: outcomes.of(id))
                }
                // The line freezes and is cut: nobody knows what of these has arrived.
                try await proxy.freeze()
                for id in ids[40..<80] {
                    try await live.session.handOver(sealed(id, to: "peer@good.test/reader"), in: number, outcome: outcomes.of(id))
                }
                await proxy.cut()
                proxy.thaw()
                _ = try await live.offline()
                await #expect(throws: SessionError.self) {
                    try await live.session.handOver(sealed("never", to: "peer@good.test/reader"), in: number) { _ in }
                }
                #expect(try await live.online().resumed)
                #expect(await live.session.sessionNumber == number)
                for id in ids[80...] {
                    try await live.session.handOver(sealed(id, to: "peer@good.test/reader"), in: number, outcome: outcomes.of(id))
                }
                #expect(await outcomes.next(120) == ids)
            }
            var arrived: [String] = []
            while arrived.count < 120 {
                let message = try await peer.message()
                message.processed()
                if let id = message.message.id, !arrived.contains(id) { arrived.append(id) }
            }
            #expect(arrived == (0..<120).map { "m\($0)" })
        }
        await proxy.stop()
    }

    @Test("R10: with a session that can't be resumed all that it still had is lost, and nothing for it gets into the next one")
    func lost() async throws {
        let proxy = try await FaultProxy.start(to: try WithProsody.prosody.startTLSPort)
        try await LiveSession.run("bot@plain.test/lost", port: proxy.port) { live in
            _ = try await live.online()
            let number = await live.session.sessionNumber
            let outcomes = Outcomes()
            try await live.session.handOver(sealed("m0", to: "peer@plain.test"), in: number, outcome: outcomes.of("m0"))
            #expect(await outcomes.next(1) == ["m0"])
            try await proxy.freeze()
            for id in ["m1", "m2"] {
                try await live.session.handOver(sealed(id, to: "peer@plain.test"), in: number, outcome: outcomes.of(id))
            }
            await proxy.cut()
            proxy.thaw()
            _ = try await live.offline()
            #expect(Set(await outcomes.next(2)) == ["m1 offline", "m2 offline"])
            #expect(!(try await live.online()).resumed)
            #expect(await live.session.sessionNumber == number + 1)
            await #expect(throws: SessionError.self) {
                try await live.session.handOver(sealed("m3", to: "peer@plain.test"), in: number) { _ in }
            }
        }
        await proxy.stop()
    }

    @Test("A server that leaves stanzas unacknowledged for too long is left and asked again over another connection")
    func late() async throws {
        let proxy = try await FaultProxy.start(to: try WithProsody.prosody.startTLSPort)
        try await LiveSession.run(
            "bot@good.test/late",
            port: proxy.port,
            configure: { $0.acknowledgementLimit = .milliseconds(300) }
        ) { live in
            _ = try await live.online()
            let number = await live.session.sessionNumber
            let outcomes = Outcomes()
            try await proxy.freeze()
            try await live.session.handOver(sealed("m1", to: "peer@good.test"), in: number, outcome: outcomes.of("m1"))
            let failure = try await live.offline().failure
            #expect(failure.message.contains("has not acknowledged"), "\(failure.message)")
            proxy.thaw()
            #expect(try await live.online().resumed)
            #expect(await outcomes.next(1) == ["m1"])
        }
        await proxy.stop()
    }
}
