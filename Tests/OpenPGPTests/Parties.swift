import Logging
import OpenPGP
import Testing

/// Who takes part in the tests: Bob with our engine, Alice and others in a forge. Made once for a suite.
struct Parties: Sendable {
    @TaskLocal static var shared: Parties?

    static var current: Parties {
        get throws { try #require(shared) }
    }

    let home: String
    let bob: GPGMEEngine
    let bobKey: Fingerprint
    let forge: Forge
    let alice: Fingerprint
    let carol: Fingerprint
    /// In the forge, not in Bob's keyring.
    let stranger: Fingerprint

    static func with(_ body: () async throws -> Void) async throws {
        let home = Home()
        let forge = try Forge()
        do {
            let bob = try await home.engine()
            let bobKey = try await bob.generateKey(userID: "xmpp:bob@example.org")
            try await forge.gpg(["--import"], input: try await bob.export(bobKey, userID: "xmpp:bob@example.org"))
            let alice = try await forge.key("xmpp:alice@example.org")
            let carol = try await forge.key("xmpp:carol@example.org")
            let stranger = try await forge.key("xmpp:stranger@example.org")
            for (key, name) in [(alice, "xmpp:alice@example.org"), (carol, "xmpp:carol@example.org")] {
                _ = try await bob.importKey(try await forge.export(key), expected: key, keep: [name])
            }
            let parties = Parties(
                home: home.path,
                bob: bob,
                bobKey: bobKey,
                forge: forge,
                alice: alice,
                carol: carol,
                stranger: stranger
            )
            try await $shared.withValue(parties) { try await body() }
            await bob.close()
        } catch {
            await forge.close()
            throw error
        }
        await forge.close()
    }

    /// Imports a key of the forge's into Bob's keyring with all that his rules allow.
    func introduce(_ key: Fingerprint, _ name: String) async throws {
        _ = try await bob.importKey(try await forge.export(key), expected: key, keep: [name])
    }

    /// The code of the error with which Bob refuses a message, or `nil` if he opens it.
    func refusal(_ message: [UInt8], limits: OpenLimits = OpenLimits()) async -> OpenPGPError.Code? {
        do {
            _ = try await bob.open(message, limits: limits)
            return nil
        } catch {
            return (error as? OpenPGPError)?.code
        }
    }
}

/// Makes the parties before the first test of a suite and lets them go after the last.
struct WithParties: SuiteTrait, TestScoping {
    let isRecursive = false

    func provideScope(for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void) async throws
    {
        try await Parties.with { try await function() }
    }
}

extension Trait where Self == WithParties {
    static var parties: WithParties { WithParties() }
}

/// OpenPGP packets, written by hand.
enum Packet {
    static func make(_ tag: UInt8, _ body: [UInt8]) -> [UInt8] {
        let count = UInt32(body.count)
        return [0xc0 | tag, 255, UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)] + body
    }

    static func literal(_ text: String) -> [UInt8] { make(11, [0x62, 0, 0, 0, 0, 0] + Array(text.utf8)) }

    /// Algorithm 0: compressed in name only, which nests for free.
    static func compressed(_ packets: [UInt8]) -> [UInt8] { make(8, [0] + packets) }
}
