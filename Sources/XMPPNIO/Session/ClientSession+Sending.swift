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
        guard let link, link.isBound else { throw offlineError }
        let id = Randomness.identifier()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiter = RequestWaiter(continuation: continuation)
                guard requests.insert(id: id, to: request.to, deadline: loop.now + TimeAmount(timeout), waiter) else {
                    return waiter.fail(offlineError)
                }
                let token = nextToken()
                link.handler.report(.send(request.element(id: id), token: token))
                if let error = refusals.removeValue(forKey: token) { requests.remove(id: id)?.fail(error) }
                scheduleExpiry()
            }
        } onCancel: {
            loop.execute { self.assumeIsolated { $0.requests.remove(id: id)?.fail(CancellationError()) } }
        }
    }

    /// Hands a stanza to the account's server.
    ///
    /// Across a cut that the session survives (XEP-0198 § 5), a stanza that waits for its acknowledgement is sent again.
    /// - Throws: ``SessionError`` (`.offline`, `.timedOut`, `.tooBig`).
    public func send(_ stanza: OutboundStanza, until handOver: HandOver) async throws {
        guard let link, link.isBound else { throw offlineError }
        let element = stanza.element(capabilities: router.capabilities)
        let token = nextToken()
        switch handOver {
        case .written:
            try write(element, token)
        case .acknowledged where link.bound?.acknowledges == true:
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let limit = configuration.acknowledgementLimit
                    let timer = loop.scheduleTask(in: TimeAmount(limit)) { [self] in
                        assumeIsolated { $0.finishSend(token, .failure($0.lateError(limit))) }
                    }
                    sends[token] = SendWaiter(continuation: continuation, timer: timer)
                    link.handler.report(.send(element, token: token))
                    refusals[token] = nil
                }
            } onCancel: {
                loop.execute { self.assumeIsolated { $0.finishSend(token, .failure(CancellationError())) } }
            }
        case .acknowledged:
            try write(element, token)
            // Stanzas are handled in order (RFC 6120 § 10.1): whatever answers to the ping has been through the stanza before it.
            do {
                _ = try await request(Ping.request(to: account.domainAddress), timeout: configuration.acknowledgementLimit)
            } catch is StanzaError {}
        }
    }

    private func write(_ element: Element, _ token: StreamManagement.Token) throws {
        link?.handler.report(.send(element, token: token))
        if let error = refusals.removeValue(forKey: token) { throw error }
    }

    private func lateError(_ limit: Duration) -> SessionError {
        SessionError(.timedOut, "The server of \(account) has not acknowledged the stanza within \(limit); it may still arrive.")
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
