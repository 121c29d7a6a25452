import Logging
import NIOCore
import XML
public import XMPP

// What may be written, and when (R11).
extension ClientSession {
    /// The largest stanza that the account's server takes, as far as that is known.
    public var sizeLimit: SizeLimit? { gate.limit }

    /// Writes a stanza, or keeps it until its turn.
    ///
    /// - Returns: Why it is neither written nor kept.
    func start(_ token: StreamManagement.Token, _ element: Element, _ size: Int, _ kind: SendGate.Kind) -> SessionError? {
        guard let link, link.isBound else { return offlineError }
        switch gate.submit(token, size: size, kind) {
        case .refuse(let error): return error
        case .wait:
            held[token] = element
            return nil
        case .go:
            link.handler.report(.send(element, token: token))
            if link.bound?.acknowledges != true, kind == .other { leaveGate(token) }
            if let error = refusals.removeValue(forKey: token) { return error }
            // The writing itself may have ended connection and session: what was lost was told before anybody waited for this.
            return self.link?.ending != nil && resumption == nil ? lostError : nil
        }
    }

    /// Writes a stanza when its turn has come.
    func write(_ token: StreamManagement.Token, _ element: Element, _ size: Int, _ kind: SendGate.Kind) async throws {
        if let error = start(token, element, size, kind) { throw error }
        guard held[token] != nil else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in turns[token] = { continuation.resume(with: $0) } }
        } onCancel: {
            loop.execute { self.assumeIsolated { $0.withdraw(token) } }
        }
    }

    /// A stanza is acknowledged, or nothing more will be heard of it: others may go.
    func leaveGate(_ token: StreamManagement.Token) {
        largeRequests[token] = nil
        release(gate.finished(token))
    }

    /// Takes back a stanza that has not been written.
    func withdraw(_ token: StreamManagement.Token) {
        guard held.removeValue(forKey: token) != nil else { return }
        turns.removeValue(forKey: token)?(.failure(CancellationError()))
        largeRequests[token] = nil
        release(gate.withdrawn(token))
    }

    private func release(_ tokens: [StreamManagement.Token]) {
        for token in tokens {
            guard let link, link.isBound else {
                // It keeps its place, until the session goes on or is over.
                if held[token] != nil { postponed.append(token) }
                continue
            }
            guard let element = held.removeValue(forKey: token) else { continue }
            link.handler.report(.send(element, token: token))
            if let error = refusals.removeValue(forKey: token) {
                drop(token, error)
            } else {
                turns.removeValue(forKey: token)?(.success(()))
            }
        }
    }

    /// The session goes on: what had its turn meanwhile.
    func releasePostponed() {
        let tokens = postponed
        postponed = []
        release(tokens)
    }

    /// Tells whoever waits for a stanza that it isn't going to arrive.
    private func drop(_ token: StreamManagement.Token, _ error: SessionError) {
        finishSend(token, .failure(error))
        turns.removeValue(forKey: token)?(.failure(error))
        if let id = largeRequests.removeValue(forKey: token) { requests.remove(id: id)?.fail(error) }
    }

    /// Nothing that waits for its turn is going to be written.
    func failHeld(_ error: SessionError) {
        let tokens = held.keys.sorted()
        held = [:]
        postponed = []
        for token in tokens { drop(token, error) }
    }

    /// Names the stanza that ended the stream.
    func blame(_ culprit: SendGate.Culprit?) {
        guard let culprit else { return }
        logger.warning("a stanza is given up: \(culprit.error)", metadata: ["limit": "\(gate.limit.map(\.description) ?? "unknown")"])
        drop(culprit.token, culprit.error)
    }
}

extension Element {
    /// How many bytes the element has on a client's stream.
    var byteCount: Int { serialized(inheriting: Namespace.client).utf8.count }
}
