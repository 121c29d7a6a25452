public import Oxbow
public import XML
public import XMPP

/// A server in memory: it carries messages between the sessions that it has made, and keeps their PEP nodes (XEP-0163).
///
/// It does what a server does for OX and nothing more: any session may read any node, nothing is stored for those who are away. For
/// tests; what a real server does to Oxbow is tried against real servers.
public actor Loopback {
    private var nodes: [Address: [String: PubSub.Item]] = [:]
    private var sessions: [Address: LoopbackSession] = [:]
    private var seen: [Element] = []

    /// Makes a server without accounts.
    public init() {}

    /// A session for an account, in place of an earlier one.
    public func session(for account: Address) -> LoopbackSession {
        let session = LoopbackSession(account: account.bare, server: self)
        sessions[account.bare] = session
        return session
    }

    /// Every message that was sent, as the server saw it.
    public var messages: [Element] { seen }

    /// Delivers a message stanza as it is: what a hostile or broken server might do. `to` says to whom.
    public func inject(_ message: Element) {
        guard let to = message["to"].flatMap({ Address($0) }) else { return }
        seen.append(message)
        sessions[to.bare]?.deliver(message)
    }

    /// Whether these accounts have all announced a list of keys (XEP-0373 § 4.2).
    func hasKeys(of owners: [Address]) -> Bool {
        owners.allSatisfy { nodes[$0]?["urn:xmpp:openpgp:0:public-keys"] != nil }
    }

    func carry(_ stanza: OutboundStanza, from sender: Address) {
        var element = stanza.element()
        guard element.local == "message", let to = element["to"].flatMap({ Address($0) }) else { return }
        element["from"] = sender.description
        seen.append(element)
        sessions[to.bare]?.deliver(element)
    }

    func answer(_ request: Request, from account: Address) throws -> Element? {
        let owner = request.to?.bare ?? account
        let child = request.payload.elements.first
        switch (request.payload.namespace, child?.local) {
        case (Namespace.roster, _):
            return Element("query", Namespace.roster)
        case (Namespace.pubsub, "items"):
            guard let node = child?["node"], let item = nodes[owner]?[node] else { throw StanzaError("item-not-found", .cancel) }
            let found = Element("item", Namespace.pubsub, ["id": item.id], item.payload.map { [$0] } ?? [])
            return Element("pubsub", Namespace.pubsub, [:], [Element("items", Namespace.pubsub, ["node": node], [found])])
        case (Namespace.pubsub, "publish"):
            guard owner == account else { throw StanzaError("forbidden", .auth) }
            guard let node = child?["node"], let item = child?.first("item", Namespace.pubsub) else {
                throw StanzaError("bad-request", .modify)
            }
            nodes[owner, default: [:]][node] = PubSub.Item(id: item["id"], payload: item.elements.first)
            return nil
        case (Namespace.pubsubOwner, "configure"):
            guard owner == account else { throw StanzaError("forbidden", .auth) }
            guard request.kind == .get else { return nil }
            let type = "http://jabber.org/protocol/pubsub#node_config"
            let form = DataForm(
                "form",
                type: type,
                [DataForm.Field("pubsub#access_model", ["open"]), DataForm.Field("pubsub#persist_items", ["1"])]
            )
            let configure = Element("configure", Namespace.pubsubOwner, ["node": child?["node"]], [form.element])
            return Element("pubsub", Namespace.pubsubOwner, [:], [configure])
        default:
            throw StanzaError("service-unavailable", .cancel)
        }
    }
}

/// A session with a ``Loopback``: online as soon as it runs, and acknowledged at once.
public final class LoopbackSession: LiveSession {
    /// The account's bare JID.
    public let account: Address
    /// What happens, in order; for one consumer.
    public let events: AsyncStream<SessionEvent>
    private let event: AsyncStream<SessionEvent>.Continuation
    private let server: Loopback

    init(account: Address, server: Loopback) {
        self.account = account
        self.server = server
        (events, event) = AsyncStream.makeStream()
    }

    /// The session's full JID.
    public var address: Address { Address(local: account.local, domain: account.domain, resource: "loopback") ?? account }

    /// Is online until it is cancelled.
    public func run() async {
        event.yield(.online(address: address, resumed: false))
        let (ended, end) = AsyncStream<Never>.makeStream()
        await withTaskCancellationHandler {
            for await _ in ended {}
        } onCancel: {
            end.finish()
        }
        event.yield(.offline(SessionFailure(.stopped, "stopped"), retryIn: nil))
        event.finish()
    }

    /// Asks the server in memory.
    public func request(_ request: Request, timeout: Duration) async throws -> Element? {
        try await server.answer(request, from: account)
    }

    /// Hands a stanza to the server in memory, which has it at once.
    public func send(_ stanza: OutboundStanza, until: HandOver) async throws {
        await server.carry(stanza, from: address)
    }

    func deliver(_ element: Element) {
        guard let message = Message(element, account: account) else { return }
        event.yield(.message(InboundMessage(message) {}))
    }
}
