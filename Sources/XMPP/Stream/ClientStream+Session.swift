internal import XML

// Stanzas both ways once the session is there, and their counts (XEP-0198 § 4).
extension ClientStream {
    mutating func send(_ element: Element, _ token: StreamManagement.Token?) -> [Action] {
        func refuse(_ error: SessionError) -> [Action] { token.map { [.refused($0, error)] } ?? [] }
        guard case .online = state else { return refuse(SessionError(.offline, "\(configuration.account) is not online.")) }
        let text = element.serialized(inheriting: Namespace.client)
        let size = text.utf8.count
        if let limit = limits.maxBytes, size > limit {
            return refuse(SessionError(.tooBig, "The stanza has \(size) bytes, and the server of \(configuration.account) takes \(limit)."))
        }
        guard var session = management else { return [.write(text)] }
        guard session.hasRoom(for: size) else {
            return refuse(
                SessionError(.offline, "The server of \(configuration.account) hasn't acknowledged what was sent to it; it may be gone.")
            )
        }
        let request = session.sent(StreamManagement.Outstanding(token: token, text: text))
        if element.local == "presence", element["to"] == nil {
            session.announced(element["type"] == nil ? Capabilities(presence: element)?.version : nil)
        }
        management = session
        return [.write(text)] + (request ? [write(Element("r", Namespace.streamManagement))] : [])
    }

    mutating func handled(_ ticket: StreamManagement.Ticket, _ recorded: Bool) -> [Action] {
        guard var session = management else { return [] }
        let report = session.settle(ticket, recorded: recorded)
        management = session
        guard case .online = state else { return [] }
        return (report ? [acknowledgement(session.handled)] : []) + record()
    }

    mutating func recorded(_ mark: StreamManagement.Mark, _ success: Bool) -> [Action] {
        guard var session = management else { return [] }
        let report = session.stored(mark, success)
        management = session
        guard case .online = state else { return [] }
        // After a failure the server's next question is the next attempt.
        return (report ? [acknowledgement(session.handled)] : []) + (success ? record() : [])
    }

    /// Stores what another process needs, if that has changed in a way that the server waits for.
    mutating func record(isNew: Bool = false) -> [Action] {
        guard let (record, mark) = management?.recordToStore(isNew: isNew) else { return [] }
        return [.record(record, mark)]
    }

    mutating func checkLink() -> [Action] {
        guard case .online = state, var session = management, session.request() else { return [] }
        management = session
        return [write(Element("r", Namespace.streamManagement))]
    }

    mutating func inSession(_ element: Element) -> [Action] {
        if Self.isStanza(element) {
            let ticket = management?.receive()
            return [.stanza(element, ticket)]
        }
        guard element.namespace == Namespace.streamManagement, var session = management else { return unexpected(element) }
        switch element.local {
        case "r":
            let handled = session.asked()
            management = session
            if case .closing = state { return [] }
            return [acknowledgement(handled)] + record()
        case "a":
            guard let h = element["h"].flatMap(Self.count) else {
                return fail(StreamError("undefined-condition", text: "<a/> without a count"))
            }
            return acknowledged(h, &session)
        default: return unexpected(element)
        }
    }

    private mutating func acknowledged(_ h: UInt32, _ session: inout StreamManagement) -> [Action] {
        let result: (tokens: [StreamManagement.Token], request: Bool)
        do throws(StreamManagement.CountTooHigh) { result = try session.acknowledged(h) } catch { return fail(error) }
        var actions: [Action] = [.linkAlive]
        if !result.tokens.isEmpty { actions.append(.acknowledged(result.tokens)) }
        if result.request, case .online = state { actions.append(write(Element("r", Namespace.streamManagement))) }
        management = session
        return actions
    }

    func acknowledgement(_ handled: UInt32) -> Action {
        write(Element("a", Namespace.streamManagement, ["h": String(handled)]))
    }

    func write(_ element: Element) -> Action {
        .write(element.serialized(inheriting: Namespace.client))
    }
}
