import Testing
import XML

/// A daemon with two accounts that echo, for the tests of one suite; each test brings new people to it.
struct Scene: Sendable {
    let rig: Rig
    let daemon: Daemon
    /// The account that is written to.
    let bot: String
    /// Another account of the same process.
    let other: String

    /// The scene of the running test.
    static var current: Scene {
        get throws {
            guard let scene = shared else { throw Trouble("this test's suite has no scene") }
            return scene
        }
    }
    @TaskLocal fileprivate static var shared: Scene?

    /// Somebody new with an announced key, who has exchanged a first message with the bot.
    func acquaintance(_ name: String = "alice", _ layout: Peer.Layout = .common) async throws -> Correspondent {
        let one = try await rig.correspondent(name, with: bot, layout)
        let answer = try await one.ask("hello")
        guard answer == "hello" else { throw Trouble("the bot answers '\(answer)' to hello") }
        return one
    }

    /// What the bot knows about somebody's keys, as `oxbow keys list --json` says it.
    func keys(of jid: String) async throws -> JSON {
        let end = try await daemon.oxbow.command("keys", "show", "--json", "--account", bot, jid)
        guard end.code == 0 else { throw Trouble("oxbow keys list: \(end.err)\(end.out)") }
        return try JSON(line: end.out)
    }

    /// The keys that the bot knows of somebody, and how it came to know them; not when it last looked.
    func pins(of jid: String) async throws -> [JSON] {
        let report = try await keys(of: jid)
        guard let keys = report["peers"]?.array?.first?["keys"]?.array else {
            throw Trouble("no keys in \(try report.line)")
        }
        return keys
    }

    /// Asks for the bot's counters until they satisfy a predicate; each question is a process of its own, which paces them.
    func until(_ predicate: ([String: Int]) -> Bool) async throws {
        for _ in 0..<400 {
            if predicate(try await counters()) { return }
        }
        throw Trouble("the counters are \(try await counters())")
    }

    /// The bot's counters.
    func counters() async throws -> [String: Int] { try await daemon.status().counters(bot) }
}

/// Starts the daemon before the first test of a suite, and ends it after the last.
struct SceneTrait: SuiteTrait, TestScoping {
    /// Lines of the bot's section.
    var lines: [String]

    @concurrent
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await Cleanup.scope {
            let rig = try Rig.current
            let (bot, other) = (try await rig.server.account("bot"), try await rig.server.account("other"))
            let oxbow = try OxbowProgram([.init(jid: bot, lines: lines), .init(jid: other)], server: rig.server)
            let scene = Scene(rig: rig, daemon: try await Daemon.online(oxbow, count: 2), bot: bot, other: other)
            try await Scene.$shared.withValue(scene) { try await function() }
        }
    }
}

extension Trait where Self == SceneTrait {
    /// A daemon for the whole suite.
    static func scene(_ lines: String...) -> Self { SceneTrait(lines: lines) }
}

extension Correspondent {
    /// Seals a whole content, instead of a body in an honest one.
    func seal(
        content: String,
        signers: [String]? = nil,
        to recipients: [String]? = nil,
        options: [String] = ["--compress-algo", "none"]
    ) async throws -> String {
        try await peer.openPGP(content, signers: signers ?? [key], to: recipients ?? [botKey], options: options)
    }

    /// Sends an OpenPGP message to the bot, or to one of its sessions.
    func send(_ base64: String, type: String? = "chat", extra: String = "", to address: String? = nil) async throws {
        try await peer.send(Wire.message(to: address ?? bot, id: Wire.id(), type: type, base64, extra: extra))
    }

    /// Seals a content and sends it.
    func send(
        content: String,
        signers: [String]? = nil,
        to recipients: [String]? = nil,
        options: [String] = ["--compress-algo", "none"]
    ) async throws {
        try await send(try await seal(content: content, signers: signers, to: recipients, options: options))
    }

    /// Asks for the bot's presence and grants ours, so that it hears of changed keys.
    func befriend() async throws {
        let (start, bot) = (peer.mark, bot)
        try await peer.send("<presence type='subscribe' to='\(bot)'/>")
        _ = try await peer.stanza(from: start, "\(bot)'s own request") { $0["type"] == "subscribe" && $0["from"] == bot }
        try await peer.send("<presence type='subscribed' to='\(bot)'/>")
        _ = try await presence(from: start)
    }

    /// The full JID of the bot's session: servers keep from a bare JID what isn't for a person, and pass it on to a session.
    func session() async throws -> String {
        let start = peer.mark
        try await befriend()
        guard let session = try await presence(from: start)["from"] else { throw Trouble("presence from nobody") }
        return session
    }

    private func presence(from start: Int) async throws -> Element {
        let bot = bot
        return try await peer.stanza(from: start, "\(bot)'s presence") {
            $0.local == "presence" && $0["type"] == nil && $0["from"]?.hasPrefix(bot + "/") == true
        }
    }

    /// The bot's encrypted messages since a mark.
    func answers(from start: Int) -> Int {
        peer.stanzas(from: start).filter {
            $0.local == "message" && $0["from"]?.hasPrefix(bot) == true && $0.first("openpgp", Wire.namespace) != nil
        }.count
    }
}
