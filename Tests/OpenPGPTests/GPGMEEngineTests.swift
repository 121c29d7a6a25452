import OpenPGP
import Testing

@Suite struct GPGMEEngineTests {
    @Test func roundTrip() async throws {
        let a = Home()
        let b = Home()
        let alice = try await a.engine()
        let bob = try await b.engine()
        let aliceKey = try await alice.generateKey(userID: "xmpp:alice@example.org")
        let bobKey = try await bob.generateKey(userID: "xmpp:bob@example.org")
        let info = try #require(try await alice.key(aliceKey))
        #expect(info.userIDs == ["xmpp:alice@example.org"])
        #expect(info.hasSecret && info.unusable == nil && info.expires == nil && info.algorithm == "ed25519")
        let published = try await alice.export(aliceKey, userID: "xmpp:alice@example.org")
        #expect(try await bob.inspect(published).fingerprint == aliceKey)
        _ = try await bob.importKey(published, expected: aliceKey, keep: ["xmpp:alice@example.org"])
        _ = try await alice.importKey(
            try await bob.export(bobKey, userID: "xmpp:bob@example.org"),
            expected: bobKey,
            keep: ["xmpp:bob@example.org"]
        )
        let text = Array("Hello, Bob".utf8)
        let sealed = try await alice.seal(text, signer: aliceKey, recipients: [bobKey, aliceKey])
        let opened = try await bob.open(sealed, limits: OpenLimits())
        #expect(opened.plaintext == text)
        #expect(opened.signatures.map(\.verdict) == [.good])
        #expect(opened.signatures.map(\.primary) == [aliceKey])
        #expect(try await bob.keys().map(\.fingerprint) == [aliceKey, bobKey].sorted())
        await alice.close()
        await bob.close()
    }
}
