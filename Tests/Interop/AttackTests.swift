import Foundation
import Testing

extension Interop {
    /// A1–A26: no handler runs, the reason is counted, nothing else about the account changes, and an honest message of the same sender is
    /// answered afterwards. That answer is also the proof that the attack has been looked at: a sender's messages are taken in order.
    @Suite(.scene()) struct AttackTests {
        @Test("An attack of somebody who is known", arguments: Attack.messages)
        func refused(attack: Attack) async throws {
            let scene = try Scene.current
            let mallory = try await scene.acquaintance("mallory")
            let (start, before, keys) = (mallory.peer.mark, try await scene.counters(), try await scene.pins(of: mallory.jid))

            try await attack.perform(mallory, scene)

            let text = Wire.id()
            #expect(try await mallory.ask(text) == text)
            let difference = Difference(from: before, to: try await scene.counters())
            #expect(difference.refused.values.reduce(0, +) == attack.count, "\(difference.counted)")
            #expect(Set(difference.refused.keys).isSubset(of: attack.reasons), "\(difference.counted)")
            #expect(difference.events == 1 + attack.answers + attack.others, "only honest messages: \(difference.counted)")
            #expect(mallory.answers(from: start) == 1 + attack.answers)
            #expect(try await scene.pins(of: mallory.jid) == keys)
        }

        @Test("A first message with a key that must not count", arguments: Attack.firstKeys)
        func firstKey(attack: Attack) async throws {
            let scene = try Scene.current
            let peer = try await scene.rig.peer("eve")
            var eve = Correspondent(peer: peer, key: "", bot: scene.bot, botKey: try await peer.learnKey(of: scene.bot))
            try await eve.befriend()
            let (start, before) = (peer.mark, try await scene.counters())

            try await attack.perform(eve, scene)

            // The list is put right, the bot hears of that, and goes by it.
            eve.key = try await peer.makeKey()
            try await peer.announce(eve.key)
            let text = Wire.id()
            #expect(try await eve.ask(text) == text)
            let difference = Difference(from: before, to: try await scene.counters())
            #expect(difference.refused.values.reduce(0, +) == attack.count, "\(difference.counted)")
            #expect(Set(difference.refused.keys).isSubset(of: attack.reasons), "\(difference.counted)")
            #expect(difference.events == 1 + attack.others, "only the honest message: \(difference.counted)")
            #expect(eve.answers(from: start) == 1)
        }
    }
}

extension Attack {
    private static let old = "2014-09-10T23:08:25Z"

    static let messages: [Attack] =
        addressees + ciphertexts + replays + times + signers + kinds + signatures + documents + doubles + sizes + integrity + plaintexts
        + wrappers + payloads + types + accounts

    /// A1, A2: not for us.
    private static let addressees: [Attack] = [
        content("A1: to somebody else", "addressee") { _ in Wire.content(to: ["friend@localhost"], body: "x") },
        content("A1: to the sender", "addressee") { Wire.content(to: [$0.jid], body: "x") },
        content("A2: no to", "addressee", "content") { _ in Wire.content(to: [], body: "x") },
        content("A2: a similar domain", "addressee") { Wire.content(to: [$0.bot + ".evil.test", $0.bot + ".evil.test/x"], body: "x") },
        content("A2: a homograph", "addressee") { Wire.content(to: [$0.bot.replacing("o", with: "\u{43E}")], body: "x") },
        content("A2: our address in another place", "addressee", "content") { mallory in
            Wire.content(to: ["x@localhost"], body: "x").replacing(
                "<to jid",
                with: "<to xmlns='urn:example:x' jid='\(mallory.bot)'/><to jid"
            )
        },
        content("A2: our address as a resource", "addressee") { Wire.content(to: ["x@localhost/" + $0.bot], body: "x") },
    ]

    /// A3, A4: somebody else's ciphertext.
    private static let ciphertexts: [Attack] = [
        Attack("A3: Alice's ciphertext, sent by Mallory", "wrong-signer", others: 1) { mallory, scene in
            let alice = try await scene.acquaintance("alice")
            try await mallory.send(alice.seal("from alice"))
        },
        Attack("A3: Alice's ciphertext after she has sent it", "replay", others: 2) { mallory, scene in
            let alice = try await scene.acquaintance("alice")
            let sealed = try await alice.seal("again")
            let start = alice.peer.mark
            try await alice.send(sealed)
            _ = try await alice.answer(from: start)
            try await mallory.send(sealed)
        },
    ]

