import OX

/// How surely a message is its sender's word to us (S19, R20, R22). Those that don't come through a gateway are always ``full``.
enum Assurance: String {
    /// Signed by a key that may command, for us, and now.
    case full
    /// Signed, but whoever got it from its author can have sent it on.
    case unaddressed
    /// Signed by a key that only a gateway or a mail itself vouches for.
    case vouched
    /// Nobody has signed it.
    case unsigned

    init(_ message: OpenedMessage) {
        if message.signer == nil {
            self = .unsigned
        } else if let gateway = message.gateway {
            self = !gateway.mayCommand ? .vouched : gateway.isAddressed ? .full : .unaddressed
        } else {
            self = .full
        }
    }

    /// What the operator reads.
    var words: String {
        switch self {
        case .full: "nothing is missing"
        case .unaddressed: "the signed part doesn't say that it is for this account, from this sender, now (addressed: any would take it)"
        case .vouched: "only the gateway vouches for the signer's key (oxbow keys trust, or commands_from: gateway-vouched)"
        case .unsigned: "nobody has signed it (unsigned: accept would take it)"
        }
    }
}

extension HandlerDefinition {
    /// Whether messages of so little assurance may come here. Who takes what nobody has signed takes what is signed in any way, too.
    func takes(_ assurance: Assurance) -> Bool {
        switch assurance {
        case .full: true
        case .unaddressed: addressed == .any || unsigned == .accept
        case .vouched, .unsigned: unsigned == .accept
        }
    }

    /// Whether the key of an event's signer is trusted enough; an event without one has passed ``takes(_:)``.
    func trustAccepts(_ event: Event) -> Bool {
        guard let source = event.trust else { return unsigned == .accept }
        guard source.isMerelyVouched else { return trust.accepts(source) }
        // Whether a gateway's word is enough is for the gateway's section to say (commands_from); it is never as good as the operator's own.
        return unsigned == .accept || (trust != .pinned && event.gateway?.mayCommand == true)
    }
}
