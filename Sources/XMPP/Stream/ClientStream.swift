internal import XML

/// A client's side of an XMPP stream (RFC 6120) from the connection to its end: TLS, login, resource, stream management.
///
/// A value without IO. The owner of the socket reports what happens as an ``Event`` and performs the ``Action``s in their order; one
/// value serves one connection. There is no path without TLS: over a plain connection nothing is sent but a stream header and
/// `<starttls/>`.
///
///     owner                      stream
///     .connected              →  .write(header)
///     .opened, .element(…)    →  .write(<starttls/>), then .startTLS
///     .secured(bindings)      →  .restartParser, .write(header)
///     .element(features)      →  .write(<auth/>), then .derive(request)
///     .derived(keys)          →  .write(<response/>) … .pin, .restartParser, .write(header) … .online(Bound)
///     .send(element, token)   →  .write(stanza), .write(<r/>)
///     .element(message)       →  .stanza(message, ticket), and .handled(ticket) when it is safe
///     .close                  →  .write(</stream:stream>) … .ended, .closeTransport
public struct ClientStream: Sendable {
    enum State {
        case idle
        /// Our header is out; the server's header and features are awaited.
        case opening(Stage)
        case awaitingProceed
        case securing
        case loggingIn(Login)
        case resuming(features: Element)
        case binding(features: Element, id: String)
        case enabling(Bound)
        case online
        /// We have closed our side and wait for the server's end tag.
        case closing
        case ended
    }

    /// Which of the up to three streams of a connection is being opened.
    enum Stage { case plain, secured, authenticated }

    let configuration: Configuration
    let random: @Sendable (Int) -> [UInt8]
    var state = State.idle
    /// What is wrong with the server's header. It is held against the server only if no stream error follows, which would explain it.
    var headerProblem: StreamError?
    var headerSeen = false
    var bindings: [ChannelBinding] = []
    /// The session that goes on, or is going to be resumed.
    var management: StreamManagement?
    /// What an earlier session had outstanding when its resumption failed.
    var lost: [StreamManagement.Outstanding] = []
    /// Stanzas that came before the session was ready for them.
    var early: [Element] = []
    var limits = StreamLimits()
    var unlistedBindingFailed = false

    /// Prepares a stream for one connection.
    ///
    /// - Parameters:
    ///   - configuration: Who logs in, and how.
    ///   - random: Returns that many bytes of a cryptographic random source.
    public init(_ configuration: Configuration, random: @escaping @Sendable (Int) -> [UInt8]) {
        self.configuration = configuration
        self.random = random
        management = configuration.resumption
    }

    /// Whether stanzas can be sent.
    public var isOnline: Bool { if case .online = state { true } else { false } }

    /// The session with its counts, for instance to store ``StreamManagement/record``; `nil` without stream management.
    public var session: StreamManagement? { management }

    /// Takes in what happened; returns what has to be done, in this order.
    public mutating func handle(_ event: Event) -> [Action] {
        if case .ended = state { return afterEnd(event) }
        switch event {
        case .connected: return connected()
        case .secured(let bindings): return secured(bindings)
        case .opened(let header): return opened(header)
        case .element(let element): return received(element)
        case .closed: return peerClosed()
        case .unparsable(let condition, let reason): return unparsable(condition, reason)
        case .disconnected(let reason): return disconnected(reason)
        case .timedOut: return timedOut()
        case .derived(let keys): return derived(keys)
        case .send(let element, let token): return send(element, token)
        case .handled(let ticket, let recorded): return handled(ticket, recorded)
        case .recorded(let mark, let success): return recorded(mark, success)
        case .checkLink: return checkLink()
        case .close: return close()
        }
    }

    private func afterEnd(_ event: Event) -> [Action] {
        guard case .send(_, let token?) = event else { return [] }
        return [.refused(token, SessionError(.offline, "\(configuration.account) is not online."))]
    }

    private mutating func received(_ element: Element) -> [Action] {
        if element.is("error", Namespace.streams) { return peerFailed(StreamError(from: element)) }
        if let problem = headerProblem { return fail(problem) }
        switch state {
        case .opening(let stage): return features(element, stage)
        case .awaitingProceed: return startTLSAnswered(element)
        case .loggingIn(var login):
            guard element.namespace == Namespace.sasl else { return unexpected(element) }
            let steps = login.receive(element)
            return perform(steps, of: login)
        case .resuming(let features): return resumeAnswered(element, features)
        case .binding(let features, let id): return bindAnswered(element, features, id)
        case .enabling(let bound): return enableAnswered(element, bound)
        case .online, .closing: return inSession(element)
        // Whatever is read between <proceed/> and TLS isn't the server's word (RFC 6120 § 5.3.4); the owner refuses it, too.
        case .idle, .securing, .ended: return []
        }
    }

    /// Refuses an element that has no place where it came.
    mutating func unexpected(_ element: Element) -> [Action] {
        fail(StreamError("unsupported-stanza-type", text: "\(Printable.text(element.name.description)) has no place here"))
    }
}