    /// A5: again.
    private static let replays: [Attack] = [
        Attack("A5: the same stanza again", "replay", count: 2) { mallory, _ in
            let stanza = Wire.message(to: mallory.bot, id: Wire.id(), try await mallory.seal("once"))
            let start = mallory.peer.mark
            try await mallory.peer.send(stanza)
            _ = try await mallory.answer(from: start)
            try await mallory.peer.send(stanza)
            try await mallory.peer.send(stanza)
        }.answered(1),
        Attack("A5: the same ciphertext in another stanza", "replay") { mallory, _ in
            let sealed = try await mallory.seal("once")
            let start = mallory.peer.mark
            try await mallory.send(sealed)
            _ = try await mallory.answer(from: start)
            try await mallory.send(sealed.replacing("=", with: "") + "\n", type: nil)
        }.answered(1),
        Attack("A5: the same content in another ciphertext", "replay") { mallory, _ in
            let content = Wire.content(to: [mallory.bot], body: "once")
            let start = mallory.peer.mark
            try await mallory.send(content: content)
            _ = try await mallory.answer(from: start)
            try await mallory.send(content: content)
        }.answered(1),
    ]

    /// A6: times.
    private static let times: [Attack] = [
        content("A6: time long ago", "time") { Wire.content(to: [$0.bot], time: old, body: "x") },
        content("A6: time in the future", "time") { Wire.content(to: [$0.bot], time: "2036-09-10T23:08:25Z", body: "x") },
        content("A6: no time", "time", "content") { Wire.content(to: [$0.bot], time: nil, body: "x") },
        content("A6: two times", "time", "content") { mallory in
            Wire.content(to: [mallory.bot], body: "x").replacing("<rpad>", with: "<time stamp='\(Wire.now())'/><rpad>")
        },
        content("A6: no time of day", "time", "content") { Wire.content(to: [$0.bot], time: "2026-11-21", body: "x") },
        content("A6: not the signature's time", "time") { Wire.content(to: [$0.bot], time: Wire.now(offset: -500), body: "x") },
        Attack("A6: all of it an hour ago", "stale") { mallory, _ in
            try await mallory.send(
                content: Wire.content(to: [mallory.bot], time: Wire.now(offset: -3600), body: "x"),
                options: Wire.gnupg(at: -3600)
            )
        },
        Attack("A6, R1: an hour ago, explained by a delay that the sender wrote", "stale") { mallory, _ in
            let sealed = try await mallory.seal(
                content: Wire.content(to: [mallory.bot], time: Wire.now(offset: -3600), body: "x"),
                options: Wire.gnupg(at: -3600)
            )
            try await mallory.send(
                sealed,
                extra: "<delay xmlns='urn:xmpp:delay' from='localhost' stamp='\(Wire.now(offset: -3599))'/>"
            )
        },
        Attack("A6: all of it an hour ahead", "time") { mallory, _ in
            try await mallory.send(
                content: Wire.content(to: [mallory.bot], time: Wire.now(offset: 3600), body: "x"),
                options: Wire.gnupg(at: 3600)
            )
        },
    ]

    /// A7, A8: other keys.
    private static let signers: [Attack] = [
        Attack("A7: signed by another contact's key", "wrong-signer", others: 1) { mallory, scene in
            let alice = try await scene.acquaintance("alice")
            try await mallory.peer.importKey(alice.peer.gpgDone(["--export-secret-keys", alice.key]).out)
            try await mallory.send(content: Wire.content(to: [mallory.bot], body: "x"), signers: [alice.key])
        },
        Attack("A8: signed by a key of the right name that nobody has announced", "wrong-signer", "bad-signature") { mallory, _ in
            let key = try await mallory.peer.makeKey()
            try await mallory.send(content: Wire.content(to: [mallory.bot], body: "x"), signers: [key])
        },
    ]

