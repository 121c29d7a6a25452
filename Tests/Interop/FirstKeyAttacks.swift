import Foundation

extension Attack {
    /// A key that is announced under a sender's name before the first message, and signs it.
    private static func key(_ name: String, make: @escaping @Sendable (Correspondent, Scene) async throws -> String) -> Attack {
        Attack(name, "untrusted", "wrong-signer", "bad-signature") { eve, scene in
            let key = try await make(eve, scene)
            try await eve.send(
                content: Wire.content(to: [eve.bot], body: "x"),
                signers: [key],
                options: ["--compress-algo", "none", "--allow-weak-key-signatures"]
            )
        }
    }

    private static func userID(_ name: String, _ userID: @escaping @Sendable (String) -> String) -> Attack {
        key("A9: " + name) { eve, _ in
            let key = try await eve.peer.makeKey(userID: userID(eve.jid))
            try await eve.peer.announce(key)
            return key
        }
    }

    /// Announces the material of a key that is changed on the way.
    private static func material(
        _ name: String,
        _ layout: Peer.Layout = .common,
        expires: String = "0",
        options: [String] = [],
        change: @escaping @Sendable (Peer, String, [UInt8]) async throws -> [UInt8] = { $2 }
    ) -> Attack {
        Attack(name, "untrusted", "wrong-signer", "bad-signature") { eve, _ in
            let key = try await eve.peer.makeKey(layout, expires: expires, options: options)
            let content = Wire.content(to: [eve.bot], body: "x")
            let sealed = try await eve.seal(
                content: content,
                signers: [key],
                options: options + ["--compress-algo", "none", "--ignore-time-conflict", "--ignore-valid-from"]
            )
            try await eve.peer.publishKey(try await change(eve.peer, key, try await eve.peer.export(key)), as: key)
            try await eve.peer.publishList(Peer.entry(key))
            try await eve.send(sealed)
        }
    }

    static let firstKeys: [Attack] = [
        Attack("A8: no key at all", "untrusted", "wrong-signer", "bad-signature") { eve, _ in
            let key = try await eve.peer.makeKey()
            try await eve.send(content: Wire.content(to: [eve.bot], body: "x"), signers: [key])
        },
        Attack(
            "A4: Mallory announces Alice's key as her own, and sends Alice's ciphertext",
            "untrusted",
            "wrong-signer",
            "bad-signature",
            others: 1
        ) { eve, scene in
            let alice = try await scene.acquaintance("alice")
            try await eve.peer.publishKey(alice.peer.export(alice.key), as: alice.key)
            try await eve.peer.publishList(Peer.entry(alice.key))
            try await eve.send(alice.seal("from alice"))
        },
        // A9: names that are not the sender's.
        userID("no User ID of XMPP") { "Eve <\($0)>" },
        userID("a longer domain") { "xmpp:\($0).evil.test" },
        userID("a longer name") { "xmpp:x\($0)" },
        userID("another scheme") { "xxmpp:\($0)" },
        userID("somebody else's name") { _ in "xmpp:admin@localhost" },
        // A common space at the end is taken off by gpg itself.
        userID("another space behind") { "xmpp:\($0)\u{A0}" },
        userID("a space in front") { "xmpp: \($0)" },
        userID("a resource") { "xmpp:\($0)/x" },
        userID("a query") { "xmpp:\($0)?x" },
        userID("in angle brackets") { "Eve <xmpp:\($0)>" },
        userID("a character that writes from right to left") { "xmpp:\u{202E}\($0)" },
        userID("a homograph") { "xmpp:" + $0.replacing("e", with: "\u{435}") },
        // A18: the list and the key differ.
        Attack("A18: the list names one key, its node carries another", "untrusted", "wrong-signer", "bad-signature") { eve, _ in
            let (listed, carried) = (try await eve.peer.makeKey(), try await eve.peer.makeKey())
            try await eve.peer.publishKey(eve.peer.export(carried), as: listed)
            try await eve.peer.publishList(Peer.entry(listed))
            try await eve.send(content: Wire.content(to: [eve.bot], body: "x"), signers: [carried])
        },
        // A20: what else a node may carry.
        material("A20: the secret key") { peer, key, _ in try await peer.gpgDone(["--export-secret-keys", key]).out },
        material("A20: two certificates") { peer, _, bytes in
            let second = try await peer.makeKey(userID: "xmpp:second@localhost")
            return bytes + (try await peer.export(second))
        },
        material("A20: 70 KB") { peer, key, bytes in bytes + [UInt8](repeating: 0, count: 70_000) },
        material("A20: 1,200 User IDs") { peer, key, bytes in
            return bytes
                + (0..<1200).flatMap { number -> [UInt8] in
                    let text = Array("xmpp:x\(number)@localhost".utf8)
                    return [0xCD, UInt8(text.count)] + text
                }
        },
        material("A20: garbage") { _, _, _ in (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 37) } },
        material("A20: nothing") { _, _, _ in [] },
        // A21: keys that are not in order.
        material("A21: expired", expires: "seconds=60", options: ["--faked-system-time", Wire.gnupgNow(offset: -120)]),
        material("A21: not yet valid", options: ["--faked-system-time", Wire.gnupgNow(offset: 7200)]),
        material("A21: nothing to encrypt to", .signOnly),
        material("A21: revoked") { peer, key, _ in
            let file = try await peer.revocation(of: key)
            try await peer.importKey(file)
            return try await peer.export(key)
        },
        Attack("A21: weak", "untrusted", "wrong-signer", "bad-signature") { eve, _ in
            let made = try await eve.peer.gpgDone(["--quick-generate-key", "xmpp:\(eve.jid)", "rsa1024", "cert,sign,encr", "0"])
            guard let match = made.err.firstMatch(of: /KEY_CREATED . ([0-9A-F]{40})/)?.1 else { throw Trouble(made.err) }
            try await eve.peer.announce(String(match))
            try await eve.send(content: Wire.content(to: [eve.bot], body: "x"), signers: [String(match)])
        },
    ]
}
