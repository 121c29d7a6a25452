import Foundation
import Testing

extension Interop {
    /// What a server may be like, and what is said when it can't be used.
    @Suite struct LoginTests {
        @Test("An account logs in and answers", arguments: Way.good)
        func good(way: Way) async throws {
            let rig = try Rig.current
            let bot = try await rig.server.account("bot", host: way.host)
            let oxbow = try OxbowProgram([.init(jid: bot, lines: way.lines, connect: way.connect(rig.server))], server: rig.server)
            let daemon = try await Daemon.online(oxbow)
            let alice = try await rig.correspondent("alice", with: bot)
            #expect(try await alice.ask("hello") == "hello")
            #expect(try await daemon.status().state(bot) == "online")
        }

        @Test("An account that can't log in says why, and the other one works", arguments: Way.bad)
        func bad(way: Way) async throws {
            let rig = try Rig.current
            let (bad, bot) = (try await rig.server.account("bad", host: way.host), try await rig.server.account("bot"))
            let oxbow = try OxbowProgram(
                [
                    .init(jid: bad, password: way.password, lines: way.lines, connect: way.connect(rig.server)), .init(jid: bot),
                ],
                server: rig.server
            )
            let daemon = try await oxbow.run()
            try await daemon.announced()
            let line = try await daemon.leash.lines.first("a line of the log about \(bad)") { line in
                line.text.contains(bad) && way.words.allSatisfy { line.text.localizedCaseInsensitiveContains($0) }
            }.item.text
            #expect(!line.contains(Prosody.password))
            let status = try await daemon.status()
            #expect(try status.state(bad) != "online")
            for word in way.words { #expect(try status.reason(bad).localizedCaseInsensitiveContains(word)) }
            let alice = try await rig.correspondent("alice", with: bot)
            #expect(try await alice.ask("hello") == "hello")

            // `send` says the same, and exits with 5.
            #expect(try await daemon.terminate().code == 0)
            let sent = try await oxbow.command("send", "--from", bad, "--to", alice.jid, "--timeout", "20s", input: "hello")
            #expect(sent.code == 5, "\(sent.out)\(sent.err)")
            for word in way.words { #expect(sent.err.localizedCaseInsensitiveContains(word), "\(sent.err)") }
        }

        @Test("Two accounts in one process don't share keys")
        func two() async throws {
            let rig = try Rig.current
            let (one, two) = (try await rig.server.account("one"), try await rig.server.account("two"))
            let oxbow = try OxbowProgram([.init(jid: one), .init(jid: two)], server: rig.server)
            _ = try await Daemon.online(oxbow, count: 2)
            let alice = try await rig.correspondent("alice", with: one)
            let also = Correspondent(peer: alice.peer, key: alice.key, bot: two, botKey: try await alice.peer.learnKey(of: two))
            #expect(alice.botKey != also.botKey)
            #expect(try await alice.ask("to one") == "to one")
            #expect(try await also.ask("to two") == "to two")
        }
    }
}

/// A way to a server.
struct Way: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var host = "localhost"
    var password = Prosody.password
    var lines: [String] = []
    /// What the failure's line has to say.
    var words: [String] = []
    var connect: @Sendable (Prosody) -> String = Way.starttls

    @Sendable static func starttls(_ server: Prosody) -> String {
        "{host: 127.0.0.1, port: \(server.port), tls: starttls, ca: \(server.ca)}"
    }
    @Sendable static func direct(_ server: Prosody) -> String {
        "{host: 127.0.0.1, port: \(server.directTLSPort), tls: direct, ca: \(server.ca)}"
    }

    static let good: [Way] = [
        Way(testDescription: "STARTTLS and SCRAM"),
        Way(testDescription: "direct TLS", connect: direct),
        Way(testDescription: "a server with a message archive", host: "archive.localhost"),
        Way(testDescription: "TLS 1.2, with a channel binding that is not announced (R13)", host: "binding.localhost"),
        Way(testDescription: "PLAIN, where it is allowed", host: "plain.localhost", lines: ["allow_plain: true"]),
    ]

    static let bad: [Way] = [
        Way(testDescription: "a wrong password", password: "wrong", words: ["password"]),
        Way(testDescription: "PLAIN only, where it is not allowed", host: "plain.localhost", words: ["PLAIN"]),
        Way(testDescription: "an expired certificate", host: "expired.localhost", words: ["expired"]),
        Way(testDescription: "a certificate for somebody else", host: "other.localhost", words: ["other.localhost"]),
        Way(testDescription: "an unknown authority", host: "unknown.localhost", words: ["certificate"]),
        Way(testDescription: "an authority that is not the system's", words: ["certificate"]) { server in
            "{host: 127.0.0.1, port: \(server.port), tls: starttls}"
        },
        Way(testDescription: "an unknown host", words: ["nowhere.invalid"]) { _ in "{host: nowhere.invalid}" },
        Way(testDescription: "nobody listens", words: ["refused"]) { _ in "{host: 127.0.0.1, port: 1}" },
    ]
}
