public import XML

/// In-band registration (XEP-0077), as an account uses it with a gateway or another service.
///
/// Values of forms may be passwords: neither they nor the requests made of them belong into a log.
public enum Registration {
    /// What a service says about registering with it.
    public struct Offer: Hashable, Sendable {
        /// Whether we are registered already.
        public let isRegistered: Bool
        /// What to do, in words.
        public let instructions: String?
        /// What it wants to know: its form, or one made of the fixed fields of XEP-0077 § 14.1, all of which are required.
        public let form: DataForm
        /// Whether ``form`` came as fixed fields and goes back as such.
        public let isLegacy: Bool
        /// A web page to register on instead (XEP-0066); `nil` if there is none.
        public let page: String?

        /// Whether there is anything that can be filled in here.
        public var canBeFilledIn: Bool {
            form.fields.contains { $0.type != "hidden" && $0.type != "fixed" }
        }
    }

    /// Asks a service what it wants to know (XEP-0077 § 3.1).
    public static func query(_ service: Address) -> Request {
        Request(.get, to: service, Element("query", Namespace.registration))
    }

    /// Reads the answer to ``query(_:)``; `nil` if it is none.
    public static func offer(in answer: Element?) -> Offer? {
        guard let answer, answer.is("query", Namespace.registration) else { return nil }
        let form = answer.elements.lazy.compactMap(DataForm.init).first
        let legacy = answer.elements.filter {
            $0.namespace == Namespace.registration && legacyFields.contains($0.local)
        }
        return Offer(
            isRegistered: answer.first("registered", Namespace.registration) != nil,
            instructions: answer.first("instructions", Namespace.registration)?.text,
            form: form ?? DataForm("form", type: Namespace.registration, legacy.map(field)),
            isLegacy: form == nil,
            page: answer.first("x", Namespace.outOfBand)?.first("url", Namespace.outOfBand)?.text
        )
    }

    /// Registers, or changes what is registered (XEP-0077 § 3.1). The answer is empty, or a ``StanzaError``: see ``words(for:)``.
    ///
    /// - Throws: ``FormError`` if the answers don't fit the form.
    public static func register(_ service: Address, _ offer: Offer, _ answers: FormAnswers)
        throws(FormError) -> Request
    {
        let form = try offer.form.submission(answers)
        let children =
            if offer.isLegacy {
                form.fields.filter { $0.name != "FORM_TYPE" }.map { field in
                    Element(field.name, Namespace.registration, text: field.values.first ?? "")
                }
            } else {
                [form.element]
            }
        return Request(.set, to: service, Element("query", Namespace.registration, [:], children))
    }

    /// Takes the registration back (XEP-0077 § 3.2).
    public static func remove(_ service: Address) -> Request {
        let remove = Element("remove", Namespace.registration)
        return Request(.set, to: service, Element("query", Namespace.registration, [:], [remove]))
    }

    /// What an error of a service means for who wants to register, and what to do about it; which service it is has to be said beside it.
    public static func words(for error: StanzaError) -> String {
        let said = error.text.flatMap { $0.isEmpty ? nil : " It says: \(Printable.text($0))" } ?? ""
        let meaning =
            switch error.condition {
            case "conflict": "the name is taken by somebody else; choose another one"
            case "not-acceptable", "bad-request":
                "it doesn't accept what was filled in; compare the fields with its form"
            case "not-allowed", "forbidden", "not-authorized":
                "it doesn't let this account register: compare user names and passwords, or ask its operator"
            case "registration-required", "subscription-required": "this account isn't registered with it"
            case "service-unavailable", "feature-not-implemented": "it offers no registration"
            case "resource-constraint", "internal-server-error", "remote-server-timeout",
                "recipient-unavailable":
                "it can't do it for the moment; try again later"
            case "remote-server-not-found", "item-not-found":
                "there is no such service; check its address"
            case "unexpected-request": "it doesn't expect this now"
            default: "it refuses with \(Printable.text(error.condition))"
            }
        return "\(meaning).\(said)"
    }

    /// XEP-0077 § 14.1; `key` is sent back as it came (jabberd 1.4 and its gateways).
    private static let legacyFields: Set<String> = [
        "username", "nick", "password", "name", "first", "last", "email", "address", "city", "state",
        "zip", "phone", "url", "date", "misc",
        "text", "key",
    ]

    private static func field(_ element: Element) -> DataForm.Field {
        let type =
            switch element.local {
            case "password": "text-private"
            case "key": "hidden"
            default: "text-single"
            }
        let values = element.text.isEmpty ? [] : [element.text]
        return DataForm.Field(element.local, values, type: type, isRequired: element.local != "key")
    }
}
