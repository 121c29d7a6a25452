public import XML

extension SealedMessage {
    /// The stanza as an outbox keeps it between two hand-overs, so that the same bytes can go out again (R9).
    public var stored: [UInt8] { Array(element.serialized().utf8) }

    /// Reads what ``stored`` has written; `nil` if it is anything else.
    public init?(stored bytes: [UInt8]) {
        guard let element = try? Document.parse(bytes, limits: .stored),
            let id = element["id"], let to = element["to"].flatMap(Address.init),
            let envelope = Envelope(in: element)
        else { return nil }
        self.init(
            id: id,
            to: to,
            envelope: envelope,
            requestsReceipt: element.first("request", Namespace.receipts) != nil
        )
    }
}

extension SealedMessage.Envelope {
    fileprivate init?(in message: Element) {
        if let sealed = message.first("openpgp", Namespace.openPGP) {
            self = .openPGP(base64: sealed.text)
        } else if let sealed = message.first("encrypted", Namespace.gatewayRelay), let formatter = sealed["formatter"],
            let encrypter = sealed["encrypter"]
        {
            let ciphertext: GatewayCiphertext
            if sealed.elements.isEmpty {
                guard let bytes = Base64.decode(sealed.text) else { return nil }
                ciphertext = GatewayCiphertext(encryptedBytes: bytes)
            } else {
                ciphertext = GatewayCiphertext(encryptedElements: sealed.elements)
            }
            self = .gateway(
                GatewayEnvelope(
                    formatter: formatter,
                    encrypter: encrypter,
                    ciphertext: ciphertext,
                    thread: message.first("thread", Namespace.client)?.text
                )
            )
        } else {
            return nil
        }
    }
}

extension ParserLimits {
    /// For what we have written ourselves: as large as the largest message with attachments.
    public static let stored = ParserLimits(textBytes: 128 << 20, stanzaBytes: 130 << 20)
}
