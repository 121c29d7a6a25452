public import XMPP
import XMPPNIO

/// Asks a running Oxbow over its control socket: ``Controllable`` from the other side.
public struct ControlClient: Controllable {
    /// The socket.
    public let path: String

    /// Makes a client; nothing is connected before the first request, and each has a connection of its own.
    public init(path: String) { self.path = path }

    /// What runs, since when, and what was counted.
    public func status() async throws -> StatusReport {
        try await ask(ControlRequest(.status), \.status)
    }

    /// Sends a text to each recipient.
    public func send(_ request: SendRequest) async throws -> SendReport {
        try await ask(ControlRequest(.send, send: request), \.send)
    }

    /// Looks at outboxes, tries a message again, or takes one back.
    public func outbox(_ request: OutboxRequest) async throws -> OutboxReport {
        try await ask(ControlRequest(.outbox, outbox: request), \.outbox)
    }

    /// Checks the store, or writes a copy of it.
    public func store(_ request: StoreRequest) async throws -> StoreReport {
        var question = ControlRequest(.store)
        question.store = request
        return try await ask(question, \.store)
    }

    /// The keys that an account knows.
    public func keys(account: Address, peer: Address?) async throws -> KeyReport {
        try await ask(ControlRequest(.keys, account: account, peer: peer), \.keys)
    }

    /// Trusts a key of a peer.
    public func trust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport {
        try await ask(ControlRequest(.trust, account: account, peer: peer, fingerprint: fingerprint), \.keys)
    }

    /// Refuses a key of a peer.
    public func untrust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport {
        try await ask(ControlRequest(.untrust, account: account, peer: peer, fingerprint: fingerprint), \.keys)
    }

    /// A certificate, ASCII-armored.
    public func exportKey(account: Address, peer: Address?, fingerprint: String?) async throws -> String {
        try await ask(ControlRequest(.exportKey, account: account, peer: peer, fingerprint: fingerprint), \.certificate)
    }

    /// The account's own certificate as people on a mail network get it.
    public func exportMailKey(account: Address, via: Address?) async throws -> String {
        try await ask(ControlRequest(.exportMailKey, account: account, peer: via), \.certificate)
    }

    /// Looks at an account's gateways, or goes on with one that has changed.
    public func gateways(_ request: GatewayRequest) async throws -> GatewayReport {
        var line = ControlRequest(.gateways)
        line.gateways = request
        return try await ask(line, \.gateways)
    }

    /// Imports a peer's certificate and trusts it.
    public func importKey(account: Address, peer: Address, material: [UInt8]) async throws -> KeyReport {
        try await ask(ControlRequest(.importKey, account: account, peer: peer, material: material), \.keys)
    }

    /// What another part of the process has to tell, as JSON: a report of those that ``ControlServer`` was given.
    ///
    /// - Throws: ``ControlError``; its code is ``ControlError/Code/unknown`` if there is no report of this name.
    public func report(_ name: String) async throws -> String {
        var question = ControlRequest(.report)
        question.report = name
        return try await ask(question, \.report)
    }

    private func ask<Value: Sendable>(_ request: ControlRequest, _ field: (ControlAnswer) -> Value?) async throws -> Value {
        let line = try ControlCoding.encode(request)
        let answer: String?
        do {
            answer = try await LocalLineClient.connect(path) { lines, output in
                try await output.send(line)
                var iterator = lines.makeAsyncIterator()
                return try await iterator.next(isolation: nil)
            }
        } catch let error as LocalSocketError {
            throw ControlError(error.code == .absent ? .absent : .failed, error.message)
        }
        guard let answer, let decoded = try? ControlCoding.decode(ControlAnswer.self, from: answer) else {
            throw ControlError(.failed, "the running Oxbow hung up without an answer; its log says why")
        }
        if let error = decoded.error { throw error }
        guard let value = field(decoded) else {
            throw ControlError(.version, "the running Oxbow gave an answer that this program doesn't know; restart it")
        }
        return value
    }
}
