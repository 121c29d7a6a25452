import Foundation
import Glibc
import Oxbow
import Subprocess
import Synchronization
import Testing
import YAMLConfiguration

@testable import OxbowHTTP

@Suite("The HTTP service") struct HTTPServiceTests {
    /// A folder with a path short enough for a socket.
    private func folder() throws -> String {
        let path = NSTemporaryDirectory() + "oxh-" + String(UInt32.random(in: .min ... .max), radix: 36)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return path
    }

    private func service(_ yaml: String) async throws -> HTTPService {
        try await HTTPService(
            settings: TestServer.settings(yaml),
            surroundings: HTTPSurroundings(
                control: StubControl(),
                desk: nil,
                counters: Counters(),
                gauges: { [] },
                recent: { [] },
                isAlive: { true },
                environment: ["SHORT": "short"],
                logger: LogLines().logger,
                now: { 0 }
            )
        )
    }

    private func errors(_ yaml: String) async throws -> [String] {
        do {
            let service = try await service(yaml)
            Issue.record("it listens at \(service.bound)")
            return []
        } catch let error as ConfigurationErrors {
            return error.errors.map(\.description)
        }
    }

    /// What `oxbow check` says of the same, without starting anything.
    private func judged(_ yaml: String) throws -> [String] {
        try TestServer.settings(yaml).problems(routes: nil, environment: ["SHORT": "short"]).errors.map(\.description)
    }

    @discardableResult
    private func run(_ name: String, _ arguments: [String]) async throws -> String {
        let result = try await Subprocess.run(
            .name(name),
            arguments: Arguments(arguments),
            output: .string(limit: 1 << 20),
            error: .combinedWithOutput
        )
        return result.standardOutput
    }

    @Test("an address that is taken shows at start, with its place")
    func taken() async throws {
        try await TestServer.run { server in
            let errors = try await errors("http:\n  listen: [\(server.main)]\n")
            #expect(errors.count == 1)
            #expect(errors.first?.hasPrefix("/etc/oxbow/config.yaml:2:12: http.listen[0]: \(server.main) can't be listened at") == true)
        }
    }

    @Test("one that never ran leaves its address free")
    func neverRun() async throws {
        let first = try await service("http: {listen: '127.0.0.1:0'}")
        guard case .tcp(_, let port)? = first.bound.first else { return }
        // Taken while it is there.
        let taken = try await errors("http: {listen: '127.0.0.1:\(port)'}")
        #expect(taken.count == 1)
        withExtendedLifetime(first) {}
    }

    @Test("secrets that are too short, shared or not to be had show at start and in a check, at their place, without being shown")
    func secrets() async throws {
        let yaml = """
            http:
              listen: 127.0.0.1:0
              credentials:
                a: {token: fifteen-letters, may: [hooks]}
                b: {user: b, password: {env: SHORT}, may: [status]}
                c: {path_token: only-21-characters-in, may: [hooks]}
                d: {path_token: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, may: [hooks]}
                e: {path_token: "0123456789abcdef01234567", may: [hooks]}
                f: {token: {env: MISSING}, may: [hooks]}
                g: {token: the-same-for-two, may: [hooks]}
                h: {token: the-same-for-two, may: [send]}
                i: {signature: "with a \\a bell in it", may: [hooks]}
            """
        let errors = try await errors(yaml)
        #expect(try judged(yaml) == errors)
        #expect(errors.first?.contains(":4:16: http.credentials.a.token: the secret of 'a' has fewer than 16 characters") == true)
        let places = errors.map { $0.dropFirst("/etc/oxbow/config.yaml:".count).prefix { $0 != ":" } }
        #expect(places == ["4", "5", "6", "7", "8", "9", "11", "12"])
        #expect(errors.dropLast().last?.contains("'h' has the same secret as 'g'") == true)
        for secret in ["fifteen-letters", "\"short\"", "only-21", "aaaa", "0123456789abcdef", "the-same-for-two", "bell"] {
            #expect(!errors.joined().contains(secret))
        }
    }

