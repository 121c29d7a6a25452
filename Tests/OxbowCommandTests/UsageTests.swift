import Oxbow
import OxbowCommand
import Synchronization
import Testing

@Suite("The command line")
struct UsageTests {
    @Test(
        "what makes no sense is bad usage: 2, with words on standard error and nothing on standard output",
        arguments: [
            [], ["dance"], ["run", "extra"], ["send"], ["send", "hello"], ["send", "--to", "x@y", "a", "b"], ["check", "--jsno"],
            ["keys", "trust"],
            ["keys", "lsit"], ["send", "--to", "x@y", "--timeout", "soon", "hi", "--from", "a@b"],
            ["send", "--to", "x", "hi", "--from", "a@b"],
            ["send", "--to", "x@y/z", "hi", "--from", "a@b"], ["send", "--to", "x@y", "hi"],
            ["send", "--to", "x@y", "hi", "--from", "no@b"],
            ["send", "--to", "x@y", "", "--from", "a@b"], ["keys", "trust", "x@y", "ABCD", "--account", "a@b"], ["keys", "list"],
        ]
    )
    func badUsage(arguments: [String]) async throws {
        let bench = try Bench()
        let said = Transcript()
        let known =
            arguments.contains("--from") || arguments.contains("--account") || arguments.first == "send" || arguments == ["keys", "list"]
        let status = await bench.tool(said: said).run(arguments + (known ? ["--config", bench.folder + "/config.yaml"] : []))
        #expect(status == .usage)
        #expect(said.both.out.isEmpty)
        #expect(!said.both.err.isEmpty)
        #expect(bench.launches.withLock { $0.count } == 0, "nothing was started")
    }

    @Test(
        "help and version are results",
        arguments: [["--help"], ["help"], ["help", "send"], ["send", "--help"], ["keys", "trust", "-h"], ["--version"]]
    )
    func results(arguments: [String]) async throws {
        let said = Transcript()
        #expect(try await Bench().tool(said: said).run(arguments) == .done)
        #expect(!said.both.out.isEmpty)
        #expect(said.both.err.isEmpty)
    }

    @Test("the version is the program's")
    func version() async throws {
        let said = Transcript()
        _ = try await Bench().tool(said: said).run(["--version"])
        #expect(said.both.out == "oxbow " + Version.number)
    }

    @Test("a shell gets its completion script", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) async throws {
        let said = Transcript()
        #expect(try await Bench().tool(said: said).run(["--generate-completion-script", shell]) == .done)
        #expect(said.both.out.contains("untrust"))
    }

    @Test("no configuration anywhere is one line that names the places")
    func nowhere() async throws {
        let bench = try Bench()
        let said = Transcript()
        let status = await bench.tool(environment: ["OXBOW_CONFIG": "/nonexistent/config.yaml"], said: said).run(["status"])
        #expect(status == .configuration)
        #expect(said.both.err == "/nonexistent/config.yaml: can't open /nonexistent/config.yaml: no such file or directory")
    }
}
