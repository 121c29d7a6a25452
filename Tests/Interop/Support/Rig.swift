import Testing

/// What the tests of one run share: a server, and the process that plays crafted peers.
struct Rig: Sendable {
    let server: Prosody
    let crafter: Script

    /// The rig of the running test.
    static var current: Rig {
        get throws {
            guard let rig = shared else { throw Trouble("this test is not below the suite Interop") }
            return rig
        }
    }
    @TaskLocal fileprivate static var shared: Rig?

    /// A new account with a crafted client, logged in.
    func peer(_ name: String, host: String = "localhost") async throws -> Peer {
        let jid = try await server.account(name, host: host)
        // Servers that share a crafter number their accounts alike.
        let peer = Peer(jid, crafter: crafter, name: "\(jid) at \(server.port)")
        try await peer.login(server)
        return peer
    }

    /// A new account whose client has a key, has announced it, and knows the bot's.
    func correspondent(_ name: String, with bot: String, _ layout: Peer.Layout = .common) async throws -> Correspondent {
        let peer = try await peer(name)
        let key = try await peer.makeKey(layout)
        try await peer.announce(key)
        return Correspondent(peer: peer, key: key, bot: bot, botKey: try await peer.learnKey(of: bot))
    }
}

/// Starts the rig before the first test of a suite, and ends it after the last.
struct RigTrait: SuiteTrait, TestScoping {
    @concurrent
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void) async throws
    {
        let server = try await Prosody()
        do {
            let crafter = try Script("crafter")
            do {
                try await Rig.$shared.withValue(Rig(server: server, crafter: crafter)) { try await function() }
            } catch {
                await crafter.end()
                throw error
            }
            await crafter.end()
        } catch {
            await server.end()
            throw error
        }
        await server.end()
    }
}

extension Trait where Self == RigTrait {
    /// A Prosody and the peers' script for the whole suite.
    static var rig: Self { RigTrait() }
}
