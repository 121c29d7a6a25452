import GRE
import OX
import XML
import XMPP

/// Picks who opens a message by its sender's domain: OX for people on XMPP, the gateways' opener for people behind one.
///
/// It is never the message that decides: `<encrypted/>` from a domain that is no gateway of the account isn't opened (S19), and neither is
/// `<openpgp/>` from one that is.
struct Openers: Sendable {
    /// For everybody who isn't behind a gateway.
    let direct: Opener
    /// For everybody who is; `nil` for an account without gateways.
    let gateways: AccountGateways?

    /// Whether an address stands for somebody behind a gateway.
    func isMail(_ address: Address) -> Bool { gateways?.covers(address) ?? false }

    /// Looks at a message without any cryptography.
    func examine(_ message: Message, isAllowed: Bool) -> Examination {
        if let gateways, gateways.covers(message.from) { return gateways.opener.examine(message, isAllowed: isAllowed) }
        let found = direct.examine(message, isAllowed: isAllowed)
        guard message.kind == .chat || message.kind == .normal,
            message.element.elements.contains(where: { $0.is("encrypted", Namespace.gatewayRelay) })
        else { return found }
        // Somebody plays a gateway (S19). OX alone would see nothing there to refuse, and nothing would be counted.
        switch found {
        case .nothing where !isAllowed: return .refused(OpenRefusal(.notAllowed, "the sender is not allowed"))
        case .refused(let refusal) where refusal.reason != .plaintext: return found
        case .sealed: return found
        case .nothing, .refused:
            return .refused(OpenRefusal(.notAGateway, "\(message.from.domain) is no gateway of this account"))
        }
    }

    /// Decrypts and verifies what ``examine(_:isAllowed:)`` took out.
    func open(_ envelope: Envelope, received: Int64) async throws(OpenRefusal) -> OpenedMessage {
        if let gateways, gateways.covers(envelope.sender) { return try await gateways.opener.open(envelope, received: received) }
        return try await direct.open(envelope, received: received)
    }
}
