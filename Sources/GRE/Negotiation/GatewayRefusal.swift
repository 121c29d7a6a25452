import OX
public import XMPP

/// What a gateway's stanza errors mean for the sender, and what to do about them.
public enum GatewayRefusal {
    /// Puts an error that answered a message of ours, or a request, into words.
    ///
    /// - Parameters:
    ///   - error: What came back.
    ///   - entity: Who said so.
    ///   - account: To whom.
    public static func words(_ error: StanzaError, from entity: Address, account: Address) -> String {
        let meaning =
            switch error.condition {
            case "policy-violation":
                "its policy forbids the message: it takes only what is encrypted as it has announced"
            case "registration-required", "subscription-required", "not-authorized", "forbidden":
                "\(account) isn't registered with it: give the fields of its registration under gateways in the configuration"
            case "item-not-found": "there is no such recipient, or it doesn't know what it was asked"
            case "not-acceptable", "bad-request": "it doesn't accept the message"
            case "service-unavailable", "feature-not-implemented": "it doesn't offer this, or the recipient can't be reached"
            case "remote-server-not-found": "there is no such server"
            case "remote-server-timeout", "recipient-unavailable", "resource-constraint", "internal-server-error":
                "it can't do it for the moment"
            default: "it answers with \(error.condition.prefix(60))"
            }
        let said = error.text.flatMap { $0.isEmpty ? nil : ". It says: \(XMLText.cleaned(String($0.prefix(300))))" } ?? ""
        return "\(entity): \(meaning)\(said)"
    }

    /// The error with which sealing ends after a gateway has refused a request.
    static func error(_ error: StanzaError, from entity: Address, account: Address) -> SealError {
        let words = words(error, from: entity, account: account)
        return switch error.condition {
        case "registration-required", "subscription-required", "not-authorized", "forbidden", "item-not-found", "bad-request",
            "not-acceptable", "policy-violation":
            SealError(.noGatewayData, words)
        case "feature-not-implemented": SealError(.notAGateway, words)
        // Servers answer so for a gateway that is merely down (R10).
        default: SealError(.gatewayUnreachable, words)
        }
    }
}
