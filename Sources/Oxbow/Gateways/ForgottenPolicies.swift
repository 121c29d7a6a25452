import GRE
import Synchronization
import XMPP

/// A memory of gateways that ends with the process, for where no other is given.
final class ForgottenPolicies: PolicyMemory {
    private struct State {
        var records: [[Address]: GatewayRecord] = [:]
        var introduced: Set<[Address]> = []
    }
    private let state = Mutex(State())

    func gatewayRecord(account: Address, gateway: Address) async throws -> GatewayRecord? {
        state.withLock { $0.records[[account.bare, gateway.domainAddress]] }
    }

    func setGatewayRecord(_ record: GatewayRecord?, account: Address, gateway: Address) async throws {
        state.withLock { $0.records[[account.bare, gateway.domainAddress]] = record }
    }

    func isIntroduced(account: Address, peer: Address) async throws -> Bool {
        state.withLock { $0.introduced.contains([account.bare, peer.bare]) }
    }

    func setIntroduced(account: Address, peer: Address) async throws {
        state.withLock { _ = $0.introduced.insert([account.bare, peer.bare]) }
    }
}
