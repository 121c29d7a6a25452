internal import XML

// From the login to the session: resumption (XEP-0198 § 5), resource binding (RFC 6120 § 7), stream management (XEP-0198 § 3).
extension ClientStream {
    /// How many stanzas may come before the session is ready.
    private static var earlyLimit: Int { 64 }

    mutating func authenticated(_ features: Element) -> [Action] {
        if var session = management {
            if let id = session.id, features.first("sm", Namespace.streamManagement) != nil {
                let handled = session.resuming()
                management = session
                state = .resuming(features: features)
                return [write(Element("resume", Namespace.streamManagement, ["previd": id, "h": String(handled)]))]
            }
            giveUp(session)
        }
        return bind(features)
    }

    /// The earlier session is gone; what it had outstanding is handed back.
    private mutating func giveUp(_ session: StreamManagement) {
        lost = session.outstanding
        management = nil
    }

    mutating func resumeAnswered(_ element: Element, _ features: Element) -> [Action] {
        guard element.namespace == Namespace.streamManagement, var session = management else { return unexpected(element) }
        let count = element["h"].map(Self.count)
        switch element.local {
        case "resumed":
            guard let h = count ?? nil, element["previd"] == session.id else {
                return fail(StreamError("undefined-condition", text: "<resumed/> doesn't fit the session that was asked for"))
            }
            return resumed(h, &session, features)
        case "failed":
            let tokens = session.failed(count ?? nil)
            giveUp(session)
            return (tokens.isEmpty ? [] : [.acknowledged(tokens)]) + bind(features)
        default: return unexpected(element)
        }
    }

    private mutating func resumed(_ h: UInt32, _ session: inout StreamManagement, _ features: Element) -> [Action] {
        let tokens: [StreamManagement.Token]
        do throws(StreamManagement.CountTooHigh) { tokens = try session.resumed(h) } catch { return fail(error) }
        var actions: [Action] = [.resumed(bound(session.address, features, session))]
        if !tokens.isEmpty { actions.append(.acknowledged(tokens)) }
        // The same stanzas again, in the order that the server's count goes by.
        actions += session.outstanding.map { .write($0.text) }
        if !session.outstanding.isEmpty, session.request() { actions.append(write(Element("r", Namespace.streamManagement))) }
        management = session
        state = .online
        return actions
    }

    private mutating func bind(_ features: Element) -> [Action] {
        guard features.first("bind", Namespace.bind) != nil else {
            return end(
                SessionFailure(.protocol, "The server of \(configuration.account.domain) offers no resource binding after the login.")
            )
        }
        let id = "bind-" + random(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        var request = Element("bind", Namespace.bind)
        if let resource = configuration.resource { request.append(Element("resource", Namespace.bind, text: resource)) }
        state = .binding(features: features, id: id)
        return [write(Element("iq", Namespace.client, ["type": "set", "id": id], [request]))]
    }

    mutating func bindAnswered(_ element: Element, _ features: Element, _ id: String) -> [Action] {
        guard element.is("iq", Namespace.client), element["id"] == id, element["type"] == "result" || element["type"] == "error" else {
            return holdEarly(element)
        }
        if element["type"] == "error" {
            let error = StanzaError(from: element)
            let words = "The server of \(configuration.account.domain) gave us no resource: \(Printable.text(error.description))."
            return end(SessionFailure(error.condition == "conflict" ? .conflict : .server, words))
        }
        guard let text = element.first("bind", Namespace.bind)?.first("jid", Namespace.bind)?.text,
            let address = Address(text), !address.isBare, address.bare == configuration.account.bare
        else {
            return end(
                SessionFailure(
                    .protocol,
                    "The server of \(configuration.account.domain) bound us to an address that isn't \(configuration.account)."
                )
            )
        }
        guard features.first("sm", Namespace.streamManagement) != nil else {
            return online(bound(address, features, nil))
        }
        state = .enabling(bound(address, features, nil))
        return [write(Element("enable", Namespace.streamManagement, ["resume": "true"]))]
    }

    mutating func enableAnswered(_ element: Element, _ bound: Bound) -> [Action] {
        guard element.namespace == Namespace.streamManagement else { return holdEarly(element) }
        switch element.local {
        case "enabled":
            let number = random(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            var session = StreamManagement(
                address: bound.address,
                session: number,
                limits: configuration.limits,
                isRecorded: configuration.recordsSessions
            )
            if element["resume"] == "true" || element["resume"] == "1", let id = element["id"], (1...4_000).contains(id.utf8.count) {
                session.enabled(id: id, location: element["location"])
            }
            management = session
            return online(self.bound(bound.address, bound.features, session)) + record(isNew: true)
        case "failed": return online(bound)
        default: return unexpected(element)
        }
    }

    private mutating func online(_ bound: Bound) -> [Action] {
        state = .online
        // They came before <enabled/>, so they aren't counted.
        let actions = [.online(bound)] + early.map { Action.stanza($0, nil) }
        early = []
        lost = []
        return actions
    }

    private mutating func holdEarly(_ element: Element) -> [Action] {
        guard Self.isStanza(element) else { return unexpected(element) }
        guard early.count < Self.earlyLimit else {
            return fail(StreamError("policy-violation", text: "too many stanzas before the session was ready"))
        }
        early.append(element)
        return []
    }

    private func bound(_ address: Address, _ features: Element, _ session: StreamManagement?) -> Bound {
        Bound(
            address: address,
            features: features,
            limits: limits,
            resumption: session?.record,
            acknowledges: session != nil,
            lost: lost
        )
    }

    /// An unsigned 32-bit count in decimal digits, and nothing else.
    static func count(_ text: String) -> UInt32? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt32(text) : nil
    }

    /// Whether an element is one of the three stanzas.
    static func isStanza(_ element: Element) -> Bool {
        element.namespace == Namespace.client && ["iq", "message", "presence"].contains(element.local)
    }
}
