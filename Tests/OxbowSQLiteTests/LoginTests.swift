import OxbowSQLite
import OxbowTesting
import Testing
import XMPP

/// What the memories of a session must do, on disk and in memory alike.
@Suite struct LoginTests {
    enum Kind: CaseIterable { case disk, memory }

    private func withMemory(_ kind: Kind, _ body: (any LoginMemory & ResumptionMemory) async throws -> Void) async throws {
        switch kind {
        case .disk: try await withDatabase(body)
        case .memory: try await body(MemoryLogins())
        }
    }

    @Test(arguments: Kind.allCases) func R13_pinsOfALogin(_ kind: Kind) async throws {
        try await withMemory(kind) { memory in
            let (one, two) = (try address("one@example.org"), try address("two@example.org"))
            #expect(try await memory.loginPins(of: one) == nil)
            for pins in [
                LoginPins(), LoginPins(scram: true), LoginPins(channelBinding: true), LoginPins(scram: true, unlistedBindingFails: true),
            ] {
                try await memory.setLoginPins(pins, of: one)
                #expect(try await memory.loginPins(of: one) == pins)
            }
            #expect(try await memory.loginPins(of: two) == nil)
            try await memory.setLoginPins(nil, of: one)
            #expect(try await memory.loginPins(of: one) == nil)
        }
    }

    @Test(arguments: Kind.allCases) func R12_theSessionThatMayBeResumed(_ kind: Kind) async throws {
        try await withMemory(kind) { memory in
            let (one, two) = (try address("one@example.org"), try address("two@example.org"))
            #expect(try await memory.resumption(of: one) == nil)
            let full = ResumptionRecord(
                id: "some-id",
                address: try address("one@example.org/R/1"),
                location: "[::1]:5222",
                handled: .max,
                capabilities: "v="
            )
            try await memory.setResumption(full, of: one)
            #expect(try await memory.resumption(of: one) == full)
            let small = ResumptionRecord(id: "", address: try address("one@example.org/b"))
            try await memory.setResumption(small, of: one)
            #expect(try await memory.resumption(of: one) == small)
            #expect(try await memory.resumption(of: two) == nil)
            try await memory.setResumption(nil, of: one)
            #expect(try await memory.resumption(of: one) == nil)
        }
    }
}
