import Foundation
import Testing

extension Interop {
    /// T1–T15: what clients that exist do differently, and what is answered all the same.
    @Suite(.scene()) struct ToleranceTests {
        @Test("A message of another form is answered", arguments: Tolerance.messages)
        func message(tolerance: Tolerance) async throws {
            let scene = try Scene.current
            let alice = try await scene.rig.correspondent("alice", with: scene.bot)
            let (start, text) = (alice.peer.mark, Wire.id())
            try await tolerance.perform(alice, text)
            #expect(try await alice.answer(from: start).body == text)
        }

        @Test("A key of another form is used", arguments: Tolerance.keys)
        func key(tolerance: Tolerance) async throws {
            let scene = try Scene.current
            let peer = try await scene.rig.peer("bob")
            var bob = Correspondent(peer: peer, key: "", bot: scene.bot, botKey: try await peer.learnKey(of: scene.bot))
            bob.key = try await tolerance.announce(bob)
            let text = Wire.id()
            #expect(try await bob.ask(text) == text)
        }
    }
}

/// Something that a peer may do.
struct Tolerance: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Sends a message with a text.
    var perform: @Sendable (Correspondent, String) async throws -> Void = { _, _ in }
    /// Makes and announces a key; returns the fingerprint to sign with.
    var announce: @Sendable (Correspondent) async throws -> String = { _ in "" }

    private static func content(_ name: String, _ make: @escaping @Sendable (Correspondent, String) -> String) -> Tolerance {
        Tolerance(testDescription: name, perform: { alice, text in try await alice.send(content: make(alice, text)) })
    }

    private static func base64(_ name: String, _ bend: @escaping @Sendable (String) -> String) -> Tolerance {
        Tolerance(testDescription: name, perform: { alice, text in try await alice.send(bend(try await alice.seal(text))) })
    }

    private static func signcrypt(_ bot: String, _ inner: String) -> String {
        "<signcrypt xmlns='urn:xmpp:openpgp:0'>\(inner)</signcrypt>"
    }

    private static func payload(_ text: String) -> String { "<payload><body xmlns='jabber:client'>\(text)</body></payload>" }

    private static func time(_ name: String, _ format: @escaping @Sendable (Date) -> String) -> Tolerance {
        content(name) { alice, text in Wire.content(to: [alice.bot], time: format(Date()), body: text) }
    }

    static let messages: [Tolerance] = [
        // T1
        base64("T1: base64 in lines") { $0.enumerated().map { $0 > 0 && $0 % 64 == 0 ? "\n\($1)" : "\($1)" }.joined() },
        base64("T1: base64 indented") {
            "\n    " + $0.enumerated().map { $0 > 0 && $0 % 40 == 0 ? "\n\t \($1)" : "\($1)" }.joined() + "\n  "
        },
        base64("T1: base64 without padding") { $0.replacing("=", with: "") },
        Tolerance(testDescription: "T1: the text of an armored message, with its checksum (DinoX)") { alice, text in
            let armored = try await alice.seal(
                content: Wire.content(to: [alice.bot], body: text),
                options: ["--armor", "--compress-algo", "none"]
            )
            let lines = String(decoding: Data(base64Encoded: armored) ?? Data(), as: UTF8.self).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            let body = lines.drop { !$0.isEmpty }.dropFirst().prefix { !$0.hasPrefix("-----") }
            try await alice.send(body.joined(separator: "\n"))
        },
        Tolerance(testDescription: "T1: base64 of an armored message") { alice, text in
            try await alice.send(content: Wire.content(to: [alice.bot], body: text), options: ["--armor"])
        },
        // T2
        Tolerance(testDescription: "T2: no type (go-sendxmpp, xmppc)") { alice, text in try await alice.send(alice.seal(text), type: nil) },
        Tolerance(testDescription: "T2: type normal") { alice, text in try await alice.send(alice.seal(text), type: "normal") },
        Tolerance(testDescription: "T2: body, hint and EME outside") { alice, text in
            try await alice.send(
                alice.seal(text),
                extra: "<body>This is encrypted.</body><store xmlns='urn:xmpp:hints'/>"
                    + "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:openpgp:0'/>"
            )
        },
        // T3
        content("T3: no padding") { alice, text in Wire.content(to: [alice.bot], padding: nil, body: text) },
        content("T3: empty padding (xmppc)") { alice, text in Wire.content(to: [alice.bot], padding: "", body: text) },
        content("T3: padding behind the payload (Smack)") { alice, text in
            signcrypt(alice.bot, "<to jid='\(alice.bot)'/><time stamp='\(Wire.now())'/>\(payload(text))<rpad>xyz</rpad>")
        },
        content("T3: everything in another order") { alice, text in
            signcrypt(alice.bot, "\(payload(text))<rpad/><time stamp='\(Wire.now())'/><to jid='\(alice.bot)'/>")
        },
        content("T3: unknown children, attributes and white space") { alice, text in
            signcrypt(
                alice.bot,
                "\n <x xmlns='urn:example:x' a='b'><y/></x> <to jid='\(alice.bot)' z='1'/>\n<time stamp='\(Wire.now())'/>\n\(payload(text))\n"
            )
        },
        content("T3: prefixes") { alice, text in
            "<o:signcrypt xmlns:o='urn:xmpp:openpgp:0' xmlns:c='jabber:client'><o:to jid='\(alice.bot)'/>"
                + "<o:time stamp='\(Wire.now())'/><o:payload><c:body>\(text)</c:body></o:payload></o:signcrypt>"
        },
        content("T3: an XML declaration and white space around") { alice, text in
            "<?xml version='1.0' encoding='UTF-8'?>\n" + Wire.content(to: [alice.bot], body: text) + "\n\n"
        },
        // T4
        content("T4: payload of jabber:client (Fluux)") { alice, text in
            signcrypt(
                alice.bot,
                "<to jid='\(alice.bot)'/><time stamp='\(Wire.now())'/><payload xmlns='jabber:client'><body>\(text)</body></payload>"
            )
        },
        content("T4: body of jabber:server") { alice, text in
            Wire.content(to: [alice.bot], body: text).replacing("jabber:client", with: "jabber:server")
        },
        content("T4: body without a namespace of its own") { alice, text in
            Wire.content(to: [alice.bot], body: text).replacing(" xmlns='jabber:client'", with: "")
        },
        content("T4: body of no namespace") { alice, text in
            Wire.content(to: [alice.bot], body: text).replacing("jabber:client", with: "")
        },
        // T5
        time("T5: +0000 (Profanity, xmppc)") { $0.formatted(.iso8601).replacing("Z", with: "+0000") },
        time("T5: an offset in another zone") { ($0 + 5.5 * 3600).formatted(.iso8601).replacing("Z", with: "+05:30") },
        time("T5: an offset without colon") { ($0 - 8 * 3600).formatted(.iso8601).replacing("Z", with: "-0800") },
        time("T5: milliseconds (Fluux)") { $0.formatted(.iso8601).replacing("Z", with: ".123Z") },
        time("T5: milliseconds and +00:00 (Smack)") { $0.formatted(.iso8601).replacing("Z", with: ".123+00:00") },
        // T6
        content("T6: we are the second of several") { alice, text in Wire.content(to: [alice.jid, alice.bot, "x@y.example"], body: text) },
        content("T6: a full JID (DinoX)") { alice, text in Wire.content(to: [alice.bot + "/some resource"], body: text) },
        content("T6: another case") { alice, text in Wire.content(to: [alice.bot.uppercased()], body: text) },
        // T8
        Tolerance(testDescription: "T8: two signatures by two keys of the sender") { alice, text in
            let second = try await alice.peer.makeKey()
            // Both are there before the bot sees the sender for the first time.
            try await alice.peer.announce(alice.key, second)
            try await alice.send(content: Wire.content(to: [alice.bot], body: text), signers: [alice.key, second])
        },
        // T15
        content("T15: chat state, receipt, marker, correction, reaction, subject beside the body") { alice, text in
            Wire.content(to: [alice.bot], body: text).replacing(
                "</payload>",
                with: "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>"
                    + "<markable xmlns='urn:xmpp:chat-markers:0'/><subject xmlns='jabber:client'>s</subject>"
                    + "<reactions xmlns='urn:xmpp:reactions:0' id='1'><reaction>x</reaction></reactions>"
                    + "<x xmlns='jabber:x:oob'><url>aesgcm://example.org/1</url></x></payload>"
            )
        },
        content("R5: what belongs outside, put inside (Libervia)") { alice, text in
            Wire.content(to: [alice.bot], body: text).replacing(
                "</payload>",
                with: "<origin-id xmlns='urn:xmpp:sid:0' id='1'/><stanza-id xmlns='urn:xmpp:sid:0' id='2' by='x.example'/>"
                    + "<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/><store xmlns='urn:xmpp:hints'/>"
                    + "<thread xmlns='jabber:client'>t</thread><encryption xmlns='urn:xmpp:eme:0' namespace='x'/></payload>"
            )
        },
        Tolerance(testDescription: "compressed, as GnuPG does by default") { alice, text in
            try await alice.send(content: Wire.content(to: [alice.bot], body: text), options: ["--compress-algo", "zlib"])
        },
    ]

    private static func announcing(_ name: String, _ announce: @escaping @Sendable (Correspondent) async throws -> String) -> Tolerance {
        Tolerance(testDescription: name, announce: announce)
    }

    private static func listed(_ name: String, _ entries: @escaping @Sendable (String) -> String) -> Tolerance {
        announcing(name) { bob in
            let key = try await bob.peer.makeKey()
            try await bob.peer.publishKey(bob.peer.export(key), as: key)
            try await bob.peer.publishList(entries(key))
            return key
        }
    }

    private static func data(
        _ name: String,
        item: String? = "current",
        attributes: String = "",
        _ bend: @escaping @Sendable (String) -> String = { $0 }
    ) -> Tolerance {
        announcing(name) { bob in
            let key = try await bob.peer.makeKey()
            try await bob.peer.publishKey(bob.peer.export(key), as: key, item: item, attributes: attributes, transform: bend)
            try await bob.peer.publishList(Peer.entry(key), item: item)
            return key
        }
    }

    static let keys: [Tolerance] = [
        // T1
        announcing("T1: an armored key (Profanity, DinoX)") { bob in
            let key = try await bob.peer.makeKey()
            try await bob.peer.publishKey(bob.peer.export(key, armored: true), as: key)
            try await bob.peer.publishList(Peer.entry(key))
            return key
        },
        // T7
        announcing("T7: a signing subkey (Gajim, Smack, Libervia, Fluux)") { bob in
            let key = try await bob.peer.makeKey(.separate)
            try await bob.peer.announce(key)
            return key
        },
        announcing("T7: one RSA key for everything (gajim-openpgp)") { bob in
            let key = try await bob.peer.makeKey(.singleRSA)
            try await bob.peer.announce(key)
            return key
        },
        // T9
        listed("T9: entries that nobody can read") { key in
            "<pubkey-metadata v6-fingerprint='\(String(repeating: "A", count: 64))' date='\(Wire.now())'/>"
                + "<pubkey-metadata v4-fingerprint='1234' date='\(Wire.now())'/><pubkey-metadata/><other xmlns='urn:example:x'/>"
                + Peer.entry(key)
        },
        listed("T9: no date") { "<pubkey-metadata v4-fingerprint='\($0)'/>" },
        listed("T9: an odd date and more attributes") { "<pubkey-metadata v4-fingerprint='\($0)' date='yesterday' x='1'/>" },
        listed("T9: twice the same") { Peer.entry($0) + Peer.entry($0.lowercased()) },
        announcing("T9: lower-case fingerprints") { bob in
            let key = try await bob.peer.makeKey()
            try await bob.peer.publishKey(bob.peer.export(key), as: key.lowercased())
            try await bob.peer.publishList(Peer.entry(key.lowercased()))
            return key
        },
        // T10
        data("T9, T10: items without an id", item: nil),
        data("T10: a random item id, and a date on the key", item: "e5f1", attributes: " date='2020-01-01T00:00:00Z'"),
        data("T10: white space in the data") { "\n  " + $0.prefix(50) + "\n  " + $0.dropFirst(50) + "\n" },
        // T13
        announcing("T13: other User IDs beside the right one") { bob in
            let key = try await bob.peer.makeKey()
            try await bob.peer.gpgDone(["--quick-add-uid", key, "Bob <bob@example.org>"])
            try await bob.peer.announce(key)
            return key
        },
    ]
}
