import Foundation
import Logging
import Synchronization
import Testing
import XMPP

@testable import Oxbow

/// A runtime that answers from what it is given and remembers what it was asked.
private final class Runtime: Controllable {
    let asked = Mutex<[String]>([])
    private func note(_ text: String) { asked.withLock { $0.append(text) } }

    func outbox(_ request: OutboxRequest) async throws -> OutboxReport {
        note("outbox \(request.action.rawValue) \(request.account ?? "-") \(request.message ?? "-")")
        return OutboxReport([])
    }
    func status() async throws -> StatusReport {
        let bot = StatusReport.Bot(name: "echo", problem: nil)
        let one = StatusReport.Account(
            jid: "a@b",
            state: "online",
            since: 2,
            fingerprint: "AB",
            bots: [bot],
            counters: ["refused.replay": 3]
        )
        let two = StatusReport.Account(jid: "c@d", state: "failed", reason: "no keyring\nat all", since: 3)
        return StatusReport(version: "1", process: 7, since: 1, accounts: [one, two])
    }
    func send(_ request: SendRequest) async throws -> SendReport {
        note("send \(request.from ?? "-") \(request.to) \(request.text) \(request.timeout)")
        return SendReport([
            SendOutcome(to: "x@y", state: .sent),
            SendOutcome(to: "z@y", state: .notSent, error: ControlError(.noKey, "there is no key")),
        ])
    }
    private func report(_ account: Address) -> KeyReport {
        let key = KeyReport.Key(fingerprint: "AB", standing: "held", source: "first-sight", firstSeen: 5, announced: true)
        return KeyReport(account: account.description, own: "CD", peers: [.init(jid: "x@y", lastRead: nil, keys: [key])])
    }
    func keys(account: Address, peer: Address?) async throws -> KeyReport {
        note("keys \(account) \(peer?.description ?? "-")")
        return report(account)
    }
    func trust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport {
        note("trust \(account) \(peer) \(fingerprint ?? "-")")
        return report(account)
    }
    func untrust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport {
        throw ControlError(.usage, "the configuration trusts that key")
    }
    func exportKey(account: Address, peer: Address?, fingerprint: String?) async throws -> String { "-----BEGIN\n\nx\n-----END\n" }
    func exportMailKey(account: Address, via: Address?) async throws -> String {
        note("export-mail \(via?.description ?? "-")")
        return "-----BEGIN\n"
    }
    func gateways(_ request: GatewayRequest) async throws -> GatewayReport {
        note("gateways \(request.action.rawValue) \(request.account) \(request.domain ?? "-")")
        return GatewayReport([GatewayReport.Item(jid: "email.example.net")])
    }
    func importKey(account: Address, peer: Address, material: [UInt8]) async throws -> KeyReport {
        note("import \(peer) \(material)")
        return report(account)
    }
}

@Suite("The control socket")
struct ControlTests {
    private func withServer(_ body: (ControlClient, Runtime) async throws -> Void) async throws {
        try await withSettingsFolder { folder in
            let runtime = Runtime()
            let path = folder + "/control"
            let server = try await ControlServer.bind(
                path: path,
                runtime: runtime,
                reports: ["weather": { #"{"rain": true}"# }, "broken": { throw ControlError(.failed, "the barometer is gone") }],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.run() }
                defer { group.cancelAll() }
                try await body(ControlClient(path: path), runtime)
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("every request makes the way there and back")
    func roundTrips() async throws {
        let account = try #require(Address("a@b"))
        let peer = try #require(Address("x@y"))
        try await withServer { client, runtime in
            #expect(try await client.status() == runtime.status())
            let request = SendRequest(from: "a@b", to: ["x@y", "z@y"], text: "line\nline \u{1F600} \"quoted\" / \u{2028}", timeout: 1.5)
            let report = try await client.send(request)
            #expect(report.outcomes.map(\.state) == [.sent, .notSent])
            #expect(report.outcomes.last?.error == ControlError(.noKey, "there is no key"))
            #expect(try await client.keys(account: account, peer: nil) == runtime.keys(account: account, peer: nil))
            _ = try await client.keys(account: account, peer: peer)
            _ = try await client.trust(account: account, peer: peer, fingerprint: "AB")
            _ = try await client.importKey(account: account, peer: peer, material: [0, 255, 10])
            #expect(try await client.exportKey(account: account, peer: nil, fingerprint: nil) == "-----BEGIN\n\nx\n-----END\n")
            #expect(
                runtime.asked.withLock { $0 } == [
                    "send a@b \(request.to) \(request.text) 1.5", "keys a@b -", "keys a@b -", "keys a@b x@y", "trust a@b x@y AB",
                    "import x@y [0, 255, 10]",
                ]
            )
            await #expect(throws: ControlError(.usage, "the configuration trusts that key")) {
                try await client.untrust(account: account, peer: peer, fingerprint: nil)
            }
        }
    }

    @Test("other parts of the process are asked by name")
    func reports() async throws {
        try await withServer { client, _ in
            let weather = try await client.report("weather")
            #expect(weather == #"{"rain": true}"#)
            let unknown = await #expect(throws: ControlError.self) { try await client.report("news") }
            #expect(unknown?.code == .unknown)
            await #expect(throws: ControlError(.failed, "the barometer is gone")) { try await client.report("broken") }
        }
    }

    @Test("nobody there, and a socket that nobody listens on, are one clear error")
    func absent() async throws {
        try await withSettingsFolder { folder in
            let client = ControlClient(path: folder + "/control")
            let refusal = await #expect(throws: ControlError.self) { try await client.status() }
            #expect(refusal?.code == .absent)
        }
    }

    @Test(
        "what is no request, or of another version, gets an error and harms nobody",
        arguments: [
            ("hello", "usage"), ("{}", "usage"), (#"{"version":2,"operation":"status"}"#, "version"),
            (#"{"version":1,"operation":"dance"}"#, "usage"), (#"{"version":1,"operation":"send"}"#, "usage"),
            (#"{"version":1,"operation":"keys"}"#, "usage"), (#"{"version":1,"operation":"keys","account":"no jid"}"#, "usage"),
            (#"{"version":1,"operation":"import","account":"a@b","peer":"x@y"}"#, "usage"),
        ]
    )
    func nonsense(line: String, code: String) async throws {
        let answer = await ControlResponder(runtime: Runtime()).answer(line)
        let decoded = try ControlCoding.decode(ControlAnswer.self, from: answer)
        #expect(decoded.error?.code.description == code)
        #expect(!answer.contains("\n"))
    }

    @Test("fields that a later version adds are ignored")
    func additions() async throws {
        let answer = await ControlResponder(runtime: Runtime()).answer(#"{"version":1,"operation":"status","colour":"red"}"#)
        #expect(try ControlCoding.decode(ControlAnswer.self, from: answer).status?.process == 7)
        let error = try ControlCoding.decode(ControlError.self, from: #"{"code":"brand-new","message":"m","more":1}"#)
        #expect(error.code.description == "brand-new")
    }
}
