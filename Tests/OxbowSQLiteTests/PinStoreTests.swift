import OX
import OpenPGP
import OxbowSQLite
import OxbowTesting
import Testing
import XMPP

/// What a store of pins must do, on disk and in memory alike.
@Suite struct PinStoreTests {
    enum Kind: CaseIterable { case disk, memory }

    private func withStore(_ kind: Kind, _ body: (any PinStore) async throws -> Void) async throws {
        switch kind {
        case .disk: try await withDatabase(body)
        case .memory: try await body(MemoryPinStore())
        }
    }

    @Test(arguments: Kind.allCases) func pinsComeBackInOrder(_ kind: Kind) async throws {
        try await withStore(kind) { store in
            let (account, peer) = (try address("bot@example.org"), try address("juliet@example.org"))
            #expect(try await store.peerKeys(account: account, peer: peer) == PeerKeys())
            let keys = PeerKeys(
                pins: [
                    Pin(fingerprint: try fingerprint("B"), standing: .trusted, source: .firstSight, firstSeen: 5, announced: true),
                    Pin(fingerprint: try fingerprint("A"), standing: .held, source: .operatorSaid, firstSeen: 7, announced: false),
                    Pin(fingerprint: try fingerprint("C"), standing: .refused, source: .configuration, firstSeen: 6, announced: true),
                    Pin(fingerprint: try fingerprint("D"), standing: .trusted, source: .blind, firstSeen: 6, announced: true),
                ],
                lastRead: 9
            )
            try await store.setPeerKeys(keys, account: account, peer: peer)
            #expect(try await store.peerKeys(account: account, peer: peer) == keys)
            #expect(try await store.peerKeys(account: address("bot@example.org/r"), peer: address("juliet@example.org/r")) == keys)
            let fewer = PeerKeys(pins: Array(keys.pins.suffix(1)), lastRead: nil)
            try await store.setPeerKeys(fewer, account: account, peer: peer)
            #expect(try await store.peerKeys(account: account, peer: peer) == fewer)
        }
    }

    @Test(arguments: Kind.allCases) func accountsAndPeersAreApart(_ kind: Kind) async throws {
        try await withStore(kind) { store in
            let accounts = [try address("one@example.org"), try address("two@example.org")]
            let peers = [try address("romeo@example.org"), try address("juliet@example.org"), try address("example.org")]
            for (index, peer) in peers.enumerated() {
                try await store.setPeerKeys(PeerKeys(lastRead: Int64(index)), account: accounts[0], peer: peer)
            }
            try await store.setPeerKeys(PeerKeys(lastRead: 7), account: accounts[1], peer: peers[0])
            #expect(
                try await store.peers(account: accounts[0]).map(\.description) == [
                    "example.org", "juliet@example.org", "romeo@example.org",
                ]
            )
            #expect(try await store.peers(account: accounts[1]) == [peers[0]])
            #expect(try await store.peerKeys(account: accounts[0], peer: peers[0]).lastRead == 0)
            #expect(try await store.peerKeys(account: accounts[1], peer: peers[1]) == PeerKeys())
            try await store.setPeerKeys(PeerKeys(), account: accounts[0], peer: peers[0])
            #expect(try await store.peers(account: accounts[0]).count == 2)
            #expect(try await store.peers(account: accounts[1]) == [peers[0]])
        }
    }

    @Test(arguments: Kind.allCases) func S12_theOwnKeyIsAStoredFingerprint(_ kind: Kind) async throws {
        try await withStore(kind) { store in
            let accounts = [try address("one@example.org"), try address("two@example.org")]
            #expect(try await store.ownKey(account: accounts[0]) == nil)
            try await store.setOwnKey(fingerprint("A"), account: accounts[0])
            try await store.setOwnKey(fingerprint("B"), account: accounts[0])
            #expect(try await store.ownKey(account: accounts[0]) == fingerprint("B"))
            #expect(try await store.ownKey(account: accounts[1]) == nil)
        }
    }
}
