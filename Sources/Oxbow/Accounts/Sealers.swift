import GRE
import OX
import XML
import XMPP

/// Picks who seals by the recipient's domain: OX for people on XMPP, the gateways' sealer for people behind one.
struct Sealers: MessageSealing {
    /// For everybody who isn't behind a gateway.
    let direct: any MessageSealing
    /// For everybody who is; `nil` for an account without gateways.
    let gateways: AccountGateways?

    init(direct: any MessageSealing, gateways: AccountGateways? = nil) {
        self.direct = direct
        self.gateways = gateways
    }

    func seal(_ payload: [Element], to recipient: Address, id: String, requestsReceipt: Bool) async throws -> SealedMessage {
        if let gateways, gateways.covers(recipient) {
            return try await gateways.sealer.seal(payload, to: recipient, id: id, requestsReceipt: requestsReceipt)
        }
        if payload.contains(where: FileAttachment.isOne) {
            throw SealError(.payload, "\(recipient.bare) is reached by XMPP itself, and OX has no attachments: only gateways take them")
        }
        return try await direct.seal(payload, to: recipient, id: id, requestsReceipt: requestsReceipt)
    }
}
