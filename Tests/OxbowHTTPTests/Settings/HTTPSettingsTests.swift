import Foundation
import Oxbow
import Testing
import YAMLConfiguration

@testable import OxbowHTTP

@Suite("http: in config.yaml") struct HTTPSettingsTests {
    private func errors(_ yaml: String) -> [String] {
        do {
            _ = try TestServer.settings(yaml)
            return []
        } catch let error as ConfigurationErrors {
            return error.errors.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test("what is left out has sane values; without http nothing listens")
    func defaults() throws {
        let settings = try TestServer.settings("http: {}")
        #expect(settings.listeners.map(\.address) == [.tcp(host: "127.0.0.1", port: 8480)])
        #expect(settings.metrics.isEmpty)
        #expect(settings.bodyLimit == 1 << 20)
        #expect(settings.credentials.isEmpty)
        let metrics = try TestServer.settings("http: {listen: [], metrics: {}}").metrics
        #expect(metrics.map(\.address.description) == ["127.0.0.1:9480"])
        let none = try HTTPSettings(ConfigurationFile(text: "", path: "c").read(Schema(HTTPSettings.keys), environment: [:]))
        #expect(none == nil)
    }

    @Test("addresses", arguments: ["127.0.0.1:8480", "[::1]:8480", "127.9.9.9:1", "unix:/run/oxbow/http.sock"])
    func addresses(text: String) throws {
        let settings = try TestServer.settings("http: {listen: '\(text)'}")
        #expect(settings.listeners.map(\.address.description) == [text])
        #expect(settings.listeners.allSatisfy { $0.address.isLocal })
    }

    @Test(
        "what is no address",
        arguments: [
            "8480", "localhost:8480", ":8480", "::1:8480", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1", "unix:http.sock",
            "[127.0.0.1]:1",
        ]
    )
    func noAddresses(text: String) {
        #expect(errors("http: {listen: '\(text)'}").count == 1)
    }

    @Test(
        "beyond loopback there is TLS, or a proxy that does it",
        arguments: ["0.0.0.0:80", "[::]:80", "192.0.2.1:80", "[::ffff:127.0.0.1]:80"]
    )
    func outside(text: String) {
        #expect(errors("http: {listen: '\(text)'}").first?.contains("without TLS") == true)
        #expect(errors("http: {metrics: {listen: '\(text)'}}").first?.contains("http.metrics.listen") == true)
        #expect(errors("http: {listen: '\(text)', behind_proxy: true}").isEmpty)
        #expect(errors("http: {listen: '\(text)', tls: {certificate: c.pem, key: k.pem}}").isEmpty)
    }

    @Test("a credential is proved in one way, and may what its way is good for")
    func credentials() {
        func errors(_ credential: String) -> [String] { self.errors("http:\n  credentials:\n    x: \(credential)\n") }
        let secret = "sixteen-and-more"
        for good in [
            "{token: \(secret), may: [hooks, send, status, metrics]}", "{user: u, password: \(secret), may: [hooks/a]}",
            "{signature: \(secret), may: [hooks/a, hooks]}", "{path_token: \(secret), may: [hooks/a]}",
        ] { #expect(errors(good).isEmpty) }
        for bad in [
            "{may: [hooks]}", "{token: \(secret)}", "{token: \(secret), may: []}", "{token: \(secret), may: [hook]}",
            "{token: \(secret), may: [hooks/]}", "{token: \(secret), may: [hooks/a/b]}", "{user: u, may: [hooks]}",
            "{password: \(secret), may: [hooks]}", "{user: 'a:b', password: \(secret), may: [hooks]}",
            "{token: \(secret), signature: \(secret), may: [hooks]}", "{signature: \(secret), may: [send]}",
            "{path_token: \(secret), may: [hooks/a, status]}", "{tocken: \(secret), may: [hooks]}",
        ] {
            let found = errors(bad)
            #expect(!found.isEmpty, "\(bad)")
            #expect(!found.joined().contains(secret))
        }
    }

    @Test("two listeners at one place are an error")
    func twice() {
        #expect(errors("http: {listen: ['127.0.0.1:1', '127.0.0.1:1']}").count == 1)
        #expect(errors("http: {listen: '127.0.0.1:1', metrics: {listen: '127.0.0.1:1'}}").count == 1)
    }

    @Test("hooks that aren't there are named with the nearest that are; routes that nobody may use are said")
    func problems() throws {
        let settings = try TestServer.settings(
            """
            http:
              tls: {certificate: /nowhere/c.pem, key: /nowhere/k.pem}
              credentials:
                a: {token: {file: /nowhere/token}, may: [hooks/prometheos]}
                b: {token: {env: TOKEN}, may: [hooks/deploys]}
            """
        )
        let problems = settings.problems(routes: ["prometheus", "deploys"], environment: ["TOKEN": "0123456789abcdef"])
        #expect(problems.errors.contains { $0.message.contains("'prometheos'") && $0.hint == "did you mean 'hooks/prometheus'?" })
        #expect(problems.errors.contains { $0.description.contains("/nowhere/token") })
        #expect(problems.errors.filter { $0.path == "http.tls" }.count == 2)
        #expect(problems.warnings.contains { $0.message.contains("nobody may use the route 'prometheus'") })
        #expect(!problems.warnings.contains { $0.message.contains("'deploys'") })
        #expect(problems.errors.count == 4)
    }

    @Test("secrets that can't serve are found without a start, so a reload with one is refused whole; none is shown")
    func secrets() throws {
        let settings = try TestServer.settings(
            """
            http:
              credentials:
                a: {token: {env: SHORT}, may: [hooks]}
                b: {token: {env: LONG}, may: [hooks]}
                c: {token: {env: LONG}, may: [hooks]}
                d: {path_token: {env: PATH}, may: [hooks]}
                e: {token: {command: [cat, /dev/null]}, may: [hooks]}
                f: {user: f, password: {env: LONG}, may: [status]}
            """
        )
        let environment = ["SHORT": "hunter2", "LONG": "hunter2 hunter2 hunter2", "PATH": "hunter2 hunter2 hunter2/"]
        let problems = settings.problems(routes: ["deploys"], environment: environment)
        let found = problems.errors.map(\.description)
        #expect(found.contains { $0.contains("the secret of 'a' has fewer than 16 characters; make one with: openssl rand -hex 16") })
        #expect(found.contains { $0.contains("'c' has the same secret as 'b'") })
        #expect(found.contains { $0.contains("the path token of 'd' isn't made of") })
        #expect(!found.contains { $0.contains("hunter2") })
    }
}