    /// A10: other kinds of content.
    private static let kinds: [Attack] = [
        Attack("A10: signed only", "undecryptable", "content") { mallory, _ in
            let content = Wire.content("sign", to: [mallory.bot], body: "x")
            try await mallory.send(
                mallory.peer.openPGP(content, signers: [mallory.key], to: [])
            )
        },
        Attack("A10: a signcrypt that is signed only", "undecryptable", "content") { mallory, _ in
            try await mallory.send(
                mallory.peer.openPGP(Wire.content(to: [mallory.bot], body: "x"), signers: [mallory.key], to: [])
            )
        },
        Attack("A10: crypt, unsigned", "unsigned", "content") { mallory, _ in
            try await mallory.send(content: Wire.content("crypt", to: [mallory.bot], body: "x"), signers: [])
        },
        Attack("A10: signcrypt, unsigned", "unsigned") { mallory, _ in
            try await mallory.send(content: Wire.content(to: [mallory.bot], body: "x"), signers: [])
        },
        content("A10: crypt, signed", "content") { Wire.content("crypt", to: [$0.bot], body: "x") },
        content("A10: sign, encrypted", "content") { Wire.content("sign", to: [$0.bot], body: "x") },
        content("A10: signcrypt of another namespace", "content") { mallory in
            Wire.content(to: [mallory.bot], body: "x").replacing("urn:xmpp:openpgp:0", with: "urn:xmpp:openpgp:1")
        },
        content("A10: something else", "content") { _ in "just text" },
    ]

    /// A11: several signatures.
    private static let signatures: [Attack] = [
        Attack("A11: a good signature and one of a stranger", "wrong-signer", "bad-signature") { mallory, _ in
            let stranger = try await mallory.peer.makeKey(userID: "xmpp:stranger@localhost")
            try await mallory.send(content: Wire.content(to: [mallory.bot], body: "x"), signers: [mallory.key, stranger])
        },
        Attack("A11: a good signature behind one of another contact", "wrong-signer", others: 1) { mallory, scene in
            let alice = try await scene.acquaintance("alice")
            try await mallory.peer.importKey(alice.peer.gpgDone(["--export-secret-keys", alice.key]).out)
            try await mallory.send(content: Wire.content(to: [mallory.bot], body: "x"), signers: [alice.key, mallory.key])
        },
    ]

    /// A13: XML.
    private static let documents: [Attack] = [
        content("A13: a document type", "content") { "<!DOCTYPE signcrypt>" + Wire.content(to: [$0.bot], body: "x") },
        content("A13: a billion laughs", "content") { mallory in
            let entities = (1...9).map { "<!ENTITY e\($0) '&e\($0 - 1);&e\($0 - 1);&e\($0 - 1);&e\($0 - 1);&e\($0 - 1);&e\($0 - 1);'>" }
            return "<!DOCTYPE signcrypt [<!ENTITY e0 'ha'>\(entities.joined())]>" + Wire.content(to: [mallory.bot], body: "&e9;")
        },
        content("A13: an external entity", "content") { mallory in
            "<!DOCTYPE signcrypt [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + Wire.content(to: [mallory.bot], body: "&e;")
        },
        content("A13: a processing instruction", "content") { Wire.content(to: [$0.bot], body: "<?x y?>") },
        content("A13: a comment", "content") { Wire.content(to: [$0.bot], body: "<!-- x -->") },
        content("A13: an undefined entity", "content") { Wire.content(to: [$0.bot], body: "&x;") },
        content("A13: nested 10,000 deep", "content", "limits") { mallory in
            Wire.content(
                to: [mallory.bot],
                body: String(repeating: "<a>", count: 10_000) + String(repeating: "</a>", count: 10_000)
            )
        },
        content("A13: 10,000 attributes", "content", "limits") { mallory in
            Wire.content(to: [mallory.bot], body: "<a \((0..<10_000).map { "a\($0)='1'" }.joined(separator: " "))/>")
        },
        Attack("A13: broken UTF-8", "content") { mallory, _ in
            var bytes = Array(Wire.content(to: [mallory.bot], body: "x").utf8)
            bytes.insert(contentsOf: [0xC3, 0x28], at: bytes.count / 2)
            try await mallory.send(bytes: bytes)
        },
        Attack("A13: a NUL", "content") { mallory, _ in
            try await mallory.send(bytes: Array(Wire.content(to: [mallory.bot], body: "x").utf8) + [0])
        },
        Attack("A13: UTF-16", "content") { mallory, _ in
            let content = "<?xml version='1.0' encoding='UTF-16'?>" + Wire.content(to: [mallory.bot], body: "x")
            try await mallory.send(bytes: [0xFE, 0xFF] + content.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
        },
    ]

    /// A14: more than one.
    private static let doubles: [Attack] = [
        content("A14: a second root", "content") { Wire.content(to: [$0.bot], body: "x") + Wire.content(to: [$0.bot], body: "y") },
        content("A14: text behind the root", "content") { Wire.content(to: [$0.bot], body: "x") + "y" },
        content("A14: two payloads", "content") { mallory in
            Wire.content(to: [mallory.bot], body: "x").replacing("</payload>", with: "</payload><payload/>")
        },
        content("A14: a second payload of the other namespace", "content") { mallory in
            Wire.content(to: [mallory.bot], body: "x").replacing("</payload>", with: "</payload><payload xmlns='jabber:client'/>")
        },
        Attack("A14: two <openpgp/>", "envelope") { mallory, _ in
            let second = try await mallory.seal("y")
            try await mallory.send(mallory.seal("x"), extra: "<openpgp xmlns='urn:xmpp:openpgp:0'>\(second)</openpgp>")
        },
        Attack("A14: elements inside of <openpgp/>", "envelope") { mallory, _ in
            try await mallory.send(mallory.seal("x") + "<x xmlns='urn:example:x'/>")
        },
    ]

    /// A15: too much.
    private static let sizes: [Attack] = [
        Attack("A15: not base64", "envelope") { mallory, _ in try await mallory.send("this is no base64!") },
        Attack("A15: empty", "envelope") { mallory, _ in try await mallory.send("") },
        Attack("A15: base64 of garbage", "envelope", "undecryptable") { mallory, _ in
            try await mallory.send(Data((0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 193 >> 3) }).base64EncodedString())
        },
        Attack("A15: 30 MB of zeros, compressed", "limits", "content") { mallory, _ in
            let bomb = Wire.content(to: [mallory.bot], body: String(repeating: "0", count: 30 << 20))
            try await mallory.send(content: bomb, options: ["--compress-algo", "zlib", "--compress-level", "9"])
        },
        Attack("A15: a second compression inside", "limits", "content", "undecryptable", "unsigned", "integrity", "bad-signature") {
            mallory,
            _ in
            let inner = try await mallory.peer.openPGPBytes(
                Array(Wire.content(to: [mallory.bot], body: "x").utf8),
                signers: [mallory.key],
                to: [],
                options: ["--compress-algo", "zlib"]
            )
            try await mallory.send(bytes: inner)
        },
    ]

