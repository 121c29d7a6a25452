import Foundation
import Oxbow
import OxbowCommand
import Synchronization
import Testing

@Suite("oxbow run")
struct RunCommandTests {
    @Test("owns the state directory, answers on the control socket, and leaves neither behind")
    func life() async throws {
        let runtime = StandIn()
        let bench = try Bench("accounts:\n  - {jid: a@b, password: hunter2}\n  - {jid: c@b, pasword: x}\n", runtime: runtime)
        let state = bench.folder + "/state"
        let said = Transcript()
        let tool = bench.tool(said: said)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await tool.run(["run", "--config", bench.folder + "/config.yaml"]) }
            for await _ in runtime.started { break }
            #expect(StateLock.owner(of: state) == getpid())
            let second = await bench.run("run")
            #expect(second.status == .failed)
            #expect(second.err.contains("the state directory state is in use by process \(getpid())"), "\(second.err)")
            #expect(await bench.run("status").out.hasPrefix("oxbow 1, process 7"))
            group.cancelAll()
        }
        #expect(StateLock.owner(of: state) == nil)
        #expect(!FileManager.default.fileExists(atPath: state + "/control"))
        #expect(said.both.err.contains("config.yaml:3:16: accounts[1].pasword: unknown key; did you mean 'password'?"))
        #expect(said.both.out == "", "the log is no result")
        #expect(!said.both.err.contains("hunter2"))
    }

    @Test("when no account can run, there is nothing to run: 3")
    func nothing() async throws {
        let end = await (try Bench("accounts: [{jid: a@b}]\n")).run("run")
        #expect(end.status == .configuration)
        #expect(end.err.hasPrefix("config.yaml:1:12: accounts[0].password: is missing"), "\(end.err)")
    }

    @Test("a state directory that can't be made is one line: 1")
    func state() async throws {
        let bench = try Bench(Bench.one + "state: file\n")
        try bench.write("", to: "file")
        let end = await bench.run("run")
        #expect(end.status == .failed)
        #expect(end.err.hasPrefix("oxbow: file can't be "), "\(end.err)")
        #expect(bench.launches.withLock { $0.count } == 0)
    }
}
