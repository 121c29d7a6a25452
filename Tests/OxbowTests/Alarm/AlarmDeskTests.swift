import Delivery
import Foundation
import Logging
import Synchronization
import Testing
import XMPP
import YAMLConfiguration

@testable import Oxbow

@Suite("Alarm: who is told, and by which way")
struct AlarmDeskTests {
    /// A desk in a world of its own.
    private final class World: Sendable {
        let clock = ManualClock()
        let lines = Lines()
        let counters = Counters()
        let desk = AlarmDesk()
        let states: Mutex<[String: AccountState]>
        let isDeaf = Mutex(false)
        let time = Mutex<Int64>(1_000_000)

        init(_ states: [String: AccountState]) { self.states = Mutex(states) }

        func surroundings(_ settings: AlarmSettings?) -> AlarmDesk.Surroundings {
            AlarmDesk.Surroundings(
                subjects: {
                    self.states.withLock { $0 }.sorted { $0.key < $1.key }.map { name, state in
                        AlarmDesk.Subject(
                            account: Self.address(name),
                            admins: name.hasPrefix("mute") ? [] : [Self.address("admin")],
                            stuckAfter: .seconds(600),
                            state: state
                        )
                    }
                },
                settings: { settings },
                send: { text, admin, sender in
                    if self.isDeaf.withLock({ $0 }) { throw SessionError(.offline, "not now") }
                    self.lines.tell("\(sender) to \(admin): \(text)")
                },
                run: { text, command in self.lines.tell("\(command.joined(separator: " ")): \(text)") },
                mail: { text, settings in
                    if self.isDeaf.withLock({ $0 }) { throw Complaint("not now") }
                    self.lines.tell("\(settings.sender) by mail to \(settings.recipients.joined(separator: " ")): \(text)")
                },
                counters: counters,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                clock: clock,
                now: { self.time.withLock { $0 } }
            )
        }

        static func address(_ local: String) -> Address {
            guard let address = Address("\(local)@localhost") else { preconditionFailure("\(local) can't be a name") }
            return address
        }

        /// Lets half a minute pass so many times.
        func looks(_ count: Int) async {
            for _ in 0..<count * 3 {
                await clock.sleepers(1)
                time.withLock { $0 += AlarmDesk.interval.components.seconds }
                clock.advance(by: AlarmDesk.interval)
            }
            await clock.sleepers(1)
        }

