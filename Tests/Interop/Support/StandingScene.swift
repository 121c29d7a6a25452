import Testing

/// A running Oxbow with a route for an Alertmanager's alerts and one for texts, and somebody who is told: what the tests of one suite share.
struct StandingScene: Sendable {
    let scene: AlertScene
    let daemon: Daemon
    let ada: AlertScene.Reader

    /// The scene of the running test.
    static var current: StandingScene {
        get throws {
            guard let scene = shared else { throw Trouble("this test's suite has no scene") }
            return scene
        }
    }
    @TaskLocal fileprivate static var shared: StandingScene?

    /// An honest text, which has to arrive. Returns where a wait for the next begins.
    @discardableResult
    func honest(_ text: String = "honest-\(Wire.id())") async throws -> Told {
        let start = ada.peer.mark
        let answer = try await scene.post("/hooks/notes", text, type: "text/plain")
        guard 200..<300 ~= answer.status else { throw Trouble("an honest request is answered with \(answer)\n\(daemon.tail)") }
        return try await ada.peer.told(text, by: scene.jid, from: start)
    }

    /// A request as bytes, with what every one has.
    func request(
        _ path: String = "/hooks/alerts",
        method: String = "POST",
        headers: [String] = [],
        token: String? = nil,
        body: String = "",
        length: String? = nil
    ) -> [UInt8] {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Authorization: Bearer \(token ?? scene.tokens.hooks)"]
        lines.append("Content-Length: \(length ?? String(body.utf8.count))")
        return Array((lines + headers + ["", ""]).joined(separator: "\r\n").utf8) + Array(body.utf8)
    }
}

/// Starts it before the first test of a suite, and ends it after the last.
struct StandingSceneTrait: SuiteTrait, TestScoping {
    @concurrent
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await Cleanup.scope {
            let scene = try await AlertScene()
            let ada = try await scene.reader("ada")
            var settings = AlertScene.Settings.alertmanager(to: ["ada": ada.jid], ", fold: {messages: 10000}")
            settings.routes["notes"] = "{source: text, to: ada, fold: {messages: 10000}}"
            settings.routes["events"] = "{source: json, to: ada, fold: {messages: 10000}}"
            let daemon = try await scene.begin(settings)
            let standing = StandingScene(scene: scene, daemon: daemon, ada: ada)
            try await StandingScene.$shared.withValue(standing) { try await function() }
        }
    }
}

extension Trait where Self == StandingSceneTrait {
    /// A running Oxbow for the whole suite.
    static var standing: Self { StandingSceneTrait() }
}
