import Oxbow
import OxbowCommand
import Synchronization
import Testing

@Suite("oxbow keys and status")
struct KeysCommandTests {
    @Test("every verb asks for what it says")
    func verbs() async throws {
        let runtime = StandIn()
        let bench = try Bench(Bench.one, runtime: runtime)
        let key = StandIn.key
        for arguments in [
            ["keys"], ["keys", "list"], ["keys", "show", "x@y"], ["keys", "trust", "X@Y"], ["keys", "trust", "x@y", key.lowercased()],
            ["keys", "export"], ["keys", "export", "x@y", key],
        ] {
            let said = Transcript()
            let status = await bench.tool(said: said).run(arguments + ["--config", bench.folder + "/config.yaml"])
            #expect(status == .done, "\(arguments): \(said.both.err)")
        }
        #expect(await bench.run("keys", "import", "x@y", input: "material").status == .done)
        #expect(
            runtime.asked.withLock { $0.filter { $0 != "closed" } } == [
                "keys a@b -", "keys a@b -", "keys a@b x@y", "trust a@b x@y -", "trust a@b x@y \(key)", "export - -", "export x@y \(key)",
                "import x@y material",
            ]
        )
    }

    @Test("what is known of a key is on its line")
    func printed() async throws {
        let end = await (try Bench(Bench.one)).run("keys")
        #expect(
            end.out == """
                a@b  own key (none yet: it is made on first start)
                x@y
                  ABCD EF01 2345 6789 ABCD  EF01 2345 6789 ABCD EF01  held, first-sight, first seen 1970-01-01T00:00:00Z  (not announced; expired)
                """
        )
        #expect(await (try Bench(Bench.one)).run("keys", "list", "--json").out.contains("\"standing\" : \"held\""))
    }

    @Test("failures have their exit codes")
    func failures() async throws {
        let bench = try Bench(Bench.one)
        let configured = await bench.run("keys", "untrust", "x@y")
        #expect(configured.status == .configuration)
        #expect(configured.err == "oxbow: config.yaml names that key")
        #expect(await bench.run("keys", "show", "nobody@y").status == .noKey)
        #expect(await bench.run("keys", "import", "x@y").status == .usage)
    }

    @Test("a running daemon is asked")
    func daemon() async throws {
        let bench = try Bench()
        let daemon = StandIn()
        try await bench.withDaemon(daemon) {
            #expect(await bench.run("keys", "show", "x@y", "--account", "c@b").status == .done)
            let status = await bench.run("status")
            #expect(status.status == .offline, "one account is not online")
            #expect(
                status.out == """
                    oxbow 1, process 7, since 1970-01-01T00:00:00Z
                    a@b  online since 1970-01-01T00:01:00Z
                      key      ABCD EF01 2345 6789 ABCD  EF01 2345 6789 ABCD EF01
                      bots     echo
                      opened  2
                    c@b  offline since 1970-01-01T00:02:00Z: no route
                    """
            )
            #expect(await bench.run("status", "--json").out.contains("\"reason\" : \"no route\""))
        }
        #expect(bench.launches.withLock { $0.count } == 0)
    }

    @Test("without one, status says that nothing runs")
    func nothing() async throws {
        let bench = try Bench()
        let end = await bench.run("status")
        #expect(end.status == .failed)
        #expect(end.err == "oxbow: nothing runs on state")
    }
}
