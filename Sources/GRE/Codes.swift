public import OX

extension SealError.Code {
    /// The domain is no configured gateway, or doesn't say in disco that it is one (R19).
    public static let notAGateway = SealError.Code("gateway-not")
    /// The gateway offers no formatter or no encrypter that we have; the error lists what it offers.
    public static let unsupportedKinds = SealError.Code("gateway-unsupported")
    /// The gateway can't be asked now: our connection, or its answer, is missing. Time may mend it.
    public static let gatewayUnreachable = SealError.Code("gateway-unreachable")
    /// The gateway gave no usable data for the recipient, or never answered: perhaps the account isn't registered with it.
    public static let noGatewayData = SealError.Code("gateway-data")
    /// The gateway suddenly says that we are somebody else (A27): held until the operator has looked at it.
    public static let senderChanged = SealError.Code("gateway-sender-changed")
    /// The gateway took only encrypted messages and now says otherwise: held until the operator has looked at it.
    public static let policyChanged = SealError.Code("gateway-policy-changed")
    /// The recipient is no address of the network behind the gateway.
    public static let recipientAddress = SealError.Code("gateway-address")
    /// Larger than the server or the gateway takes (R11).
    public static let tooBig = SealError.Code("too-big")
}

extension RefusalReason {
    /// `<encrypted/>` from a domain that is no configured gateway, or doesn't say in disco that it is one (S19, A27).
    public static let notAGateway = RefusalReason("gateway-not")
    /// The formatter or encrypter is missing, unknown, or not among those that the gateway offers (A27).
    public static let gatewayKind = RefusalReason("gateway-kind")
    /// The content names another author than the gateway does, or several (A27, R22).
    public static let conflictingFrom = RefusalReason("gateway-from")
    /// The content is no mail, or breaks the limits on mail: depth, parts, header length, size.
    public static let gatewayContent = RefusalReason("gateway-content")
}
