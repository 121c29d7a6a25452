import Foundation
import Oxbow
import Synchronization
import Testing

@testable import OxbowCommand

@Suite("The first start")
struct FirstStartTests {
    /// The example with what the operator has to fill in taken from its own hints.
    private static let filled = ExampleConfiguration.text.replacing(ExampleConfiguration.mark, with: "")

    @Test("writes the example where the configuration is named, for its owner only, and says what to do next: 3")
    func writes() async throws {
        let bench = try Bench()
        for (arguments, environment) in [
            (["run", "--config", bench.folder + "/new.yaml"], [:]), (["run"], ["OXBOW_CONFIG": bench.folder + "/new2.yaml"]),
        ] as [([String], [String: String])] {
            let said = Transcript()
            let path = arguments.last == "run" ? environment["OXBOW_CONFIG"] ?? "" : arguments.last ?? ""
            #expect(await bench.tool(environment: environment, said: said).run(arguments) == .configuration)
            #expect(said.both.out.isEmpty)
            #expect(said.both.err.contains("an example was written: \(path)"), "\(said.both.err)")
            #expect(said.both.err.contains(bench.folder + "/password"))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == ExampleConfiguration.text)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        #expect(bench.launches.withLock { $0.isEmpty }, "nothing was started")
    }

    @Test("the example as it is is refused with the lines to fill in: 3")
    func unfilled() async throws {
        let bench = try Bench(ExampleConfiguration.text)
        let end = await bench.run("run")
        #expect(end.status == .configuration)
        #expect(end.err.contains("accounts[0].jid: is missing"), "\(end.err)")
        #expect(bench.launches.withLock { $0.isEmpty })
    }

    @Test("filled in, the example passes `oxbow check`")
    func check() async throws {
        let bench = try Bench(Self.filled)
        try bench.write("hunter2\n", to: "password")
        chmod(bench.folder + "/password", 0o600)
        let end = await bench.run("check")
        #expect(end.status == .done, "\(end.err)")
        #expect(!end.err.contains("error"), "\(end.err)")
    }

    @Test("its alerts pass as well, once their lines are no comments any more")
    func alerts() async throws {
        var isIn = false
        let lines = Self.filled.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line == "# people:" { isIn = true }
            if line.isEmpty { isIn = false }
            return isIn ? String(line.dropFirst(2)) : String(line)
        }
        let bench = try Bench(lines.joined(separator: "\n"))
        for (file, secret) in [("password", "hunter2\n"), ("alertmanager.token", "0123456789abcdef0123456789abcdef\n")] {
            try bench.write(secret, to: file)
            chmod(bench.folder + "/" + file, 0o600)
        }
        let end = await bench.run("check")
        #expect(end.status == .done, "\(end.err)")
        #expect(end.out.contains("/hooks/alerts  alertmanager, by bot@example.org to you"), "\(end.out)")
    }

    @Test("nothing is written over: not over a file, not through a broken link")
    func careful() async throws {
        let bench = try Bench("rubbish: 1\n")
        #expect(await bench.run("run").status == .configuration)
        #expect(try String(contentsOfFile: bench.folder + "/config.yaml", encoding: .utf8) == "rubbish: 1\n")
        let (link, target) = (bench.folder + "/link.yaml", bench.folder + "/target.yaml")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        let said = Transcript()
        #expect(await bench.tool(said: said).run(["run", "--config", link]) == .configuration)
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    @Test("where nothing can be written, the command that prints the example is named: 3")
    func nowhere() async throws {
        let bench = try Bench()
        let said = Transcript()
        #expect(await bench.tool(said: said).run(["run", "--config", bench.folder + "/no/such/folder.yaml"]) == .configuration)
        #expect(said.both.err.contains("`oxbow example` prints one"), "\(said.both.err)")
    }

    @Test("only `run` writes one")
    func others() async throws {
        let bench = try Bench()
        let said = Transcript()
        #expect(await bench.tool(said: said).run(["status", "--config", bench.folder + "/new.yaml"]) == .configuration)
        #expect(!FileManager.default.fileExists(atPath: bench.folder + "/new.yaml"))
    }

    @Test("the places are those where a configuration is looked for; none of them if there is one, or if one can't be looked at")
    func places() throws {
        let bench = try Bench()
        let empty = bench.folder + "/bots"
        #expect(
            FirstStart(option: nil, environment: ["HOME": "/nonexistent"], folder: empty).places
                == [empty + "/config.yaml", "/nonexistent/.config/oxbow/config.yaml", "/etc/oxbow/config.yaml"]
        )
        #expect(FirstStart(option: nil, environment: [:], folder: "/").places == ["/etc/oxbow/config.yaml"])
        #expect(FirstStart(option: nil, environment: [:], folder: bench.folder).places.isEmpty)
        #expect(FirstStart(option: bench.folder + "/config.yaml", environment: [:]).places.isEmpty)
        #expect(FirstStart(option: nil, environment: ["OXBOW_CONFIG": "/nonexistent/a"], folder: bench.folder).places == ["/nonexistent/a"])
        #expect(
            FirstStart(option: String(repeating: "x", count: 300), environment: [:]).places.isEmpty,
            "too long a name is no missing file"
        )
    }

    @Test("`oxbow example` prints it")
    func prints() async throws {
        let end = try await Bench().run("example", config: false)
        #expect(end.status == .done)
        #expect(end.out + "\n" == ExampleConfiguration.text)
    }
}