    /// A16: integrity.
    private static let integrity: [Attack] = [
        Attack("A16: the last bytes are missing", "integrity", "undecryptable") { mallory, _ in
            try await mallory.send(mallory.altered { $0.removeLast(20) })
        },
        Attack("A16: one bit is another", "integrity", "undecryptable") { mallory, _ in
            try await mallory.send(mallory.altered { $0[$0.count - 60] ^= 1 })
        },
        Attack("A16: made a packet without integrity protection", "integrity", "undecryptable") { mallory, _ in
            try await mallory.send(mallory.withoutIntegrity())
        },
    ]

    /// A17: no way back to plaintext.
    private static let plaintexts: [Attack] = [
        Attack("A17: a plain body", "plaintext") { mallory, _ in
            try await mallory.peer.send("<message to='\(mallory.bot)' type='chat' id='\(Wire.id())'><body>x</body></message>")
        },
        Attack("A17: a plain body that says it is encrypted", "plaintext") { mallory, _ in
            try await mallory.peer.send(
                "<message to='\(mallory.bot)' type='chat' id='\(Wire.id())'><body>x</body>"
                    + "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:openpgp:0'/></message>"
            )
        },
    ]

    /// A22, A23: wrappers that nobody asked for.
    private static let wrappers: [Attack] = [
        Attack("A22: a forged carbon", "wrapper") { mallory, _ in
            let inner = try await mallory.forwarded()
            try await mallory.peer.send(
                "<message to='\(mallory.bot)' type='chat'><received xmlns='urn:xmpp:carbons:2'>\(inner)</received></message>"
            )
        },
        Attack("A23: a forged archive result", "wrapper") { mallory, _ in
            let inner = try await mallory.forwarded()
            try await mallory.peer.send(
                "<message to='\(mallory.bot)'><result xmlns='urn:xmpp:mam:2' queryid='1' id='2'>\(inner)</result></message>"
            )
        },
    ]

    /// A25: a message in the payload.
    private static let payloads: [Attack] = [
        Attack("A25: an <openpgp/> in the payload", "smuggling") { mallory, _ in
            let inner = try await mallory.seal("x")
            try await mallory.send(content: mallory.smuggling("<openpgp xmlns='urn:xmpp:openpgp:0'>\(inner)</openpgp>"))
        },
        Attack("A25: a forwarded message in the payload", "smuggling") { mallory, _ in
            try await mallory.send(
                content: mallory.smuggling(
                    "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='x@localhost'/></forwarded>"
                )
            )
        },
        Attack("A25: a carbon deep in the payload", "smuggling") { mallory, _ in
            try await mallory.send(content: mallory.smuggling("<x xmlns='urn:example:x'><received xmlns='urn:xmpp:carbons:2'/></x>"))
        },
        Attack("A25: an archive result in the payload", "smuggling") { mallory, _ in
            try await mallory.send(content: mallory.smuggling("<result xmlns='urn:xmpp:mam:2'/>"))
        },
    ]

