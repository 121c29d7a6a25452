import Synchronization
import XML
import XMPP

/// The PEP services of all accounts of a test, scripted: what XEP-0060 answers, without a network.
final class TestServer: Sendable {
    struct Node: Sendable {
        var items: [PubSub.Item] = []
        var access = "open"
        var persistent = true
    }
    private struct State {
        var nodes: [Address: [String: Node]] = [:]
        var errors: [Address: [String: StanzaError]] = [:]
        var isOffline = false
        var cut: String?
        var requests: [(Request, Address)] = []
        var sent: [OutboundStanza] = []
        var ignoresOptions = false
        var refusesConfiguration = false
        var corrupts = false
        var gate: (@Sendable () async -> Void)?
    }
    private let state = Mutex(State())

    func session(_ account: Address) -> TestSession { TestSession(account: account, server: self) }

    /// Puts an item on a node as if its owner had published it.
    func put(_ payload: Element, id: String? = "current", on node: String, of owner: Address) {
        state.withLock { $0.nodes[owner, default: [:]][node, default: Node()].items = [PubSub.Item(id: id, payload: payload)] }
    }

    func append(_ payload: Element, id: String?, on node: String, of owner: Address) {
        state.withLock { $0.nodes[owner, default: [:]][node, default: Node()].items.append(PubSub.Item(id: id, payload: payload)) }
    }

    func node(_ node: String, of owner: Address) -> Node? { state.withLock { $0.nodes[owner]?[node] } }
    func setNode(_ value: Node?, _ node: String, of owner: Address) { state.withLock { $0.nodes[owner, default: [:]][node] = value } }
    func fail(_ node: String, of owner: Address, with error: StanzaError?) {
        state.withLock { $0.errors[owner, default: [:]][node] = error }
    }
    /// Goes offline when somebody asks for this node.
    func cut(at node: String) { state.withLock { $0.cut = node } }
    func setOffline(_ isOffline: Bool) { state.withLock { $0.isOffline = isOffline } }
    func refuseConfiguration() { state.withLock { $0.refusesConfiguration = true } }
    func corruptPublished() { state.withLock { $0.corrupts = true } }
    /// Makes every request wait for something first.
    func setGate(_ gate: (@Sendable () async -> Void)?) { state.withLock { $0.gate = gate } }

    /// How often a node of an owner was asked for.
    func reads(of node: String, by owner: Address) -> Int {
        state.withLock { state in
            state.requests.count { request, target in
                target == owner && request.payload.first("items", Namespace.pubsub)?["node"] == node
            }
        }
    }
    var publications: [Element] { state.withLock { $0.requests.compactMap { $0.0.payload.first("publish", Namespace.pubsub) } } }

    func answer(_ request: Request, from account: Address) async throws -> Element? {
        if let gate = state.withLock({ $0.gate }) { await gate() }
        return try state.withLock { state in
            guard !state.isOffline else { throw SessionError(.offline, "not connected") }
            let owner = request.to ?? account
            state.requests.append((request, owner))
            guard let child = request.payload.elements.first, let name = child["node"] else { throw StanzaError("bad-request", .modify) }
            if state.cut == name {
                (state.cut, state.isOffline) = (nil, true)
                throw SessionError(.offline, "cut")
            }
            if let error = state.errors[owner]?[name] { throw error }
            switch (request.kind, request.payload.namespace, child.local) {
            case (.get, Namespace.pubsub, "items"): return try items(child, name, owner, account, state)
            case (.set, Namespace.pubsub, "publish"):
                guard owner == account else { throw StanzaError("forbidden", .auth) }
                return try publish(request.payload, child, name, owner, &state)
            case (.get, Namespace.pubsubOwner, "configure"):
                guard let node = state.nodes[owner]?[name] else { throw StanzaError("item-not-found", .cancel) }
                let form = DataForm(
                    "form",
                    type: Namespace.nodeConfiguration,
                    [.init("pubsub#access_model", [node.access]), .init("pubsub#persist_items", [node.persistent ? "1" : "0"])]
                )
                return Element(
                    "pubsub",
                    Namespace.pubsubOwner,
                    [:],
                    [Element("configure", Namespace.pubsubOwner, ["node": name], [form.element])]
                )
            case (.set, Namespace.pubsubOwner, "configure"):
                guard !state.refusesConfiguration else { throw StanzaError("forbidden", .auth) }
                guard let form = child.first("x", Namespace.dataForms).flatMap(DataForm.init) else {
                    throw StanzaError("bad-request", .modify)
                }
                if let access = form["pubsub#access_model"] { state.nodes[owner]?[name]?.access = access }
                state.nodes[owner]?[name]?.persistent = form["pubsub#persist_items"] == "true"
                return nil
            default: throw StanzaError("feature-not-implemented", .cancel)
            }
        }
    }

    private func items(_ child: Element, _ name: String, _ owner: Address, _ account: Address, _ state: State) throws -> Element {
        guard let node = state.nodes[owner]?[name] else { throw StanzaError("item-not-found", .cancel) }
        guard node.access == "open" || owner == account else { throw StanzaError("not-authorized", .auth) }
        let items = node.items.map { Element("item", Namespace.pubsub, ["id": $0.id], $0.payload.map { [$0] } ?? []) }
        return Element("pubsub", Namespace.pubsub, [:], [Element("items", Namespace.pubsub, ["node": name], items)])
    }

    private func publish(_ payload: Element, _ child: Element, _ name: String, _ owner: Address, _ state: inout State) throws -> Element? {
        guard var item = child.first("item", Namespace.pubsub).map({ PubSub.Item(id: $0["id"], payload: $0.elements.first) }) else {
            throw StanzaError("bad-request", .modify)
        }
        let options = payload.first("publish-options", Namespace.pubsub)?.first("x", Namespace.dataForms).flatMap(DataForm.init)
        let access = options?["pubsub#access_model"]
        if let node = state.nodes[owner]?[name], let access, node.access != access {
            throw StanzaError("conflict", .cancel, application: Name("precondition-not-met", Namespace.pubsubErrors))
        }
        if state.corrupts, let data = item.payload?.first("data", Namespace.openPGP) {
            item.payload = Element(
                "pubkey",
                Namespace.openPGP,
                [:],
                [Element("data", Namespace.openPGP, text: "mQ" + data.text.dropFirst(2))]
            )
        }
        var node = state.nodes[owner]?[name] ?? Node(items: [], access: access ?? "presence")
        node.items = [item]
        state.nodes[owner, default: [:]][name] = node
        return nil
    }

    func sent(_ stanza: OutboundStanza) { state.withLock { $0.sent.append(stanza) } }
}

struct TestSession: Session {
    let account: Address
    let server: TestServer

    func request(_ request: Request, timeout: Duration) async throws -> Element? {
        try await server.answer(request, from: account)
    }

    func send(_ stanza: OutboundStanza, until: HandOver) async throws { server.sent(stanza) }
}
