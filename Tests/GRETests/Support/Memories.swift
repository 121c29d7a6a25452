import GRE
import OX
import OpenPGP
import Synchronization
import XMPP

/// What a test's account remembers.
actor Memories: PinStore, PolicyMemory {
    private var keys: [Address: PeerKeys] = [:]
    private var own: Fingerprint?
    private var records: [Address: GatewayRecord] = [:]
    private var introduced: Set<Address> = []

    func peerKeys(account: Address, peer: Address) -> PeerKeys { keys[peer] ?? PeerKeys() }
    func setPeerKeys(_ keys: PeerKeys, account: Address, peer: Address) { self.keys[peer] = keys }
    func peers(account: Address) -> [Address] { Array(keys.keys) }
    func ownKey(account: Address) -> Fingerprint? { own }
    func setOwnKey(_ fingerprint: Fingerprint, account: Address) { own = fingerprint }

    func gatewayRecord(account: Address, gateway: Address) -> GatewayRecord? { records[gateway] }
    func setGatewayRecord(_ record: GatewayRecord?, account: Address, gateway: Address) { records[gateway] = record }
    func isIntroduced(account: Address, peer: Address) -> Bool { introduced.contains(peer) }
    func setIntroduced(account: Address, peer: Address) { introduced.insert(peer) }
}

/// A clock that a test sets.
final class TestClock: Sendable {
    private let value: Mutex<Int64>
    init(_ now: Int64) { value = Mutex(now) }
    var now: Int64 { value.withLock { $0 } }
    func advance(_ seconds: Int64) { value.withLock { $0 += seconds } }
}

/// What was said, in order.
final class Recorder<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    func record(_ value: Value) { values.withLock { $0.append(value) } }
    var all: [Value] { values.withLock { $0 } }
}
