import Foundation
import Oxbow
import OxbowCommand
import Synchronization
import XMPP

/// A folder with a configuration, and the command run in it within this process.
final class Bench: Sendable {
    let folder: String
    let launches = Mutex<[Launch.Purpose]>([])
    /// The environments that launches were given.
    let environments = Mutex<[[String: String]]>([])
    private let runtime: StandIn

    init(_ configuration: String = Bench.two, runtime: StandIn = StandIn()) throws {
        folder = "/tmp/oxk-" + UUID().uuidString.prefix(8)
        self.runtime = runtime
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try write(configuration, to: "config.yaml")
        // It holds a password; a warning about that belongs to few tests.
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "/config.yaml")
        try write("allow: ['*@b']\nhandlers:\n  - element: body\n    match: '^!ping'\n    swift: echo\n", to: "bots/echo/bot.yaml")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Two accounts, one with a bot.
    static let two = """
        accounts:
          - {jid: a@b, password: hunter2, bots: [echo]}
          - {jid: c@b, password: "${SECOND:-hunter3}"}
        store_key: {command: [sh]}
        """
    /// One account.
    static let one = "accounts: [{jid: a@b, password: hunter2}]\n"

    func write(_ text: String, to name: String) throws {
        let path = folder + "/" + name
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// What a command line came to.
    struct End: Sendable {
        var status: CommandStatus
        var out: String
        var err: String
    }

    /// The tool with everything that it touches in the folder.
    func tool(environment: [String: String] = [:], input: String = "", said: Transcript) -> Tool {
        var modules = SwiftModules()
        modules.register("echo") { _ in Silent() }
        return Tool(
            modules: modules,
            environment: ["HOME": folder].merging(environment) { $1 },
            launcher: { launch in
                self.launches.withLock { $0.append(launch.purpose) }
                self.environments.withLock { $0.append(launch.environment) }
                return self.runtime
            },
            console: Console(output: { said.out($0) }, errors: { said.err($0) }, input: { Array(input.utf8) })
        )
    }

    /// Runs a command line with `--config` of the folder, unless it brings its own.
    func run(_ arguments: String..., environment: [String: String] = [:], input: String = "", config: Bool = true) async -> End {
        let said = Transcript()
        let tool = tool(environment: environment, input: input, said: said)
        let status = await tool.run(arguments + (config ? ["--config", folder + "/config.yaml"] : []))
        let (out, err) = said.both
        return End(status: status, out: out.replacing(folder + "/", with: ""), err: err.replacing(folder + "/", with: ""))
    }
}

/// What a console was told.
final class Transcript: Sendable {
    private let lines = Mutex<(out: [String], err: [String])>(([], []))
    func out(_ line: String) { lines.withLock { $0.out.append(line) } }
    func err(_ line: String) { lines.withLock { $0.err.append(line) } }
    var both: (out: String, err: String) { lines.withLock { ($0.out.joined(separator: "\n"), $0.err.joined(separator: "\n")) } }
}

/// A handler that does nothing.
private struct Silent: Handler {
    func handle(_ event: Event, _ context: any HandlerContext) async throws {}
}

/// Accounts that aren't: answers by rote, and remembers what it was asked.
final class StandIn: LaunchedRuntime {
    let asked = Mutex<[String]>([])
    /// What it is asked, as it is asked.
    let requests: AsyncStream<String>
    private let request: AsyncStream<String>.Continuation
    /// Whether its store fails.
    let storeFails = Mutex(false)
    /// Says once that it runs.
    let started: AsyncStream<Void>
    private let start: AsyncStream<Void>.Continuation
    private let outcomes: @Sendable (SendRequest) throws -> [SendOutcome]

    init(outcomes: @escaping @Sendable (SendRequest) throws -> [SendOutcome] = { $0.to.map { SendOutcome(to: $0, state: .sent) } }) {
        self.outcomes = outcomes
        (started, start) = AsyncStream.makeStream()
        (requests, request) = AsyncStream.makeStream()
    }

