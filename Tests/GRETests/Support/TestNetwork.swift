import GRE
import OX
import OpenPGP
import Synchronization
import XML
import XMPP

/// Gateways, PEP services and Web Key Directories of a test, scripted: what they answer, without a network.
final class TestNetwork: Sendable {
    private struct State {
        var info: [Address: DiscoInfo] = [:]
        var answers: [String: Result<Element?, any Error>] = [:]
        var nodes: [Address: [String: Element]] = [:]
        var webKeys: [String: [UInt8]] = [:]
        var isOffline = false
        var limit: SizeLimit?
        var requests: [Request] = []
        var sent: [OutboundStanza] = []
    }
    private let state = Mutex(State())

    /// Makes a gateway of a domain: what it announces, and who it says that we are.
    func gateway(
        _ domain: Address,
        features: [String] = [Namespace.gatewayRelay, MIMEFormatter.namespace, OpenPGPEncrypter.namespace],
        identity: String = "gateway"
    ) {
        let info = DiscoInfo(identities: [.init(identity, "smtp")], features: features)
        state.withLock { $0.info[domain] = info }
    }
    func setInfo(_ info: DiscoInfo?, of entity: Address) { state.withLock { $0.info[entity] = info } }

    /// Scripts the answer to all requests with a payload of this local name; `query@ADDRESS` to those at one entity, `set query` to those
    /// that change something.
    func answer(_ local: String, _ result: Result<Element?, any Error>) { state.withLock { $0.answers[local] = result } }
    func senderID(_ values: String...) { answer("data", .success(Self.data(values))) }

    static func data(_ senderIDs: [String], type: String = Namespace.gatewayRelayData, kind: String = "result") -> Element {
        let form = DataForm(kind, type: type, senderIDs.map { DataForm.Field("sender_id", [$0]) })
        return Element("data", Namespace.gatewayRelay, [:], [form.element])
    }

    func publish(_ certificates: [Fingerprint: [UInt8]], of owner: Address) {
        let list = certificates.keys.sorted().map {
            Element("pubkey-metadata", Namespace.openPGP, ["v4-fingerprint": $0.hex, "date": "2026-01-01T00:00:00Z"])
        }
        state.withLock { state in
            state.nodes[owner, default: [:]]["urn:xmpp:openpgp:0:public-keys"] =
                Element("public-keys-list", Namespace.openPGP, [:], list)
            for (fingerprint, certificate) in certificates {
                state.nodes[owner, default: [:]]["urn:xmpp:openpgp:0:public-keys:" + fingerprint.hex] =
                    PublicKeyItem(material: certificate).element
            }
        }
    }
    func setWebKey(_ certificate: [UInt8]?, of mailbox: String) { state.withLock { $0.webKeys[mailbox] = certificate } }
    func setOffline(_ isOffline: Bool) { state.withLock { $0.isOffline = isOffline } }
    func setLimit(_ limit: SizeLimit?) { state.withLock { $0.limit = limit } }

    /// What was asked, by the payload's local name.
    func requests(_ local: String? = nil) -> [Request] {
        state.withLock { $0.requests.filter { local == nil || $0.payload.local == local } }
    }
    var sent: [OutboundStanza] { state.withLock { $0.sent } }

    fileprivate func request(_ request: Request) throws -> Element? {
        try state.withLock { state in
            state.requests.append(request)
            guard !state.isOffline else { throw SessionError(.offline, "not connected") }
            if request.kind == .set, let answer = state.answers["set " + request.payload.local] { return try answer.get() }
            if let answer = state.answers[request.payload.local + "@" + (request.to?.description ?? "")] { return try answer.get() }
            if let answer = state.answers[request.payload.local] { return try answer.get() }
            let unknown = StanzaError("service-unavailable", .cancel)
            switch request.payload.namespace {
            case Namespace.discoInfo:
                // A gateway's contacts say what the gateway says, unless a test says otherwise.
                guard let to = request.to, let info = state.info[to] ?? state.info[to.domainAddress] else { throw unknown }
                return info.element()
            case Namespace.pubsub:
                guard let name = request.payload.first("items", Namespace.pubsub)?["node"],
                    let item = request.to.flatMap({ state.nodes[$0]?[name] })
                else { throw StanzaError("item-not-found", .cancel) }
                let items = [Element("item", Namespace.pubsub, ["id": "current"], [item])]
                return Element("pubsub", Namespace.pubsub, [:], [Element("items", Namespace.pubsub, ["node": name], items)])
            default: throw unknown
            }
        }
    }

    fileprivate func webKey(_ mailbox: UserIDMailbox) -> [UInt8]? { state.withLock { $0.webKeys[mailbox.address] } }
    fileprivate func send(_ stanza: OutboundStanza) { state.withLock { $0.sent.append(stanza) } }
    fileprivate var limit: SizeLimit? { state.withLock { $0.limit } }
}

struct TestSession: Session {
    let account: Address
    let network: TestNetwork

    func request(_ request: Request, timeout: Duration) async throws -> Element? { try network.request(request) }
    func send(_ stanza: OutboundStanza, until: HandOver) async throws { network.send(stanza) }
    var sizeLimit: SizeLimit? { get async { network.limit } }
}

struct TestWebKeys: WebKeyFetching {
    let network: TestNetwork
    func certificate(for mailbox: UserIDMailbox) async throws -> [UInt8]? { network.webKey(mailbox) }
}
