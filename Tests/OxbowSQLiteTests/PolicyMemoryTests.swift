import GRE
import OxbowSQLite
import OxbowTesting
import Testing
import XMPP

/// What a memory of gateways must do, on disk and in memory alike.
@Suite struct PolicyMemoryTests {
    enum Kind: CaseIterable { case disk, memory }

    private func withMemory(_ kind: Kind, _ body: (any PolicyMemory) async throws -> Void) async throws {
        switch kind {
        case .disk: try await withDatabase(body)
        case .memory: try await body(MemoryPolicies())
        }
    }

    @Test(arguments: Kind.allCases) func recordsComeBackAndAreForgotten(_ kind: Kind) async throws {
        try await withMemory(kind) { memory in
            let (account, gateway) = (try address("bot@example.org"), try address("mail.example.org"))
            #expect(try await memory.gatewayRecord(account: account, gateway: gateway) == nil)
            for record in [
                GatewayRecord(),
                GatewayRecord(encryptedOnly: true, senderID: "bot@example.net", offered: ["urn:a", "urn:b"]),
                GatewayRecord(encryptedOnly: false, senderID: nil, offered: ["urn:b"]),
            ] {
                try await memory.setGatewayRecord(record, account: account, gateway: gateway)
                #expect(try await memory.gatewayRecord(account: account, gateway: gateway) == record)
                #expect(try await memory.gatewayRecord(account: address("bot@example.org/r"), gateway: gateway) == record)
            }
            #expect(try await memory.gatewayRecord(account: address("other@example.org"), gateway: gateway) == nil)
            #expect(try await memory.gatewayRecord(account: account, gateway: address("other.example.org")) == nil)
            try await memory.setGatewayRecord(nil, account: account, gateway: gateway)
            #expect(try await memory.gatewayRecord(account: account, gateway: gateway) == nil)
        }
    }

    @Test(arguments: Kind.allCases) func introductionsAreRememberedForEachPair(_ kind: Kind) async throws {
        try await withMemory(kind) { memory in
            let (account, peer) = (try address("bot@example.org"), try address("carol@mail.example.org"))
            #expect(try await memory.isIntroduced(account: account, peer: peer) == false)
            try await memory.setIntroduced(account: account, peer: peer)
            try await memory.setIntroduced(account: account, peer: peer)
            #expect(try await memory.isIntroduced(account: account, peer: peer))
            #expect(try await memory.isIntroduced(account: account, peer: address("carol@mail.example.org/x")))
            #expect(try await memory.isIntroduced(account: account, peer: address("dave@mail.example.org")) == false)
            #expect(try await memory.isIntroduced(account: address("other@example.org"), peer: peer) == false)
        }
    }
}
