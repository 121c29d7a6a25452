import NIOCore
public import XML
public import XMPP

// What the account sends.
extension ClientSession {
    /// Who waits for the answer to a request.
    struct RequestWaiter: Sendable {
        let answer: @Sendable (Result<Element?, any Error>) -> Void

        func finish(_ result: Result<Element?, StanzaError>) { answer(result.mapError { $0 }) }

        func fail(_ error: any Error) { answer(.failure(error)) }
    }

    /// Who waits for a stanza to be written.
    typealias Turn = @Sendable (Result<Void, any Error>) -> Void

    /// Who waits for an acknowledgement.
    struct SendWaiter: Sendable {
        let outcome: @Sendable (Result<Void, any Error>) -> Void
        let size: Int
        var timer: Scheduled<Void>

        func finish(_ result: Result<Void, any Error>) {
            timer.cancel()
            outcome(result)
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
                ask(request, id, token, element, size, timeout) { continuation.resume(with: $0) }
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

    /// Writes a request and remembers who waits for its answer.
    private func ask(
        _ request: Request,
        _ id: String,
        _ token: StreamManagement.Token,
        _ element: Element,
        _ size: Int,
        _ timeout: Duration,
        _ answer: @escaping @Sendable (Result<Element?, any Error>) -> Void
    ) {
        let waiter = RequestWaiter(answer: answer)
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
                try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                    if let error = start(token, element, size, kind) { return continuation.resume(throwing: error) }
                    let timer = loop.scheduleTask(in: acknowledgementLimit(size)) { [self] in
                        assumeIsolated { session in
                            session.finishSend(token, .failure(session.lateError))
                            session.withdraw(token)
                        }
                    }
                    sends[token] = SendWaiter(outcome: { continuation.resume(with: $0) }, size: size, timer: timer)
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

    /// Hands a stanza over without waiting for its acknowledgement; see ``Session/handOver(_:in:outcome:)``.
    ///
    /// There is no limit of time for the acknowledgement: a server that doesn't give it within
    /// ``Configuration/acknowledgementLimit`` is left and asked again over another connection.
    public func handOver(
        _ stanza: OutboundStanza,
        in number: UInt64,
        outcome: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) async throws {
        let element = stanza.element(capabilities: router.capabilities)
        let size = element.byteCount
        if let error = gate.refusal(of: size) { throw error }
        guard number == sessionNumber, let link, link.isBound else { throw offlineError }
        let token = nextToken()
        if let error = start(token, element, size, element.local == "message" ? .message : .other) { throw error }
        guard link.bound?.acknowledges != true else {
            let timer = loop.scheduleTask(in: acknowledgementLimit(size)) { [self] in assumeIsolated { $0.isLate(token) } }
            sends[token] = SendWaiter(outcome: outcome, size: size, timer: timer)
            return
        }
        let written: Turn = { [self] result in
            switch result {
            case .success: assumeIsolated { $0.provePassage(of: token, size, outcome) }
            case .failure(let error): outcome(.failure(error))
            }
        }
        if held[token] == nil { written(.success(())) } else { turns[token] = written }
    }

    /// Without stream management: whatever answers to a ping has been through the stanza before it (RFC 6120 § 10.1).
    private func provePassage(of token: StreamManagement.Token, _ size: Int, _ outcome: @escaping Turn) {
        let ping = Ping.request(to: account.domainAddress)
        let id = Randomness.identifier()
        let element = ping.element(id: id)
        let limit = configuration.acknowledgementLimit + .nanoseconds(LinkMonitor.allowance(for: size).nanoseconds)
        ask(ping, id, nextToken(), element, element.byteCount, limit) { [self] answer in
            assumeIsolated { session in
                session.leaveGate(token)
                if case .failure(let error as SessionError) = answer, error.code == .timedOut {
                    session.link?.handler.abandon(SessionFailure(.network, error.message))
                }
            }
            switch answer {
            case .success: outcome(.success(()))
            case .failure(let error): outcome(error is StanzaError ? .success(()) : .failure(error))
            }
        }
    }

    /// A stanza has not been acknowledged in time. Giving it up would let later ones overtake it, so another connection has to tell.
    private func isLate(_ token: StreamManagement.Token) {
        guard let waiter = sends[token] else { return }
        let limit = acknowledgementLimit(0)
        sends[token]?.timer = loop.scheduleTask(in: limit) { [self] in assumeIsolated { $0.isLate(token) } }
        guard held[token] == nil, let link, link.isBound, let boundAt = link.boundAt, loop.now - boundAt >= limit else { return }
        let words =
            "The server of \(account) has not acknowledged a stanza of \(waiter.size) bytes within \(configuration.acknowledgementLimit)."
        link.handler.abandon(SessionFailure(.network, words))
    }

    /// How long an acknowledgement may take: everything in front of the stanza has to be read first.
    private func acknowledgementLimit(_ size: Int) -> TimeAmount {
        TimeAmount(configuration.acknowledgementLimit) + LinkMonitor.allowance(for: sends.values.reduce(size) { $0 + $1.size })
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
