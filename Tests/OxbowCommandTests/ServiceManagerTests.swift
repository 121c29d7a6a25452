import Foundation
import Oxbow
import Synchronization
import Testing

@testable import OxbowCommand

@Suite("The service manager")
struct ServiceManagerTests {
    @Test("is there when its variables say so, and its watchdog only for the process that is meant")
    func variables() {
        #expect(ServiceManager(environment: [:]) == nil)
        #expect(ServiceManager(environment: ["NOTIFY_SOCKET": "vsock:2:1"]) == nil)
        let time = ["NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "3000000"]
        #expect(ServiceManager(environment: time)?.watchdog == .seconds(3))
        #expect(ServiceManager(environment: time.merging(["WATCHDOG_PID": "7"]) { $1 }, process: 7)?.watchdog == .seconds(3))
        #expect(ServiceManager(environment: time.merging(["WATCHDOG_PID": "8"]) { $1 }, process: 7)?.watchdog == nil)
        for nonsense in ["", "0", "-5", "soon"] {
            #expect(ServiceManager(environment: ["NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": nonsense])?.watchdog == nil)
        }
    }

    @Test("hears what it is told, on a path and on an abstract name; nobody there is no harm", arguments: [false, true])
    func tells(abstract: Bool) throws {
        let listener = try NotifySocket(abstract: abstract)
        let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": listener.name]))
        #expect(manager.tell([.ready, .status("2 of 2\nMAINPID=1"), .watchdog]))
        #expect(manager.tell([.reloading(17)]))
        #expect(listener.received() == ["READY=1\nSTATUS=2 of 2 MAINPID=1\nWATCHDOG=1", "RELOADING=1\nMONOTONIC_USEC=17"])
        #expect(try #require(ServiceManager(environment: ["NOTIFY_SOCKET": listener.name + "x"])).tell([.ready]) == false)
        let long = ServiceManager(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)])
        #expect(try #require(long).tell([.ready]) == false)
    }

    @Test(
        "`oxbow run` says that it is ready and lives, how many accounts are online, and that it ends; programs that it starts hear nothing of it"
    )
    func run() async throws {
        let runtime = StandIn()
        let bench = try Bench(Bench.one, runtime: runtime)
        let listener = try NotifySocket(abstract: true)
        let said = Transcript()
        let environment = ["NOTIFY_SOCKET": listener.name, "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "\(getpid())"]
        let tool = bench.tool(environment: environment, said: said)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await tool.run(["run", "--config", bench.folder + "/config.yaml"]) }
            // The store is what it asks last before it says anything.
            for await request in runtime.requests where request.hasPrefix("outbox list") { break }
            group.cancelAll()
        }
        let messages = listener.received()
        // Whether the first was on its way when the end came, nobody knows.
        #expect(messages.last?.hasPrefix("STOPPING=1\nSTATUS=ending") == true, "\(messages)")
        #expect(bench.environments.withLock { $0.allSatisfy { $0["NOTIFY_SOCKET"] == nil && $0["WATCHDOG_USEC"] == nil } })
    }

    @Test("is told of the first look, then only of changes; the watchdog hears nothing while the store doesn't answer")
    func reports() async throws {
        let listener = try NotifySocket(abstract: true)
        let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": listener.name, "WATCHDOG_USEC": "4000000"]))
        let runtime = StandIn()
        let turns = Turns()
        let reporter = ServiceReporter(manager: manager, runtime: runtime, clock: turns)
        #expect(reporter.interval == .seconds(2))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await reporter.run() }
            await turns.next()
            #expect(listener.received() == ["READY=1\nSTATUS=1 of 2 accounts online: c@b offline\nWATCHDOG=1"])
            await turns.next()
            #expect(listener.received() == ["WATCHDOG=1"])
            runtime.storeFails.withLock { $0 = true }
            await turns.next()
            #expect(listener.received() == [])
            await reporter.reload()
            let reload = listener.received()
            #expect(reload.count == 2 && reload[0].hasPrefix("RELOADING=1\nMONOTONIC_USEC=") && reload[1] == "READY=1")
            runtime.storeFails.withLock { $0 = false }
            await turns.next()
            #expect(listener.received() == ["WATCHDOG=1"])
            group.cancelAll()
        }
        #expect(listener.received().map { $0.prefix(10) } == ["STOPPING=1"])
    }
}

/// A clock whose sleepers are woken by hand, one turn at a time.
private final class Turns: Clock, Sendable {
    typealias Instant = ContinuousClock.Instant
    var now: Instant { ContinuousClock.now }
    var minimumResolution: Duration { .zero }

    private let asleep: AsyncStream<Void>
    private let sleeper: AsyncStream<Void>.Continuation
    private let woken: AsyncStream<Void>
    private let alarm: AsyncStream<Void>.Continuation
    private let isFirst = Mutex(true)

    init() {
        (asleep, sleeper) = AsyncStream.makeStream()
        (woken, alarm) = AsyncStream.makeStream()
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        sleeper.yield()
        for await _ in woken { return }
        throw CancellationError()
    }

    /// Lets a turn pass, but for the first time, and waits until the sleeper sleeps again.
    func next() async {
        let first = isFirst.withLock { first in
            defer { first = false }
            return first
        }
        if !first { alarm.yield() }
        for await _ in asleep { return }
    }
}

/// A service manager's socket.
private final class NotifySocket: Sendable {
    let name: String
    private let path: String?
    private let descriptor: Int32

    init(abstract: Bool) throws {
        let text = "/tmp/oxn-" + UUID().uuidString.prefix(8)
        name = abstract ? "@" + text.dropFirst() : text
        path = abstract ? nil : text
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8) }
        if abstract { address.sun_path.0 = 0 }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count + (abstract ? 0 : 1))
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0)
    }

    deinit {
        close(descriptor)
        if let path { unlink(path) }
    }

    /// All that has come.
    func received() -> [String] {
        var messages: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count >= 0 {
            messages.append(String(decoding: buffer[..<count], as: UTF8.self))
        }
        return messages
    }
}
