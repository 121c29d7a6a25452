import EchoBot
import Foundation
import HelpBot
import OxbowTesting
import Testing
import XML
import XMPP

@testable import Oxbow

/// Both roads of an account, walked on the bench: real keyrings on both sides, a server in memory between them.
@Suite(.serialized)
struct RoadTests {
    private static let modules: SwiftModules = {
        var modules = SwiftModules()
        modules.register("echo") { _ in EchoBot() }
        modules.register("help") { _ in HelpBot() }
        return modules
    }()

    /// The folder of the shipped bots, beside this package's manifest.
    private static let bots = #filePath.components(upTo: "Tests") + "bots"

    @Test("the shipped bots answer, signed and encrypted")
    func answers() async throws {
        try await BotBench.use(bots: ["echo", "help"], in: Self.bots, modules: Self.modules) { bench in
            try await bench.say("!ping")
            #expect(try await bench.answer() == "pong")
            try await bench.say("!echo two words")
            #expect(try await bench.answer() == "two words")
            try await bench.say("!help")
            #expect(try await bench.answer().contains("!ping"))
            #expect(bench.counters.total("oxbow_opened_total") == 3)
            #expect(bench.counters.total("oxbow_accepted_total") == 3)
        }
    }

    @Test("R7, R8: what the server sees of a conversation is ciphertext and hints, and nothing of its content")
    func whatTheServerSees() async throws {
        let secret = "the-eagle-has-landed"
        try await BotBench.use(bots: ["echo"], in: Self.bots, modules: Self.modules) { bench in
            try await bench.say("!echo \(secret)")
            #expect(try await bench.answer() == secret)
            let messages = await bench.server.messages
            #expect(messages.count == 2)
            for message in messages {
                #expect(!message.serialized().contains(secret))
                let names = Set(message.elements.map(\.name.description))
                #expect(
                    names == [
                        "{jabber:client}body", "{urn:xmpp:openpgp:0}openpgp", "{urn:xmpp:eme:0}encryption", "{urn:xmpp:hints}store",
                        "{urn:xmpp:sid:0}origin-id",
                    ]
                )
                #expect(message.first("body", Namespace.client)?.text == OutboundStanza.fallbackBody)
            }
        }
    }

    @Test("A5, R2: the same stanza again, the same ciphertext in another stanza, and carbons of it run nothing")
    func replay() async throws {
        try await BotBench.use(bots: ["echo"], in: Self.bots, modules: Self.modules) { bench in
            try await bench.say("!ping")
            #expect(try await bench.answer() == "pong")
            let first = try #require(await bench.server.messages.first)
            var disguised = first
            disguised["id"] = "another"
            disguised.removeElements { $0.is("origin-id", Namespace.stanzaIDs) }
            await bench.server.inject(first)
            await bench.server.inject(disguised)
            // A22: with carbons on, though we never switch them on, the account's own server shows what was handled once more.
            for carbon in ["sent", "received"] {
                let forwarded = Element("forwarded", "urn:xmpp:forward:0", [:], [first])
                let wrapper = Element(carbon, "urn:xmpp:carbons:2", [:], [forwarded])
                await bench.server.inject(
                    Element(
                        "message",
                        Namespace.client,
                        ["from": "bot@localhost", "to": "bot@localhost/loopback", "type": "chat"],
                        [wrapper]
                    )
                )
            }
            try await bench.say("!echo still there")
            #expect(try await bench.answer() == "still there")
            #expect(bench.counters.total("oxbow_refused_total", where: ["reason": "replay"]) == 2)
            #expect(bench.counters.total("oxbow_refused_total", where: ["reason": "wrapper"]) == 2)
        }
    }

    @Test("S19: whoever plays a gateway is refused and counted, also without a body")
    func playedGateway() async throws {
        try await BotBench.use(bots: ["echo"], in: Self.bots, modules: Self.modules) { bench in
            for (sender, type) in [("alice", "chat"), ("alice", "normal"), ("alice", "error"), ("mallory", "chat")] {
                let attributes = ["formatter": "urn:xmpp:gre:formatter:mime:0", "encrypter": "urn:xmpp:gre:encrypter:openpgp:0"]
                await bench.server.inject(
                    Element(
                        "message",
                        Namespace.client,
                        ["from": "\(sender)@\(sender == "alice" ? "localhost" : "else.test")/x", "to": "bot@localhost", "type": type],
                        [Element("encrypted", Namespace.gatewayRelay, attributes, text: "AAAA")]
                    )
                )
            }
            try await bench.say("!ping")
            #expect(try await bench.answer() == "pong")
            while bench.counters.total("oxbow_refused_total") < 3 { await Task.yield() }
            #expect(bench.counters.total("oxbow_refused_total", where: ["reason": "gateway-not"]) == 2)
            #expect(bench.counters.total("oxbow_refused_total", where: ["reason": "not-allowed"]) == 1)
            #expect(bench.counters.total("oxbow_events_total") == 1)
        }
    }

    @Test("R3: strangers are counted and nothing else; R4's answers are not for them")
    func strangers() async throws {
        try await BotBench.use(
            bots: ["echo"],
            in: Self.bots,
            modules: Self.modules,
            person: "mallory@else.test"
        ) { bench in
            try await bench.say("!ping")
            await bench.server.inject(
                Element(
                    "message",
                    Namespace.client,
                    ["from": "alice@localhost/phone", "to": "bot@localhost", "type": "chat", "id": "clear"],
                    [Element("body", Namespace.client, text: "!ping")]
                )
            )
            while bench.counters.total("oxbow_refused_total", where: ["reason": "plaintext"]) == 0 { await Task.yield() }
            #expect(bench.counters.total("oxbow_refused_total", where: ["reason": "not-allowed"]) == 1)
            #expect(bench.counters.total("oxbow_events_total") == 0)
            #expect(await bench.server.messages.count == 2)
        }
    }
}

extension String {
    /// The part of a path before a component, with its slash.
    fileprivate func components(upTo name: String) -> String {
        guard let range = range(of: "/\(name)/") else { return "./" }
        return String(self[..<range.lowerBound]) + "/"
    }
}
