public import XML
public import XMPP

/// `<signcrypt/>`, the one content element of instant messaging (XEP-0373 § 3.1, XEP-0374 § 3.1).
public struct Signcrypt: Hashable, Sendable {
    /// The addressees; emitted and compared as bare JIDs.
    public var to: [Address]
    /// When it was made, in seconds since 1970.
    public var time: Int64
    /// The random padding; `nil` or empty where a client sends none (T3).
    public var padding: String?
    /// The payload's child elements.
    public var payload: [Element]

    /// Makes a content element.
    public init(to: [Address], time: Int64, padding: String?, payload: [Element]) {
        self.to = to
        self.time = time
        self.padding = padding
        self.payload = payload
    }
}

extension Signcrypt {
    /// The text that is signed and encrypted: exactly the form that every known client reads (E2–E6).
    ///
    /// One root, no declaration, default namespaces, `to` as bare JIDs, time in UTC without a fraction, and bodies in front.
    public var text: String {
        var root = Element("signcrypt", Namespace.openPGP)
        for address in to { root.append(Element("to", Namespace.openPGP, ["jid": address.bare.description])) }
        root.append(Element("time", Namespace.openPGP, ["stamp": DateTime.text(time)]))
        if let padding { root.append(Element("rpad", Namespace.openPGP, text: padding)) }
        // Smack stops reading a payload at the end of the first element that it doesn't know (E6).
        let bodies = payload.filter(\.isBody)
        let others = payload.filter { !$0.isBody }
        root.append(Element("payload", Namespace.openPGP, [:], bodies + others))
        return root.serialized()
    }

    /// Reads a decrypted content element, tolerating what T3–T6 tolerate and nothing else.
    ///
    /// Bodies in `jabber:server`, in the OX namespace or in none come out in `jabber:client` (T4); unknown children are left out.
    ///
    /// - Throws: ``OpenRefusal`` with reason `content` (not exactly one well-formed `<signcrypt/>` with one payload: S1, S8, A10, A14),
    ///   `addressee` (no readable `<to/>`) or `time` (not exactly one readable `<time/>`).
    public init(parsing bytes: [UInt8]) throws(OpenRefusal) {
        let root: Element
        do {
            root = try Document.parse(bytes, limits: .content)
        } catch {
            throw OpenRefusal(.content, "the decrypted content is not one well-formed document: \(error)")
        }
        guard root.is("signcrypt", Namespace.openPGP) else {
            throw OpenRefusal(.content, "the decrypted content is not a <signcrypt/>")
        }
        let payloads = root.elements.filter { $0.local == "payload" && Self.payloadNamespaces.contains($0.namespace) }
        guard payloads.count == 1, let payload = payloads.first else {
            throw OpenRefusal(.content, "the content has \(payloads.count) payloads instead of one")
        }
        let times = root.all("time", Namespace.openPGP)
        guard times.count == 1, let stamp = times.first?["stamp"], let time = DateTime.seconds(stamp) else {
            throw OpenRefusal(
                .time,
                times.count == 1 ? "the content's time can't be read" : "the content has \(times.count) times instead of one"
            )
        }
        let to = root.all("to", Namespace.openPGP).compactMap { $0["jid"].flatMap { Address($0) } }
        guard !to.isEmpty else { throw OpenRefusal(.addressee, "the content names no addressee") }
        self.init(
            to: to,
            time: time,
            padding: root.first("rpad", Namespace.openPGP)?.text,
            payload: payload.elements.map { $0.isBody ? $0.asClientBody : $0 }
        )
    }

    /// T4: Fluux puts the payload into the namespace of its body.
    private static let payloadNamespaces: Set<String> = [Namespace.openPGP, Namespace.client]
}

extension Element {
    private static let bodyNamespaces: Set<String> = [Namespace.client, Namespace.server, Namespace.openPGP, ""]

    /// Whether this is a message's body in one of the namespaces of T4.
    var isBody: Bool { local == "body" && Element.bodyNamespaces.contains(namespace) }

    var asClientBody: Element {
        var body = self
        body.name.namespace = Namespace.client
        return body
    }
}
