import XMPP

/// What a gateway may say anew, held against what it said before (S19, A27). A value without IO.
public struct GatewayPolicy: Hashable, Sendable {
    /// Why nothing is sent to a gateway until the operator has spoken.
    public enum Hold: Hashable, Sendable {
        /// It took only encrypted messages, and says so no more.
        case encryptedOnlyLost
        /// It says that we are somebody else.
        case senderChanged(from: String, to: String)
    }

    /// What is remembered.
    public private(set) var record: GatewayRecord
    /// Why sending is held, if it is.
    public private(set) var hold: Hold?

    /// Starts from what is remembered; `nil` for a gateway that nothing is known about.
    public init(_ record: GatewayRecord?) { self.record = record ?? GatewayRecord() }

    /// Takes in what the gateway offers.
    ///
    /// - Returns: Whether ``record`` has changed and must be kept before anything is sent.
    public mutating func note(_ offer: GatewayOffer) -> Bool {
        if record.encryptedOnly && !offer.encryptedOnly {
            hold = .encryptedOnlyLost
            return false
        }
        if hold == .encryptedOnlyLost { hold = nil }
        let before = record
        record.encryptedOnly = offer.encryptedOnly
        record.offered = (offer.formatters + offer.encrypters).map(\.namespace).sorted()
        return record != before
    }

    /// Takes in who the gateway says that we are.
    ///
    /// - Returns: Whether ``record`` has changed and must be kept before anything is sent.
    public mutating func note(senderID: String) -> Bool {
        if let known = record.senderID, known != senderID {
            hold = .senderChanged(from: known, to: senderID)
            return false
        }
        if case .senderChanged = hold { hold = nil }
        let isNew = record.senderID == nil
        record.senderID = senderID
        return isNew
    }

    /// What the operator is told.
    static func words(_ hold: Hold, gateway: Address) -> String {
        let remedy = "Nothing is sent there. Ask its operator; if the change is meant: oxbow gateways accept \(gateway)"
        return switch hold {
        case .encryptedOnlyLost:
            "the gateway \(gateway) took only encrypted messages and says so no more. \(remedy)"
        case .senderChanged(let old, let new):
            "the gateway \(gateway) says that we are \(new.prefix(120)), and not \(old.prefix(120)) as before. \(remedy)"
        }
    }
}
