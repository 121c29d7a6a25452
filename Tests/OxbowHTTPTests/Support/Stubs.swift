import Alerting
import Oxbow
import Synchronization
import XMPP

/// A desk that remembers what it was given. The real one is Alerting's, with tests of its own; here it is what comes through that matters.
final class RecordingDesk: HookDesk {
    struct Received: Sendable {
        var route: String
        var request: SourceRequest
        var delivery: String?
    }
    struct State {
        var received: [Received] = []
        var outcome: Result<HookOutcome, HookError> = .success(.told(messages: 2, conversation: 12))
    }
    let state = Mutex(State())
    let routes = ["alerts": "alertmanager", "ci": "github", "lab": "gitlab", "graphs": "grafana", "note": "text", "any": "json"]
    /// What a request waits for before it is accepted.
    let gate: @Sendable () async -> Void

    init(gate: @escaping @Sendable () async -> Void = {}) { self.gate = gate }

    var received: [Received] { state.withLock { $0.received } }

    func hook(_ route: String) async -> HookDescription? {
        guard let source = routes[route] else { return nil }
        return HookDescription(route: route, source: source, headers: SourceRegistry()[source]?.headers ?? [])
    }

    func receive(_ route: String, _ request: SourceRequest, delivery: String?) async throws(HookError) -> HookOutcome {
        await gate()
        let outcome = state.withLock { state in
            state.received.append(Received(route: route, request: request, delivery: delivery))
            return state.outcome
        }
        return try outcome.get()
    }

    func report() async -> AlertsReport { AlertsReport(at: 0) }
}

/// Accounts that say what a test wants them to say.
final class StubControl: Controllable {
    struct State {
        var accounts: [StatusReport.Account] = [StatusReport.Account(jid: "alerts@example.org", state: "online", since: 1)]
        var requests: [SendRequest] = []
        var sending: @Sendable (SendRequest) throws -> SendReport = { request in
            SendReport(request.to.enumerated().map { SendOutcome(to: $1, state: .accepted, id: "id-\($0)") })
        }
        var items: [OutboxReport.Item] = []
        var statusCount = 0
        /// Why the outbox can't be asked.
        var outboxTrouble: ControlError?
    }
    let state = Mutex(State())

    func status() async throws -> StatusReport {
        let accounts = state.withLock { state in
            state.statusCount += 1
            return state.accounts
        }
        return StatusReport(version: "0", process: 1, since: 0, accounts: accounts)
    }
    func send(_ request: SendRequest) async throws -> SendReport {
        try state.withLock { state in
            state.requests.append(request)
            return state.sending
        }(request)
    }
    func outbox(_ request: OutboxRequest) async throws -> OutboxReport {
        let (items, trouble) = state.withLock { ($0.items, $0.outboxTrouble) }
        if let trouble { throw trouble }
        guard request.action == .show else { return OutboxReport(items) }
        guard let item = items.first(where: { $0.id == request.message }) else { throw ControlError(.unknown, "there is no message") }
        return OutboxReport([item])
    }
    func keys(account: Address, peer: Address?) async throws -> KeyReport { throw ControlError(.failed, "") }
    func trust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport { throw ControlError(.failed, "") }
    func untrust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport { throw ControlError(.failed, "") }
    func exportKey(account: Address, peer: Address?, fingerprint: String?) async throws -> String { throw ControlError(.failed, "") }
    func exportMailKey(account: Address, via: Address?) async throws -> String { throw ControlError(.failed, "") }
    func gateways(_ request: GatewayRequest) async throws -> GatewayReport { throw ControlError(.failed, "") }
    func importKey(account: Address, peer: Address, material: [UInt8]) async throws -> KeyReport { throw ControlError(.failed, "") }
}
