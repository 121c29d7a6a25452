import NIOCore
public import XML
public import XMPP

// What the account sends.
extension ClientSession {
    /// Who waits for the answer to a request.
    struct RequestWaiter: Sendable {
        let continuation: CheckedContinuation<Element?, any Error>

        func finish(_ result: Result<Element?, StanzaError>) {
            switch result {
            case .success(let payload): continuation.resume(returning: payload)
            case .failure(let error): continuation.resume(throwing: error)
            }
        }

        func fail(_ error: any Error) {
            continuation.resume(throwing: error)
        }
    }

    /// Who waits for an acknowledgement.
    struct SendWaiter: Sendable {
        let continuation: CheckedContinuation<Void, any Error>
        let size: Int
        let timer: Scheduled<Void>

        func finish(_ result: Result<Void, any Error>) {
            timer.cancel()
            continuation.resume(with: result)
        }
    }

    /// Sends an IQ of type get or set and waits for its answer.
    ///
    /// - Returns: The result's payload, or `nil` for an empty result.
    /// - Throws: ``StanzaError`` that came back, or ``SessionError`` (`.offline`, `.timedOut`, `.tooBig`).
    public func request(_ request: Request, timeout: Duration) async throws -> Element? {
        let id = Randomness.identifier()
        let element = request.element(id: id)
        let size = element.byteCount
        if let error = gate.refusal(of: size) { throw error }
        let token = nextToken()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiter = RequestWaiter(continuation: continuation)
                guard requests.insert(id: id, to: request.to, deadline: loop.now + TimeAmount(timeout), waiter) else {
                    return waiter.fail(offlineError)
                }
                if size > SendGate.alwaysFits { largeRequests[token] = id }
                if let error = start(token, element, size, .other) {
                    largeRequests[token] = nil
                    requests.remove(id: id)?.fail(error)
                }
                scheduleExpiry()
            }
        } onCancel: {
            loop.execute {
                self.assumeIsolated { session in
                    session.requests.remove(id: id)?.fail(CancellationError())
                    session.withdraw(token)
                }
            }
        }
    }

    /// Hands a stanza to the account's server.
    ///
    /// Across a cut that the session survives (XEP-0198 § 5), a stanza that waits for its acknowledgement is sent again. After the stream
    /// error `policy-violation` all that waits fails as offline; sent again, it goes one at a time until the stanza is found that is too
    /// big (R11).
    /// - Throws: ``SessionError`` (`.offline`, `.timedOut`, `.tooBig`, `.policy`).
    public func send(_ stanza: OutboundStanza, until handOver: HandOver) async throws {
        if case .presence(let presence) = stanza, presence.kind == .available, presenceStands, link?.isBound == true {
            presenceStands = false
            return
        }
        let element = stanza.element(capabilities: router.capabilities)
        let size = element.byteCount
        // Too big is too big, online or not.
        if let error = gate.refusal(of: size) { throw error }
        guard let link, link.isBound else { throw offlineError }
        let token = nextToken()
        let kind: SendGate.Kind = element.local == "message" ? .message : .other
        switch handOver {
        case .written:
            try await write(token, element, size, kind)
            if link.bound?.acknowledges != true { leaveGate(token) }
        case .acknowledged where link.bound?.acknowledges == true:
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    // Everything in front of it has to be read first.
                    let waiting = sends.values.reduce(size) { $0 + $1.size }
                    let limit = TimeAmount(configuration.acknowledgementLimit) + LinkMonitor.allowance(for: waiting)
                    let timer = loop.scheduleTask(in: limit) { [self] in
                        assumeIsolated { session in
                            session.finishSend(token, .failure(session.lateError))
                            session.withdraw(token)
                        }
                    }
                    sends[token] = SendWaiter(continuation: continuation, size: size, timer: timer)
                    if let error = start(token, element, size, kind) { finishSend(token, .failure(error)) }
                }
            } onCancel: {
                loop.execute {
                    self.assumeIsolated { session in
                        session.finishSend(token, .failure(CancellationError()))
                        session.withdraw(token)
                    }
                }
            }
        case .acknowledged:
            try await write(token, element, size, kind)
            defer { leaveGate(token) }
            // Stanzas are handled in order (RFC 6120 § 10.1): whatever answers to the ping has been through the stanza before it.
            do {
                let limit = configuration.acknowledgementLimit + .nanoseconds(LinkMonitor.allowance(for: size).nanoseconds)
                _ = try await request(Ping.request(to: account.domainAddress), timeout: limit)
            } catch is StanzaError {}
        }
    }

    private var lateError: SessionError {
        SessionError(
            .timedOut,
            "The server of \(account) has not acknowledged the stanza within \(configuration.acknowledgementLimit); it may still arrive."
        )
    }

    func finishSend(_ token: StreamManagement.Token, _ result: Result<Void, any Error>) {
        sends.removeValue(forKey: token)?.finish(result)
    }

    private func nextToken() -> StreamManagement.Token {
        lastToken += 1
        return lastToken
    }

    /// Makes a server without stream management show that it is there.
    func pingServer() {
        guard let link, link.isBound else { return }
        link.handler.report(.send(Ping.request(to: account.domainAddress).element(id: Randomness.identifier()), token: nil))
    }

    /// Sets a timer for the request whose time is over next.
    func scheduleExpiry() {
        guard let deadline = requests.nextDeadline, expiry.map({ $0.deadline > deadline }) ?? true else { return }
        expiry?.task.cancel()
        let task = loop.scheduleTask(deadline: deadline) { [self] in assumeIsolated { $0.expire() } }
        expiry = (deadline, task)
    }

    private func expire() {
        expiry = nil
        for waiter in requests.expire(at: loop.now) {
            waiter.fail(SessionError(.timedOut, "No answer came to a request of \(account)."))
        }
        scheduleExpiry()
    }
}