        func run(_ settings: AlarmSettings?, _ body: () async throws -> Void) async throws {
            let surroundings = surroundings(settings)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.desk.run(surroundings) }
                defer { group.cancelAll() }
                try await body()
            }
        }
    }

    private static let down = AccountState.offline(SessionFailure(.network, "no route to secret-host"))
    private static let up = AccountState.online(World.address("x"))

    private static let mail = AlarmMailSettings(
        host: "localhost",
        tls: .starttls,
        sender: "oxbow@example.org",
        recipients: ["ops@example.org"]
    )

    private static func settings(account: String? = nil, command: [String] = [], mail: AlarmMailSettings? = nil) -> AlarmSettings {
        AlarmSettings(
            account: account.map { World.address($0) },
            command: command,
            mail: mail,
            position: Position(file: "config.yaml", line: 1, column: 1),
            path: "alarm"
        )
    }

    @Test("another account tells the admins, one text for all troubles of one moment; nothing of what the server said")
    func account() async throws {
        let world = World(["a": Self.down, "b": Self.down, "helper": Self.up])
        try await world.run(Self.settings(account: "helper")) {
            await world.looks(25)
            #expect(
                world.lines.all == [
                    """
                    helper@localhost to admin@localhost: a@localhost: down for 10m (network); `oxbow status` says more
                    b@localhost: down for 10m (network); `oxbow status` says more
                    """
                ]
            )
            world.desk.note(.deadLetters(3), of: World.address("a"))
            await world.looks(1)
            #expect(world.lines.all.last == "helper@localhost to admin@localhost: a@localhost: 3 messages given up")
        }
    }

    @Test("the account that tells others says nothing about itself; a command does")
    func itself() async throws {
        let world = World(["helper": Self.up])
        try await world.run(Self.settings(account: "helper", command: ["/bin/tell", "now"])) {
            world.desk.note(.stuck(2), of: World.address("helper"))
            await world.looks(2)
            #expect(world.lines.all == ["/bin/tell now: helper@localhost: 2 messages waiting for longer than 10m"])
        }
        #expect(world.counters.value("oxbow_alarms_total", ["way": "command", "outcome": "told"]) == 1)
    }

    @Test("a mail tells of every account, with admins or without, of the one that tells others, too; again if it could not")
    func mail() async throws {
        let world = World(["mute": Self.down, "helper": Self.up])
        world.isDeaf.withLock { $0 = true }
        try await world.run(Self.settings(account: "helper", mail: Self.mail)) {
            world.desk.note(.deadLetters(1), of: World.address("helper"))
            await world.looks(2)
            #expect(world.lines.all.isEmpty)
            world.isDeaf.withLock { $0 = false }
            await world.looks(20)
            let words = "oxbow@example.org by mail to ops@example.org: "
            #expect(
                world.lines.all == [
                    words + "helper@localhost: 1 message given up",
                    words + "mute@localhost: down for 10m (network); `oxbow status` says more",
                ]
            )
        }
        #expect(world.counters.value("oxbow_alarms_total", ["way": "smtp", "outcome": "failed"]) == 1)
        #expect(world.counters.value("oxbow_alarms_total", ["way": "smtp", "outcome": "told"]) == 2)
    }

    @Test("what could not be told is told later, and not tried all the time")
    func later() async throws {
        let world = World(["a": Self.up, "mute": Self.up, "helper": Self.up])
        world.isDeaf.withLock { $0 = true }
        try await world.run(Self.settings(account: "helper")) {
            world.desk.note(.deadLetters(1), of: World.address("a"))
            world.desk.note(.deadLetters(1), of: World.address("mute"))
            await world.looks(5)
            #expect(world.counters.value("oxbow_alarms_total", ["way": "account", "outcome": "failed"]) == 1)
            world.isDeaf.withLock { $0 = false }
            await world.looks(12)
            #expect(world.lines.all == ["helper@localhost to admin@localhost: a@localhost: 1 message given up"])
        }
    }

    @Test("without another way an account that is online tells for itself; one that is down can't")
    func withoutWay() async throws {
        let world = World(["a": Self.up, "b": Self.down])
        try await world.run(nil) {
            world.desk.note(.deadLetters(1), of: World.address("a"))
            world.desk.note(.deadLetters(1), of: World.address("b"))
            await world.looks(25)
            #expect(world.lines.all == ["a@localhost to admin@localhost: a@localhost: 1 message given up"])
        }
    }
}

@Suite("Alarm: the command")
struct AlarmCommandTests {
    @Test("gets the text on its standard input, and nothing of our environment but PATH, HOME and LANG")
    func runs() async throws {
        let folder = NSTemporaryDirectory() + "oxa-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await AlarmCommand.run(
            "a@b: down",
            ["sh", "-c", "cat > \(folder)/text; env > \(folder)/env"],
            environment: ["PATH": "/usr/bin:/bin", "HOME": "/root", "PASSWORD": "hunter2"],
            clock: ContinuousClock()
        )
        #expect(try String(contentsOfFile: folder + "/text", encoding: .utf8) == "a@b: down\n")
        #expect(try !String(contentsOfFile: folder + "/env", encoding: .utf8).contains("hunter2"))
    }

    @Test("one that fails or isn't there is an error; one that hangs is ended")
    func fails() async throws {
        let environment = ["PATH": "/usr/bin:/bin"]
        await #expect(throws: Complaint.self) {
            try await AlarmCommand.run("x", ["false"], environment: environment, clock: ContinuousClock())
        }
        await #expect(throws: (any Error).self) {
            try await AlarmCommand.run("x", ["/no/such"], environment: environment, clock: ContinuousClock())
        }
        let clock = ManualClock()
        async let ending: Void = AlarmCommand.run("x", ["sleep", "3600"], environment: environment, clock: clock)
        await clock.sleepers(1)
        clock.advance(by: AlarmSettings.commandTime)
        do {
            try await ending
            Issue.record("it was not ended")
        } catch {
            #expect("\(error)".contains("took longer"), "\(error)")
        }
    }
}
