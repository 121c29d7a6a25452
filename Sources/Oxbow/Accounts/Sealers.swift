import OX
import XML
import XMPP

/// Picks who seals by the recipient's domain: OX for people on XMPP, and nothing else yet.
struct Sealers: MessageSealing {
    /// For everybody who isn't behind a gateway.
    let direct: any MessageSealing

    func seal(_ payload: [Element], to recipient: Address, id: String, requestsReceipt: Bool) async throws -> SealedMessage {
        if payload.contains(where: { $0.namespace == Attachments.namespace }) {
            throw SealError(.payload, "\(recipient.bare) is reached by XMPP itself, and OX has no attachments: only gateways take them")
        }
        return try await direct.seal(payload, to: recipient, id: id, requestsReceipt: requestsReceipt)
    }
}

/// Attached files as payload elements: `<attachment xmlns='urn:oxbow:attachment:0' name='…' type='…' size='…'>BASE64</attachment>`.
enum Attachments {
    static let namespace = "urn:oxbow:attachment:0"
}