    @Test("a Unix socket is for its user and group, takes the place of a dead one, and of nothing else")
    func unixSocket() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/http.sock"
        let yaml = TestServer.yaml.replacing("listen: 127.0.0.1:0\n  cred", with: "listen: unix:\(path)\n  cred")
        // One that nobody listens at.
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(dead, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        #expect(bound == 0)
        close(dead)
        try await TestServer.run(yaml) { server in
            #expect(server.main == .unix(path: path))
            var info = stat()
            #expect(lstat(path, &info) == 0)
            #expect(info.st_mode & 0o777 == 0o660)
            let isWell = try await server.isWell()
            #expect(isWell)
            let inUse = try await errors("http:\n  listen: unix:\(path)\n")
            #expect(inUse.first?.contains("another process listens at \(path)") == true)
            let text = try await run("curl", ["-sS", "--unix-socket", path, "http://localhost/live"])
            #expect(text == "alive\n")
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        let noSocket = "http:\n  listen: unix:\(path)\n"
        #expect(try await errors(noSocket).first?.contains("is there and is no socket") == true)
        #expect(try await errors(noSocket) == judged(noSocket))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test("TLS: curl verifies us, TLS 1.1 isn't spoken, and a new certificate is taken on by a reload")
    func tls() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func certificate(_ name: String) async throws {
            try await run(
                "openssl",
                ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=\(name)"]
                    + ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/\(name).key", "-out", folder + "/\(name).crt"]
            )
        }
        try await certificate("one")
        try await certificate("two")
        let tls = "tls: {certificate: \(folder)/one.crt, key: \(folder)/one.key}"
        let yaml = TestServer.yaml + "\n  " + tls
        try await TestServer.run(yaml) { server in
            let url = "https://\(server.main)/live"
            func ask(_ name: String, _ more: [String] = []) async throws -> String {
                try await run("curl", ["-sS", "--cacert", folder + "/\(name).crt"] + more + [url])
            }
            #expect(try await ask("one") == "alive\n")
            let post = ["-H", TestServer.bearer, "-d", "{}"]
            #expect(
                try await run("curl", ["-sS", "--cacert", folder + "/one.crt"] + post + ["https://\(server.main)/hooks/alerts"]).contains(
                    "told"
                )
            )
            #expect(try await ask("one", ["--tls-max", "1.1"]).contains("curl:"))
            #expect(try await ask("two").contains("certificate"))
            // In the clear there is nothing.
            let clear = try await run("curl", ["-sS", "http://\(server.main)/live"])
            #expect(!clear.contains("alive"))
            try await server.service.configure(TestServer.settings(yaml.replacing("one.", with: "two.")))
            #expect(try await ask("two") == "alive\n")
            // Metrics on loopback have none.
            #expect(try await run("curl", ["-sS", "http://\(server.metrics)/live"]) == "alive\n")
        }
        let mixed = "http:\n  listen: 127.0.0.1:0\n  tls: {certificate: \(folder)/one.crt, key: \(folder)/two.key}\n"
        let wrong = try await errors(mixed)
        #expect(try judged(mixed) == wrong)
        #expect(try judged(mixed.replacing("two.", with: "one.")).isEmpty)
        #expect(wrong.first?.hasPrefix("/etc/oxbow/config.yaml:3:8: http.tls: ") == true)
    }

    @Test("a reload takes on credentials and limits; one that is wrong changes nothing; other listeners are for a new process")
    func reload() async throws {
        try await TestServer.run { server in
            let changed = TestServer.yaml.replacing(TestServer.token, with: "another-one-altogether").replacing("64k", with: "1k")
            try await server.service.configure(TestServer.settings(changed))
            let new = "Authorization: Bearer another-one-altogether"
            for (headers, body, status) in [
                ([TestServer.bearer], "{}", 401), ([new], "{}", 202), ([new], String(repeating: " ", count: 1025), 413),
            ] {
                let answer = try await server.ask("POST", "/hooks/alerts", headers, body: body)
                #expect(answer.status == status)
            }
            await #expect(throws: ConfigurationErrors.self) {
                try await server.service.configure(TestServer.settings(TestServer.yaml.replacing(TestServer.token, with: "short")))
            }
            #expect(try await server.ask("POST", "/hooks/alerts", [new], body: "{}").status == 202)
            #expect(!server.log.lines.contains { $0.contains("stopped and started again") })
            try await server.service.configure(
                TestServer.settings(TestServer.yaml.replacing("listen: 127.0.0.1:0\n  c", with: "listen: '[::1]:0'\n  c"))
            )
            #expect(server.log.lines.contains { $0.contains("stopped and started again") })
        }
    }

    @Test("IPv6, several listeners, one router")
    func several() async throws {
        let yaml = TestServer.yaml.replacing("listen: 127.0.0.1:0\n  cred", with: "listen: ['[::1]:0', 127.0.0.1:0]\n  cred")
        try await TestServer.run(yaml) { server in
            #expect(server.service.bound.count == 3)
            for address in server.service.bound.prefix(2) {
                let answer = try await server.ask("POST", "/hooks/alerts", [TestServer.bearer], body: "{}", at: address)
                #expect(answer.status == 202)
            }
        }
    }

    @Test("told to stop, what is under way is finished, idle connections end, and nothing new comes in")
    func shutdown() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let desk = RecordingDesk {
            enter.yield()
            for await _ in gate { return }
        }
        let address = TestServer.Mutexed<ListenAddress?>(nil)
        let answers = TestServer.Mutexed<[RawConnection.Answer]>([])
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let (known, tell) = AsyncStream.makeStream(of: ListenAddress.self)
            tasks.addTask {
                try await TestServer.run(desk: desk) { server in
                    address.value = server.main
                    tell.yield(server.main)
                    // Leaves, which shuts down, while a request is in the desk.
                    for await _ in entered { break }
                }
            }
            for await main in known {
                try await RawConnection.open(main) { idle in
                    try await idle.send(TestServer.request("GET", "/live"))
                    #expect(try await idle.answer().status == 200)
                    try await RawConnection.open(main) { busy in
                        try await busy.send(TestServer.request("POST", "/hooks/alerts", [TestServer.bearer], body: "{}"))
                        // The idle one ends first: the shutdown has begun.
                        #expect(try await idle.rest().isEmpty)
                        opener.yield()
                        let answer = try await busy.answer()
                        answers.value.append(answer)
                        #expect(try await busy.rest().isEmpty)
                    }
                }
                break
            }
            try await tasks.waitForAll()
        }
        #expect(answers.value.map(\.status) == [202])
        #expect(answers.value.first?["connection"] == "close")
        let gone = try #require(address.value)
        await #expect(throws: (any Error).self) { try await RawConnection.open(gone) { _ in } }
    }
}