    private func note(_ text: String) {
        asked.withLock { $0.append(text) }
        request.yield(text)
    }

    func run() async throws {
        start.yield()
        let (forever, hold) = AsyncStream.makeStream(of: Never.self)
        // Ends when the task is cancelled.
        for await _ in forever {}
        withExtendedLifetime(hold) {}
        note("closed")
    }
    func status() async throws -> StatusReport {
        StatusReport(
            version: "1",
            process: 7,
            since: 0,
            accounts: [
                .init(jid: "a@b", state: "online", since: 60, fingerprint: Self.key, bots: [.init(name: "echo")], counters: ["opened": 2]),
                .init(jid: "c@b", state: "offline", reason: "no route", since: 120),
            ]
        )
    }
    func send(_ request: SendRequest) async throws -> SendReport {
        note("send \(request.from ?? "-") \(request.text) \(request.timeout)")
        return SendReport(try outcomes(request))
    }

    func outbox(_ request: OutboxRequest) async throws -> OutboxReport {
        if storeFails.withLock({ $0 }) { throw ControlError(.failed, "the store doesn't answer") }
        note("outbox \(request.action.rawValue) \(request.account ?? "-") \(request.message ?? "-")")
        let json = """
            {"isLast": true, "items": [{"number": 7, "id": "q1", "account": "a@b", "to": "c@d", "state": "held", "attempts": 2, "accepted": 0,
            "expires": 600, "next": 120, "reason": "no-key", "words": "c@d has no key"}]}
            """
        return try JSONDecoder().decode(OutboxReport.self, from: Data(json.utf8))
    }
    static let key = "ABCDEF0123456789ABCDEF0123456789ABCDEF01"
    private func report(_ account: Address, _ peer: Address?) -> KeyReport {
        let key = KeyReport.Key(
            fingerprint: Self.key,
            standing: "held",
            source: "first-sight",
            firstSeen: 0,
            announced: false,
            unusable: "expired"
        )
        let peers = peer?.local == "nobody" ? [] : [KeyReport.Peer(jid: "x@y", lastRead: nil, keys: [key])]
        return KeyReport(account: account.description, own: nil, peers: peers)
    }
    func keys(account: Address, peer: Address?) async throws -> KeyReport {
        note("keys \(account) \(peer?.description ?? "-")")
        return report(account, peer)
    }
    func trust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport {
        note("trust \(account) \(peer) \(fingerprint ?? "-")")
        return report(account, peer)
    }
    func untrust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport {
        throw ControlError(.configuration, "config.yaml names that key")
    }
    func exportKey(account: Address, peer: Address?, fingerprint: String?) async throws -> String {
        note("export \(peer?.description ?? "-") \(fingerprint ?? "-")")
        return "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
    }
    func exportMailKey(account: Address, via: Address?) async throws -> String {
        note("export-mail \(account) \(via?.description ?? "-")")
        return "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
    }
    func gateways(_ request: GatewayRequest) async throws -> GatewayReport {
        note("gateways \(request.action.rawValue) \(request.account) \(request.domain ?? "-")")
        var item = GatewayReport.Item(jid: "email.example.net", name: "Mail")
        item.formatters = ["urn:f"]
        item.encrypters = ["urn:e"]
        item.senderID = "bot@mail.example.net"
        item.encryptedOnly = true
        if request.action == .list { item.problem = "held" }
        let field = GatewayReport.Field(name: "username", label: "Your name", isRequired: true, options: ["a", "b"])
        return request.action == .fields ? GatewayReport(fields: [field]) : GatewayReport([item])
    }
    func importKey(account: Address, peer: Address, material: [UInt8]) async throws -> KeyReport {
        note("import \(peer) \(String(decoding: material, as: UTF8.self))")
        return report(account, peer)
    }
}
