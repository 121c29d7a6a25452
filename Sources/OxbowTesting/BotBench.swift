import Foundation
import Logging
public import OX
import OpenPGP
public import Oxbow
public import XML
public import XMPP
import YAMLConfiguration

/// A bot and a person who talks to it, each with a real keyring, joined by a server in memory: what the test of a handler needs.
///
///     try await BotBench.use(bots: ["echo"], in: "bots", modules: modules) { bench in
///         try await bench.say("!ping")
///         #expect(try await bench.answer() == "pong")
///     }
///
/// Everything between the two is what runs in production (seal, journal, open, dispatch), but for the network and the disk. Needs GnuPG.
public struct BotBench: Sendable {
    /// The bot's account.
    public let bot: Address
    /// The person's account.
    public let person: Address
    /// The server between them.
    public let server: Loopback
    /// What the bot's process has counted.
    public let counters: Counters
    private let sealer: Sealer
    private let answers: AsyncStream<OpenedMessage>

    /// Runs a test with a bench of its own; afterwards nothing is left of it.
    ///
    /// - Parameters:
    ///   - bots: The names of the account's bots.
    ///   - folder: The folder that holds them.
    ///   - modules: The Swift modules that they name.
    ///   - person: Who talks to them; the bots' `allow` has to let this address in.
    ///   - bot: The bot's address.
    ///   - body: The test.
    /// - Throws: What keeps the bots from running, and what the test throws.
    public static func use(
        bots: [String],
        in folder: String,
        modules: SwiftModules,
        person: String = "alice@localhost",
        bot: String = "bot@localhost",
        _ body: @escaping @Sendable (BotBench) async throws -> Void
    ) async throws {
        let yard = try Yard()
        defer { yard.remove() }
        guard let botAddress = Address(bot), let personAddress = Address(person) else {
            throw BenchError("\(bot) or \(person) is no address")
        }
        let settings = try yard.settings(bot: bot, bots: bots, folder: folder)
        let server = Loopback()
        let now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let pins = MemoryPinStore()
        let logins = MemoryLogins()
        let house = House(
            memories: Memories(store: MemoryStore(birth: now()), pins: pins, logins: logins, resumptions: logins),
            modules: modules,
            logger: logger,
            environment: ProcessInfo.processInfo.environment,
            stateFolder: yard.path + "/state",
            connect: { await server.session(for: $0.settings.jid) },
            now: now
        )
        let runtime = Runtime(settings: settings, house: house)
        if let problem = try await runtime.status().accounts.first?.bots.compactMap(\.problem).first { throw BenchError(problem) }

        let session = await server.session(for: personAddress)
        let engine = try await GPGMEEngine(home: yard.path + "/person", logger: logger)
        let directory = KeyDirectory(account: personAddress, engine: engine, session: session, pins: pins, policy: .tofu, clock: now)
        let opener = Opener(engine: engine, directory: directory, age: AgeCheck(birth: now()))
        let (stream, answer) = AsyncStream<OpenedMessage>.makeStream()
        let bench = BotBench(
            bot: botAddress,
            person: personAddress,
            server: server,
            counters: house.counters,
            sealer: Sealer(engine: engine, directory: directory, clock: now),
            answers: stream
        )
        let result: Result<Void, any Error> = await withTaskGroup(of: Result<Void, any Error>?.self) { group in
            group.addTask {
                await runtime.run()
                return nil
            }
            group.addTask {
                await session.run()
                return nil
            }
            group.addTask {
                for await case .message(let inbound) in session.events {
                    inbound.processed()
                    guard case .sealed(let envelope) = opener.examine(inbound.message, isAllowed: true) else { continue }
                    if let opened = try? await opener.open(envelope, received: now()) { answer.yield(opened) }
                }
                return nil
            }
            group.addTask {
                do {
                    _ = try await Announcer(engine: engine, session: session, pins: pins, clock: now).announce()
                    try await runtime.untilReachable(server)
                    try await body(bench)
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
            var result: Result<Void, any Error> = .success(())
            for await found in group {
                guard let found else { continue }
                result = found
                break
            }
            group.cancelAll()
            return result
        }
        answer.finish()
        await engine.close()
        try result.get()
    }

    /// The person says something to the bot.
    public func say(_ text: String) async throws {
        try await send([Element("body", Namespace.client, text: text)])
    }

    /// The person sends payload elements to the bot.
    public func send(_ payload: [Element]) async throws {
        let message = try await sealer.seal(payload, to: bot, id: UUID().uuidString)
        let from = Address(local: person.local, domain: person.domain, resource: "loopback") ?? person
        await server.carry(.sealed(message), from: from)
    }

    /// The text of the next message from the bot, decrypted and verified. Waits for it.
    ///
    /// - Throws: If the bench ends first.
    public func answer() async throws -> String {
        try await message().payload.first { $0.is("body", Namespace.client) }?.text ?? ""
    }

    /// The next message from the bot, decrypted and verified. Waits for it.
    ///
    /// - Throws: If the bench ends first.
    public func message() async throws -> OpenedMessage {
        var iterator = answers.makeAsyncIterator()
        guard let message = await iterator.next() else { throw BenchError("no more messages come") }
        return message
    }
}

/// What keeps a bench from working.
public struct BenchError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// The folder of a bench, with a path that is short enough for GnuPG's sockets.
private struct Yard {
    let path: String

    init() throws {
        let base = FileManager.default.fileExists(atPath: "/tmp") ? "/tmp" : NSTemporaryDirectory()
        path = base + "/oxb-" + UUID().uuidString.prefix(8)
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: attributes)
    }

    func settings(bot: String, bots: [String], folder: String) throws -> Settings {
        let here = URL(fileURLWithPath: folder).path
        let text = """
            state: state
            accounts:
              - jid: '\(bot)'
                password: unused
                bots: [\(bots.joined(separator: ", "))]
            bots: '\(here)'
            """
        let file = path + "/config.yaml"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return try Settings.load(path: file, environment: [:])
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

extension Runtime {
    /// Waits until every account has announced its key: from then on people can write to it.
    fileprivate func untilReachable(_ server: Loopback) async throws {
        while true {
            let accounts = try await status().accounts
            if let failed = accounts.first(where: { $0.state == "failed" }) { throw BenchError(failed.reason ?? "an account failed") }
            let owners = accounts.compactMap { Address($0.jid) }
            if await server.hasKeys(of: owners) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