    /// A26: types that carry nothing for us.
    private static let types: [Attack] = [
        Attack("A26: groupchat", "type") { mallory, _ in
            try await mallory.send(
                mallory.seal("x"),
                type: "groupchat",
                extra: "<x xmlns='http://jabber.org/protocol/muc#user'/>",
                to: mallory.session()
            )
        },
        Attack("S16: headline", "type") { mallory, _ in try await mallory.send(mallory.seal("x"), type: "headline") },
        Attack("S16: error", "type") { mallory, _ in
            try await mallory.send(
                mallory.seal("x"),
                type: "error",
                extra: "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
                to: mallory.session()
            )
        },
    ]

    /// A29: another account of the same process.
    private static let accounts: [Attack] = [
        Attack("A29: for the key of another account", "undecryptable") { mallory, scene in
            let other = try await mallory.peer.learnKey(of: scene.other)
            try await mallory.send(content: Wire.content(to: [mallory.bot], body: "x"), to: [other])
        },
        Attack("A29: a message to another account", "undecryptable") { mallory, scene in
            let other = try await mallory.peer.learnKey(of: scene.other)
            try await mallory.send(content: Wire.content(to: [scene.other], body: "x"), to: [other])
        },
        Attack("A29: for another account, with our key", "addressee") { mallory, scene in
            try await mallory.send(content: Wire.content(to: [scene.other], body: "x"))
        },
    ]

    /// The attack contains honest messages that are answered.
    private func answered(_ count: Int) -> Attack {
        var attack = self
        attack.answers = count
        return attack
    }
}

extension Correspondent {
    func send(bytes: [UInt8]) async throws {
        try await send(
            Data(peer.openPGPBytes(bytes, signers: [key], to: [botKey], options: ["--compress-algo", "none"])).base64EncodedString()
        )
    }

    /// An honest message whose bytes are then changed.
    func altered(_ change: (inout [UInt8]) -> Void) async throws -> String {
        var bytes = [UInt8](Data(base64Encoded: try await seal("x")) ?? Data())
        change(&bytes)
        return Data(bytes).base64EncodedString()
    }

    /// An honest message whose encrypted packet (tag 18) is made one without integrity protection (tag 9, EFAIL).
    func withoutIntegrity() async throws -> String {
        try await altered { bytes in
            // Walks over the packets, whose headers GnuPG writes in the old format where it can (RFC 4880 § 4.2).
            var start = 0
            while start < bytes.count {
                let header = bytes[start]
                let isNew = header & 0x40 != 0
                let tag = isNew ? header & 0x3F : (header >> 2) & 0x0F
                let first = Int(bytes[start + 1])
                let (length, size): (Int, Int)
                if isNew {
                    if first < 192 {
                        (length, size) = (first, 2)
                    } else {
                        (length, size) = (((first - 192) << 8) + Int(bytes[start + 2]) + 192, 3)
                    }
                } else {
                    switch header & 3 {
                    case 0: (length, size) = (first, 2)
                    case 1: (length, size) = (first << 8 | Int(bytes[start + 2]), 3)
                    default: (length, size) = (bytes[(start + 1)...(start + 4)].reduce(0) { $0 << 8 | Int($1) }, 5)
                    }
                }
                if tag == 18 {
                    // Without the version byte, and without the 22 bytes of the modification detection code.
                    let body = Array(bytes[(start + size + 1)..<(start + size + length - 22)])
                    let header: [UInt8] = [0x80 | 9 << 2 | 1, UInt8(body.count >> 8), UInt8(body.count & 255)]
                    bytes = Array(bytes[..<start]) + header + body
                    return
                }
                start += size + length
            }
        }
    }

    /// An honest message as carbons and archives wrap it.
    func forwarded() async throws -> String {
        let sealed = try await seal("x")
        return "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='\(jid)' to='\(bot)' type='chat'>"
            + "<openpgp xmlns='urn:xmpp:openpgp:0'>\(sealed)</openpgp></message></forwarded>"
    }

    func smuggling(_ element: String) -> String {
        Wire.content(to: [bot], body: "x").replacing("</payload>", with: element + "</payload>")
    }
}
