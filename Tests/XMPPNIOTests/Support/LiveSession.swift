import Logging
import NIOCore
import Synchronization
import Testing
import XMPP

@testable import XMPPNIO

/// What an earlier login has proved, kept in memory.
final class TestMemory: LoginMemory {
    private let pins = Mutex<[Address: LoginPins]>([:])

    func loginPins(of account: Address) async throws -> LoginPins? { pins.withLock { $0[account] } }
    func setLoginPins(_ pins: LoginPins?, of account: Address) async throws { self.pins.withLock { $0[account] = pins } }
}

/// The session that an earlier process has left, kept in memory.
final class TestSessions: ResumptionMemory {
    private let record: Mutex<ResumptionRecord?>

    init(_ record: ResumptionRecord? = nil) {
        self.record = Mutex(record)
    }

    func resumption(of account: Address) async throws -> ResumptionRecord? { record.withLock { $0 } }

    func setResumption(_ new: ResumptionRecord?, of account: Address) async throws {
        record.withLock { old in
            if let old, let new, new.isBehind(old) { return }
            old = new
        }
    }
}

/// A resolver that knows what the test tells it.
struct TestResolver: Resolver {
    var services: [String: [ServiceRecord]] = [:]
    var addresses: [String: [SocketAddress]] = [:]

    func services(_ name: String) async throws -> [ServiceRecord] { services[name] ?? [] }

    func addresses(of host: String, port: Int) async throws -> [SocketAddress] {
        guard let addresses = addresses[host] else { throw ResolverError(.unknown, "The host name \(host) can't be resolved.") }
        return try addresses.map { try SocketAddress(ipAddress: $0.ipAddress ?? "", port: $0.port == 0 ? port : $0.port ?? port) }
    }
}

/// A session that runs as long as the body, and what happened to it.
struct LiveSession {
    let session: ClientSession
    private var events: AsyncStream<SessionEvent>.Iterator

    /// The next event of a session.
    mutating func next() async throws -> SessionEvent {
        let event = await events.next(isolation: #isolation)
        return try #require(event)
    }

    /// Waits until it is online; any other news in between is an error.
    mutating func online() async throws -> (address: Address, resumed: Bool) {
        while true {
            switch try await next() {
            case .online(let address, let resumed): return (address, resumed)
            case .offline(let failure, _): throw failure
            case .message, .presence: continue
            }
        }
    }

    /// Waits until it is online, whatever comes before.
    mutating func onlineAgain() async throws {
        while true {
            if case .online = try await next() { return }
        }
    }

    /// Waits until it is offline.
    mutating func offline() async throws -> (failure: SessionFailure, retryIn: Duration?) {
        while true {
            if case .offline(let failure, let delay) = try await next() { return (failure, delay) }
        }
    }

    /// Waits for a message.
    mutating func message() async throws -> InboundMessage {
        while true {
            switch try await next() {
            case .message(let message): return message
            case .offline(let failure, _): throw failure
            case .online, .presence: continue
            }
        }
    }

    /// Runs a session of a host of the suite's Prosody.
    static func run<Result: Sendable>(
        _ account: String,
        password: String = Prosody.password,
        port: Int? = nil,
        memory: (any LoginMemory)? = nil,
        resumptions: (any ResumptionMemory)? = nil,
        resolver: any Resolver = TestResolver(),
        handlers: [any IQHandler] = [],
        configure: (inout ClientSession.Configuration) -> Void = { _ in },
        _ body: (inout LiveSession) async throws -> Result
    ) async throws -> Result {
        let prosody = try WithProsody.prosody
        var configuration = ClientSession.Configuration(
            address: try #require(Address(account)),
            password: Password(password)
        )
        configuration.host = "127.0.0.1"
        configuration.port = port ?? prosody.startTLSPort
        configuration.roots = .file(prosody.authority)
        configure(&configuration)
        let session = ClientSession(
            configuration: configuration,
            handlers: handlers,
            node: "urn:example:oxbow",
            memory: memory,
            resumptions: resumptions,
            resolver: resolver,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await session.run() }
            var live = LiveSession(session: session, events: session.events.makeAsyncIterator())
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body(&live))
            } catch {
                result = .failure(error)
            }
            group.cancelAll()
            try await group.waitForAll()
            return try result.get()
        }
    }
}
