import Logging
import Oxbow
import OxbowCommand
import Synchronization
import Testing
import XMPP

@Suite("oxbow send")
struct SendCommandTests {
    @Test("sends the argument, or standard input without its last line break, from the only account")
    func text() async throws {
        let runtime = StandIn()
        let bench = try Bench(Bench.one, runtime: runtime)
        let argument = await bench.run("send", "--to", "x@y", "--to", "z@y", "--to", "X@Y", "two words")
        #expect(argument.status == .done)
        #expect(argument.out == "x@y: sent\nz@y: sent")
        #expect(argument.err == "")
        #expect(await bench.run("send", "--to", "x@y", "--timeout", "2m", input: "line 1\nline 2\n").status == .done)
        #expect(
            runtime.asked.withLock { $0 } == ["send a@b two words 30.0", "closed", "send a@b line 1\nline 2 120.0", "closed"],
            "the runtime is closed before the command ends"
        )
    }

    @Test(
        "each way to fail has its exit code (R14)",
        arguments: [
            (ControlError.Code.noKey, CommandStatus.noKey), (.offline, .offline), (.configuration, .configuration), (.failed, .failed),
            (.usage, .usage),
        ]
    )
    func codes(code: ControlError.Code, status: CommandStatus) async throws {
        let outcome = StandIn { request in request.to.map { SendOutcome(to: $0, state: .notSent, error: ControlError(code, "that is why")) }
        }
        let end = await (try Bench(Bench.one, runtime: outcome)).run("send", "--to", "x@y", "hi")
        #expect(end.status == status)
        #expect(end.out == "")
        let hint = code == .offline ? "; with --queue a running daemon keeps it and tries on" : ""
        #expect(end.err == "oxbow: x@y: not sent: that is why" + hint)
        let thrown = await (try Bench(Bench.one, runtime: StandIn { _ in throw ControlError(code, "no way") })).run(
            "send",
            "--to",
            "x@y",
            "hi"
        )
        #expect(thrown.status == status)
        #expect(thrown.err == "oxbow: no way")
    }

    @Test("what became of each recipient is told; different reasons are 'failed'")
    func mixed() async throws {
        let runtime = StandIn { request in
            [
                SendOutcome(to: request.to[0], state: .sent),
                SendOutcome(to: request.to[1], state: .unknown, error: ControlError(.failed, "no acknowledgement")),
                SendOutcome(to: request.to[2], state: .notSent, error: ControlError(.noKey, "no key")),
            ]
        }
        let bench = try Bench(Bench.one, runtime: runtime)
        let end = await bench.run("send", "--to", "x@y", "--to", "z@y", "--to", "w@y", "hi")
        #expect(end.status == .failed)
        #expect(end.out == "x@y: sent")
        #expect(end.err == "oxbow: z@y: unknown: no acknowledgement\noxbow: w@y: not sent: no key")
        let json = await bench.run("send", "--to", "x@y", "--to", "z@y", "--to", "w@y", "--json", "hi")
        #expect(json.out.contains("\"not sent\"") && json.out.contains("\"no-key\""))
    }

    @Test("an account that is wrong stops only what needs it")
    func rejected() async throws {
        let bench = try Bench("accounts:\n  - {jid: a@b, password: x}\n  - {jid: c@b, pasword: x}\n")
        #expect(await bench.run("send", "--to", "x@y", "--from", "a@b", "hi").status == .done)
        let end = await bench.run("send", "--to", "x@y", "--from", "c@b", "hi")
        #expect(end.status == .configuration)
        #expect(end.err.contains("config.yaml:3:16: accounts[1].pasword: unknown key; did you mean 'password'?"))
    }

    @Test(
        "texts have limits",
        arguments: [(String(repeating: "x", count: SendRequest.textLimit + 1), "longer than 131072 bytes"), ("\n", "there is no text")]
    )
    func limits(text: String, complaint: String) async throws {
        let end = await (try Bench(Bench.one)).run("send", "--to", "x@y", input: text)
        #expect(end.status == .usage)
        #expect(end.err.contains(complaint))
    }

    @Test("what is dangerous about the account is said each time")
    func loud() async throws {
        let connect = "connect: {host: h, insecure_skip_verify: true}"
        let end = await (try Bench("accounts: [{jid: a@b, password: x, \(connect)}]\n")).run("send", "--to", "x@y", "hi")
        #expect(end.status == .done)
        #expect(
            end.err.hasPrefix("warning: config.yaml:1:18: accounts[0].connect.insecure_skip_verify: any certificate is taken"),
            "\(end.err)"
        )
    }

    @Test("R14: a daemon that owns the state directory does the sending")
    func daemon() async throws {
        let own = StandIn()
        let bench = try Bench(Bench.two, runtime: own)
        let daemon = StandIn()
        try await bench.withDaemon(daemon) {
            let end = await bench.run("send", "--to", "x@y", "--from", "c@b", "hi")
            #expect(end.status == .done, "\(end.err)")
            #expect(end.out == "x@y: sent")
        }
        #expect(daemon.asked.withLock { $0 } == ["send c@b hi 30.0"])
        #expect(bench.launches.withLock { $0.count } == 0)
    }

    @Test("R14: a lock whose owner doesn't answer is waited for as long as --timeout says, and named")
    func busy() async throws {
        let bench = try Bench(Bench.one)
        let lock = try StateLock.take(bench.folder + "/state")
        let end = await bench.run("send", "--to", "x@y", "--timeout", "300ms", "hi")
        #expect(end.status == .failed)
        #expect(end.err.contains("is in use by process ") && end.err.hasSuffix("; it doesn't answer"), "\(end.err)")
        withExtendedLifetime(lock) {}
    }
}

extension Bench {
    /// Runs `body` while a daemon with this runtime owns the state directory.
    func withDaemon(
        _ runtime: StandIn,
        reports: [String: ControlServer.Report] = [:],
        _ body: () async throws -> Void
    ) async throws {
        let lock = try StateLock.take(folder + "/state")
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = try await ControlServer.bind(path: folder + "/state/control", runtime: runtime, reports: reports, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            defer { group.cancelAll() }
            try await body()
        }
        withExtendedLifetime(lock) {}
    }
}
