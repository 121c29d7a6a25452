import OX
import OpenPGP
import Synchronization
import XMPP

/// The pins of a test, in memory.
final class MemoryPins: PinStore {
    struct Failure: Error {}
    private struct State {
        var keys: [Address: [Address: PeerKeys]] = [:]
        var own: [Address: Fingerprint] = [:]
        var isBroken = false
    }
    private let state = Mutex(State())

    func setBroken(_ isBroken: Bool) { state.withLock { $0.isBroken = isBroken } }

    private func with<Value>(_ body: (inout State) -> Value) throws -> Value where Value: Sendable {
        try state.withLock { state in
            guard !state.isBroken else { throw Failure() }
            return body(&state)
        }
    }

    func peerKeys(account: Address, peer: Address) async throws -> PeerKeys { try with { $0.keys[account]?[peer] ?? PeerKeys() } }
    func setPeerKeys(_ keys: PeerKeys, account: Address, peer: Address) async throws {
        try with { $0.keys[account, default: [:]][peer] = keys }
    }
    func peers(account: Address) async throws -> [Address] { try with { Array(($0.keys[account] ?? [:]).keys) } }
    func ownKey(account: Address) async throws -> Fingerprint? { try with { $0.own[account] } }
    func setOwnKey(_ fingerprint: Fingerprint, account: Address) async throws { try with { $0.own[account] = fingerprint } }
}
