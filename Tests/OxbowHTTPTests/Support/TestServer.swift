import Foundation
import Logging
import NIOCore
import Oxbow
import ServiceLifecycle
import Synchronization
import YAMLConfiguration

@testable import OxbowHTTP

/// A service on ports that are free, with a desk and accounts of the test's own.
struct TestServer: Sendable {
    static let token = "correct-horse-battery"
    static let opsPassword = "staple-of-the-ops-team"
    static let signingSecret = "It's a Secret to Everybody"
    static let pathToken = "0123456789abcdef0123456789abcdef"
    /// One that may send to every route.
    static let widePathToken = "fedcba9876543210fedcba9876543210"

    /// A configuration with a credential of each kind.
    static let yaml = """
        http:
          listen: 127.0.0.1:0
          credentials:
            alertmanager: {token: \(token), may: [hooks/alerts, hooks/note]}
            everything: {token: everything-may-this-one, may: [hooks, send, status, metrics]}
            ops: {user: ops, password: \(opsPassword), may: [status, send]}
            signer: {signature: "\(signingSecret)", may: [hooks/ci, hooks/lab, hooks/graphs, hooks/any]}
            old: {path_token: \(pathToken), may: [hooks/any]}
            older: {path_token: \(widePathToken), may: [hooks]}
          body_limit: 64k
          metrics: {listen: 127.0.0.1:0}
        """

    let service: HTTPService
    let desk: RecordingDesk
    let control: StubControl
    let counters: Counters
    let log: LogLines
    let alive: Mutexed<Bool>
    private let clock: HandClock

    /// Goes on until what was remembered of health is too old.
    func later() { clock.advance(by: .seconds(1)) }

    final class Mutexed<Value: Sendable>: Sendable {
        private let state: Mutex<Value>
        init(_ value: Value) { state = Mutex(value) }
        var value: Value {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }
    }

    var main: ListenAddress { service.bound[0] }
    var metrics: ListenAddress { service.bound[service.bound.count - 1] }

    static func settings(_ yaml: String = yaml, environment: [String: String] = [:]) throws -> HTTPSettings {
        let file = try ConfigurationFile(text: yaml, path: "/etc/oxbow/config.yaml")
        guard let settings = try HTTPSettings(file.read(Schema(HTTPSettings.keys), environment: environment)) else {
            throw ConfigurationError(file: file.path, "has no http")
        }
        return settings
    }

    /// Runs a test against a service, and shuts it down at the end.
    static func run<R: Sendable>(
        _ yaml: String = yaml,
        limits: HTTPLimits = HTTPLimits(),
        desk: RecordingDesk = RecordingDesk(),
        now: @escaping @Sendable () -> Int64 = { 1_795_000_000 },
        _ body: @Sendable (TestServer) async throws -> R
    ) async throws -> R {
        let control = StubControl()
        let counters = Counters()
        let log = LogLines()
        let alive = Mutexed(true)
        let clock = HandClock()
        let surroundings = HTTPSurroundings(
            control: control,
            desk: desk,
            counters: counters,
            gauges: { [] },
            recent: { [] },
            isAlive: { alive.value },
            environment: [:],
            logger: log.logger,
            now: now
        )
        let service = try await HTTPService(settings: settings(yaml), surroundings: surroundings, limits: limits, clock: clock)
        let group = ServiceGroup(services: [service], logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() })
        let server = TestServer(service: service, desk: desk, control: control, counters: counters, log: log, alive: alive, clock: clock)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let result: R
            do { result = try await body(server) } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
    }

    /// One request on a connection of its own.
    func ask(
        _ method: String,
        _ path: String,
        _ headers: [String] = [],
        body: String? = nil,
        at address: ListenAddress? = nil
    ) async throws -> RawConnection.Answer {
        try await RawConnection.open(address ?? main) { connection in
            try await connection.send(Self.request(method, path, headers, body: body))
            return try await connection.answer(isHead: method == "HEAD")
        }
    }

    /// A request's bytes.
    static func request(_ method: String, _ path: String, _ headers: [String] = [], body: String? = nil) -> String {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: oxbow.test\r\n"
        for header in headers { text += header + "\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        return text + "\r\n" + (body ?? "")
    }

    /// An honest request works. Where a test has made times short, a busy machine may be too slow even for that one: then it is sent again, as
    /// senders do.
    func isWell() async throws -> Bool {
        for _ in 0..<50 {
            do {
                return try await ask("POST", "/hooks/alerts", [Self.bearer], body: "{}").status == 202
            } catch is RawConnection.Closed {
                continue
            } catch is IOError {
                continue
            } catch is ChannelError {
                continue
            }
        }
        return false
    }

    static let bearer = "Authorization: Bearer \(token)"
    static let everything = "Authorization: Bearer everything-may-this-one"
    static func basic(_ user: String, _ password: String) -> String {
        "Authorization: Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }
}
