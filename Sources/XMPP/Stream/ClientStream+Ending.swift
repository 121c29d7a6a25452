internal import XML

// How a stream ends (RFC 6120 § 4.4 and § 4.9). `</stream:stream>` from us revokes the session (R12); so it is written only where
// nothing is to be resumed, or where the server has closed its side before.
extension ClientStream {
    mutating func close() -> [Action] {
        switch state {
        case .online:
            state = .closing
            // XEP-0198 § 4: the last word about what is safe, or the server would deliver it once more.
            return (management.map { [acknowledgement($0.final)] } ?? []) + [.write(Self.endTag)]
        case .closing: return []
        default: return end(stopped)
        }
    }

    mutating func peerClosed() -> [Action] {
        if case .closing = state { return end(stopped, writes: false) }
        return end(
            SessionFailure(.server, "The server of \(configuration.account.domain) closed the stream without saying why."),
            resumable: true,
            writes: true
        )
    }

    mutating func disconnected(_ reason: String?) -> [Action] {
        if case .closing = state { return end(stopped, writes: false) }
        let detail = reason.map { ": \(Printable.text($0))" } ?? ""
        return end(
            SessionFailure(.network, "The connection to the server of \(configuration.account.domain) was lost\(detail)."),
            resumable: true,
            writes: false
        )
    }

    mutating func timedOut() -> [Action] {
        if case .closing = state { return end(stopped, writes: false) }
        return end(
            SessionFailure(.network, "The server of \(configuration.account.domain) doesn't answer any more."),
            resumable: true,
            writes: false
        )
    }

    mutating func unparsable(_ condition: String, _ reason: String) -> [Action] {
        switch state {
        case .securing: []
        // The server may well have gone down in the middle of an element; we wanted to leave anyway.
        case .closing: end(stopped, writes: false)
        default:
            end(
                SessionFailure(.protocol, "The server of \(configuration.account.domain) sent XML that we refuse: \(reason)."),
                error: StreamError(condition),
                saysError: true
            )
        }
    }

    /// The server ends the stream with an error.
    mutating func peerFailed(_ error: StreamError) -> [Action] {
        if case .closing = state { return end(stopped, error: error, writes: false) }
        let said = Printable.text(error.description)
        let domain = configuration.account.domain
        let failure =
            switch error.condition {
            case "conflict":
                SessionFailure(
                    .conflict,
                    "Another client took the place of \(configuration.account) on its server: \(said). Two processes may be running."
                )
            case "see-other-host":
                SessionFailure(.server, "The server of \(domain) sends us to another host: \(said).")
            case "not-authorized":
                SessionFailure(.login, "The server of \(domain) ended the stream: \(said).")
            case "policy-violation":
                SessionFailure(.policy, "The server of \(domain) ended the stream over something that it was sent: \(said).")
            case "system-shutdown", "reset", "connection-timeout", "resource-constraint", "internal-server-error",
                "remote-connection-failed",
                "host-unknown", "host-gone":
                SessionFailure(.server, "The server of \(domain) ended the stream: \(said).")
            default:
                SessionFailure(.protocol, "The server of \(domain) ended the stream: \(said).")
            }
        // Whoever took our place may hold our session. After policy-violation servers forget it, and one that didn't would get the same
        // again, all at once (R11). All other errors leave it to the server whether it still knows us.
        let isResumable = error.condition != "conflict" && error.condition != "policy-violation"
        return end(failure, error: error, resumable: isResumable, writes: false)
    }

    /// We end the stream with an error.
    mutating func fail(_ error: StreamError) -> [Action] {
        end(
            SessionFailure(
                .protocol,
                "The server of \(configuration.account.domain) broke the protocol: \(error.text ?? error.condition)."
            ),
            error: error,
            saysError: true
        )
    }

    mutating func fail(_ error: StreamManagement.CountTooHigh) -> [Action] {
        fail(
            StreamError(
                "undefined-condition",
                text: "You acknowledged \(error.claimed) stanzas, but I only sent you \(error.sent) so far.",
                application: Name("handled-count-too-high", Namespace.streamManagement)
            )
        )
    }

    /// Ends the stream; from here on nothing but ``Action/refused(_:_:)`` comes.
    mutating func end(
        _ failure: SessionFailure,
        error: StreamError? = nil,
        saysError: Bool = false,
        resumable: Bool = false,
        writes: Bool = true
    ) -> [Action] {
        var actions: [Action] = []
        if writes, mayWrite {
            if saysError, let error { actions.append(.write(Self.text(of: error))) }
            actions.append(.write(Self.endTag))
        }
        let session = resumable || (isBeforeSession && failure.code != .stopped) ? management.flatMap { $0.id == nil ? nil : $0 } : nil
        let lost = session == nil ? lost + (management?.outstanding ?? []) : lost
        state = .ended
        management = nil
        actions.append(
            .ended(
                End(
                    failure: failure,
                    error: error,
                    redirect: error?.condition == "see-other-host" ? error?.detail : nil,
                    resumption: session,
                    lost: lost,
                    unlistedBindingFailed: unlistedBindingFailed
                )
            )
        )
        actions.append(.closeTransport)
        return actions
    }

    private var stopped: SessionFailure { SessionFailure(.stopped, "\(configuration.account) was logged out.") }

    /// Whether the earlier session hasn't been touched yet: whatever goes wrong here, the next connection may still resume it.
    private var isBeforeSession: Bool {
        switch state {
        case .idle, .opening, .awaitingProceed, .securing, .loggingIn: true
        default: false
        }
    }

    /// Whether a stream of ours is open, to be closed: not before the header and not while TLS is being put in front.
    private var mayWrite: Bool {
        switch state {
        case .idle, .securing, .ended, .closing: false
        default: true
        }
    }

    private static let endTag = "</stream:stream>"

    /// With the prefix that the header declares, as servers are used to.
    private static func text(of error: StreamError) -> String {
        "<stream:error>" + error.element.elements.map { $0.serialized(inheriting: Namespace.client) }.joined() + "</stream:error>"
    }
}
