import Foundation
import Logging
import OxbowTesting
import Synchronization
import Testing
import XMPP
import YAMLConfiguration

@testable import Oxbow

/// SIGHUP: what has changed begins anew, alone; what is wrong changes nothing. Real files and keyrings, a server in memory.
@Suite(.serialized)
struct ReloadTests {
    private struct Silent: Handler {
        func handle(_ event: Event, _ context: any HandlerContext) async throws {}
    }

    /// A process with its files.
    private final class Process: Sendable {
        let folder: String
        let said = Lines()
        /// What the last reload said; an account may say something after it.
        var lastReload: String? { said.all.last { $0.contains("configuration taken on") } }
        let server = Loopback()

        init(_ config: String) throws {
            folder = "/tmp/oxr-" + UUID().uuidString.prefix(8)
            let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: attributes)
            try write("allow: ['*']\nhandlers: [{element: body, swift: silent}]\n", to: "bots/one/bot.yaml")
            try write("allow: ['*']\nhandlers: [{element: body, swift: silent}]\n", to: "bots/two/bot.yaml")
            try write(config, to: "config.yaml")
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func write(_ text: String, to name: String) throws {
            let path = folder + "/" + name
            let parent = URL(fileURLWithPath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }

        /// Runs the accounts of the configuration while `body` runs.
        ///
        /// - Parameter lead: By how many seconds the clock was ahead when the store was made.
        func run(lead: Int64 = 0, _ body: (Runtime) async throws -> Void) async throws {
            let now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }
            let (said, server) = (said, server)
            let logins = MemoryLogins()
            var modules = SwiftModules()
            modules.register("silent") { _ in Silent() }
            let house = House(
                memories: Memories(store: MemoryStore(birth: now() + lead), pins: MemoryPinStore(), logins: logins, resumptions: logins),
                modules: modules,
                logger: Logger(label: "test") { _ in Log(lines: said) },
                environment: ProcessInfo.processInfo.environment,
                stateFolder: folder + "/state",
                connect: { plan in
                    said.tell("connecting \(plan.settings.jid) \(plan.settings.resource ?? "-")")
                    return await server.session(for: plan.settings.jid)
                },
                now: now
            )
            let runtime = Runtime(settings: try Settings.load(path: folder + "/config.yaml", environment: [:]), house: house)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await runtime.run() }
                defer { group.cancelAll() }
                try await body(runtime)
            }
        }

        func connections(_ account: String) -> Int { said.all.filter { $0.hasPrefix("connecting \(account) ") }.count }
    }

    /// Writes what is logged where a test can wait for it.
    private struct Log: LogHandler {
        let lines: Lines
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
            lines.tell("\(event.level) \(event.message) \(all)")
        }
    }

    private static let two = """
        state: state
        bots: bots
        accounts:
          - {jid: a@localhost, password: x, bots: [one]}
          - {jid: b@localhost, password: x, bots: [two]}
        """

    @Test("a changed account begins anew, alone; a new one begins; one that is gone ends")
    func changes() async throws {
        let process = try Process(Self.two)
        try await process.run { runtime in
            _ = await process.said.first(containing: "connecting a@localhost -")
            _ = await process.said.first(containing: "connecting b@localhost -")
            // The same in other words and another place: nothing happens.
            let words = ("{jid: a@localhost, password: x, bots: [one]}", "{bots: [one], jid: a@localhost, password: 'x'}")
            try process.write("# a comment\n" + Self.two.replacing(words.0, with: words.1), to: "config.yaml")
            await runtime.reload()
            #expect(try await runtime.status().reload?.error == nil)
            #expect(process.lastReload?.contains("begun=0 ended=0 unchanged=2") == true, "\(process.said.all)")

            let changed = Self.two.replacing("password: x, bots: [two]", with: "password: x, resource: r, bots: [two]")
            try process.write(changed, to: "config.yaml")
            await runtime.reload()
            _ = await process.said.first(containing: "connecting b@localhost r")
            #expect(process.connections("a@localhost") == 1)
            #expect(process.connections("b@localhost") == 2)

            try process.write(
                "state: state\nbots: bots\naccounts:\n  - {jid: c@localhost, password: x}\n  - {jid: a@localhost, password: x, bots: [one]}\n",
                to: "config.yaml"
            )
            await runtime.reload()
            _ = await process.said.first(containing: "connecting c@localhost -")
            #expect(try await runtime.status().accounts.map(\.jid) == ["c@localhost", "a@localhost"])
            #expect(process.connections("a@localhost") == 1)
        }
    }

    @Test("R1: a clock that stands before the making of the store is an error that is said; one that is a little behind is none")
    func earlyClock() async throws {
        let process = try Process(Self.two)
        try await process.run(lead: 3600) { _ in
            let line = await process.said.first(containing: "the machine's clock stands before the time when the store was made")
            #expect(line.hasPrefix("error ") && line.contains("oxbow store backup"), "\(line)")
        }
        let other = try Process(Self.two)
        try await other.run(lead: 30) { _ in
            _ = await other.said.first(containing: "online")
            #expect(!other.said.all.contains { $0.contains("clock stands") })
        }
    }

    @Test("a changed file of a bot restarts the accounts that have it, and no others")
    func bots() async throws {
        let process = try Process(Self.two)
        try await process.run { runtime in
            _ = await process.said.first(containing: "connecting b@localhost")
            _ = await process.said.first(containing: "connecting a@localhost")
            try process.write("allow: ['*@localhost']\nhandlers: [{element: body, swift: silent}]\n", to: "bots/two/bot.yaml")
            await runtime.reload()
            #expect(process.lastReload?.contains("begun=1 ended=1 unchanged=1") == true)
            try process.write("words = []", to: "bots/one/words.py")
            try process.write("cache", to: "bots/two/__pycache__/words.pyc")
            try process.write("swap", to: "bots/two/.words.swp")
            await runtime.reload()
            #expect(process.lastReload?.contains("begun=1 ended=1 unchanged=1") == true)
            while process.connections("a@localhost") < 2 || process.connections("b@localhost") < 2 { await Task.yield() }
            #expect(process.connections("a@localhost") == 2)
            #expect(process.connections("b@localhost") == 2)
        }
    }

    @Test(
        "a file that is wrong changes nothing, and says where and why",
        arguments: [
            ("accounts:\n  - {jid: a@localhost, pasword: x}\n", "config.yaml:2:24: accounts[0].pasword: unknown key"),
            ("accounts: [\n", "config.yaml:2:1: not valid YAML: "),
            ("bots: bots\naccounts:\n  - {jid: a@localhost, password: x, bots: [no]}\n", "accounts[0].bots[0]: there is no bot 'no'"),
            ("accounts:\n  - {jid: a@localhost, password: {file: nothing}}\nbots: bots\n", "accounts[0].password: can't open "),
            ("accounts:\n  - {jid: a@localhost, password: x}\nstate: other\n", "config.yaml: state: is "),
        ]
    )
    func wrong(text: String, complaint: String) async throws {
        let process = try Process(Self.two)
        try await process.run { runtime in
            _ = await process.said.first(containing: "connecting a@localhost")
            _ = await process.said.first(containing: "connecting b@localhost")
            try process.write(text, to: "config.yaml")
            await runtime.reload()
            let status = try await runtime.status()
            #expect(status.accounts.map(\.jid) == ["a@localhost", "b@localhost"])
            #expect(status.reload?.error?.contains(complaint) == true, "\(status.reload?.error ?? "-")")
            #expect(process.said.all.contains { $0.hasPrefix("error ") && $0.contains(complaint) }, "\(process.said.all)")
            #expect(process.connections("a@localhost") == 1)
            // Mended, it is taken on.
            try process.write(Self.two, to: "config.yaml")
            await runtime.reload()
            #expect(try await runtime.status().reload?.error == nil)
            #expect(process.connections("a@localhost") == 1)
        }
    }

    @Test("a bot's file that is wrong changes nothing, not even another account that has changed")
    func wrongBot() async throws {
        let process = try Process(Self.two)
        try await process.run { runtime in
            _ = await process.said.first(containing: "connecting a@localhost")
            try process.write("allow: ['*']\nhandlers: [{elemnt: body, swift: silent}]\n", to: "bots/two/bot.yaml")
            try process.write(Self.two.replacing("jid: a@localhost,", with: "jid: a@localhost, resource: r,"), to: "config.yaml")
            await runtime.reload()
            #expect(try await runtime.status().reload?.error?.contains("bots/two/bot.yaml:2:13: handlers[0].elemnt: unknown key") == true)
            #expect(process.connections("a@localhost") == 1)
        }
    }

    @Test("what only a new process can change is said")
    func restart() async throws {
        let process = try Process(Self.two)
        try await process.run { runtime in
            _ = await process.said.first(containing: "connecting a@localhost")
            try process.write(Self.two + "\nstore_key: \"${HOME:-x}\"\nlog: {level: debug}\n", to: "config.yaml")
            await runtime.reload()
            #expect(process.said.all.contains { $0.hasPrefix("warning store_key has changed") })
            #expect(process.said.all.contains { $0.hasPrefix("warning log has changed") })
            #expect(try await runtime.status().reload?.error == nil)
        }
    }
}
