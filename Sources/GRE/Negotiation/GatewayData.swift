public import XML
public import XMPP

/// What a gateway says that is needed to format and encrypt for one recipient (GRE § Relayed Encryption Data).
public struct GatewayData: Hashable, Sendable {
    /// Who we are on the other network, as its people see it: a mail gateway's From. A gateway's claim (S19).
    public let senderID: String
    /// The form as it came; formatters and encrypters read fields in Clark notation out of it.
    public let form: DataForm

    /// The longest `sender_id`, in bytes.
    static let longestSenderID = 320

    /// Asks for the data. Both attributes are the specification's MUST; gateways that don't look at them take no offence.
    public static func request(for recipient: Address, _ agreement: Agreement) -> Request {
        Request(
            .get,
            to: recipient.bare,
            Element(
                "data",
                Namespace.gatewayRelay,
                ["formatter": agreement.formatter.kindName.namespace, "encrypter": agreement.encrypter.kindName.namespace]
            )
        )
    }

    /// Reads an answer: one form of kind `result` and type `urn:xmpp:gre:data`, in which exactly one field `sender_id` has exactly one value,
    /// without control characters.
    ///
    /// - Throws: ``Problem``.
    public init(_ answer: Element?) throws(Problem) {
        guard let answer, answer.is("data", Namespace.gatewayRelay) else { throw Problem("the answer has no <data/>") }
        let forms = answer.elements.compactMap(DataForm.init)
        guard forms.count == 1, let form = forms.first else { throw Problem("the answer has \(forms.count) data forms in place of one") }
        guard form.kind == "result" else { throw Problem("the form is not of type result") }
        guard form.type == Namespace.gatewayRelayData else { throw Problem("the form's FORM_TYPE is not \(Namespace.gatewayRelayData)") }
        let fields = form.fields.filter { $0.name == "sender_id" }
        guard fields.count == 1, fields[0].values.count == 1, let senderID = fields[0].values.first else {
            throw Problem("the form doesn't have exactly one sender_id")
        }
        guard !senderID.isEmpty, senderID.utf8.count <= Self.longestSenderID,
            senderID.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F).contains($0.value) })
        else { throw Problem("the form's sender_id is empty, too long, or holds control characters") }
        self.senderID = senderID
        self.form = form
    }

    /// Why an answer can't be used. Nothing of the answer is in it.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong.
        public let description: String
        init(_ description: String) { self.description = description }
    }
}
