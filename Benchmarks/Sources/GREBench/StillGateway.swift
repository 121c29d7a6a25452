import GRE
import OX
import OpenPGP
import XML
import XMPP

/// A gateway that has said all that it will ever say: what the sealer looks up costs what it costs in memory, and no network.
actor StillGateway: PinStore, PolicyMemory {
    static let account = address("bot@ox.test")
    static let domain = address("mail.test")
    static let carol = address("carol\\40example.org@mail.test")
    static let mailbox = "bot@mail.example"

    private let own: Fingerprint
    private var keys: [Address: PeerKeys] = [:]
    private var record: GatewayRecord?

    init(own: Fingerprint) { self.own = own }

    func peerKeys(account: Address, peer: Address) -> PeerKeys { keys[peer] ?? PeerKeys() }
    func setPeerKeys(_ keys: PeerKeys, account: Address, peer: Address) { self.keys[peer] = keys }
    func peers(account: Address) -> [Address] { Array(keys.keys) }
    func ownKey(account: Address) -> Fingerprint? { own }
    func setOwnKey(_ fingerprint: Fingerprint, account: Address) {}

    func gatewayRecord(account: Address, gateway: Address) -> GatewayRecord? { record }
    func setGatewayRecord(_ record: GatewayRecord?, account: Address, gateway: Address) { self.record = record }
    // Not the first mail to Carol: that one has our key as a file besides.
    func isIntroduced(account: Address, peer: Address) -> Bool { true }
    func setIntroduced(account: Address, peer: Address) {}

    private static func address(_ text: String) -> Address {
        guard let address = Address(text) else { fatalError("\(text) is no address") }
        return address
    }
}

/// What the account's server and the gateway answer.
struct StillSession: Session {
    let account = StillGateway.account
    let key: Fingerprint
    let certificate: [UInt8]

    /// A gateway's answer that says who somebody is.
    static func data(senderID: String) -> Element {
        let form = DataForm("result", type: Namespace.gatewayRelayData, [.init("sender_id", [senderID])])
        return Element("data", Namespace.gatewayRelay, [:], [form.element])
    }

    func send(_ stanza: OutboundStanza, until: HandOver) async throws {}

    func request(_ request: Request, timeout: Duration) async throws -> Element? {
        switch request.payload.namespace {
        case Namespace.discoInfo:
            let features = [Namespace.gatewayRelay, MIMEFormatter.namespace, OpenPGPEncrypter.namespace]
            return DiscoInfo(identities: [.init("gateway", "smtp")], features: features).element()
        case Namespace.gatewayRelay:
            return Self.data(senderID: StillGateway.mailbox)
        case Namespace.pubsub:
            let node = request.payload.first("items", Namespace.pubsub)?["node"] ?? ""
            let entry = Element("pubkey-metadata", Namespace.openPGP, ["v4-fingerprint": key.hex, "date": "2026-01-01T00:00:00Z"])
            let content =
                node.hasSuffix(key.hex)
                ? PublicKeyItem(material: certificate).element : Element("public-keys-list", Namespace.openPGP, [:], [entry])
            let items = Element(
                "items",
                Namespace.pubsub,
                ["node": node],
                [Element("item", Namespace.pubsub, ["id": "current"], [content])]
            )
            return Element("pubsub", Namespace.pubsub, [:], [items])
        default: throw StanzaError("service-unavailable", .cancel)
        }
    }
}
