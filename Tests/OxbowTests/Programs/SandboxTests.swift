import Delivery
import FoundationEssentials
import Glibc
import Testing
import XMPP
import YAMLConfiguration

@testable import Oxbow

@Suite(.timeLimit(.minutes(1))) struct SandboxTests {
    private static let facts = Sandbox.Facts(
        roots: [.init(path: "/bin", link: "usr/bin"), .init(path: "/lib64", link: nil)],
        tools: ["bwrap": "/usr/bin/bwrap", "setpriv": "/usr/bin/setpriv", "prlimit": "/usr/bin/prlimit"]
    )

    private func sandbox(_ isolation: ProgramDefinition.Isolation, _ change: (inout Sandbox) -> Void = { _ in }) -> [String]? {
        let program = ProgramDefinition(
            command: ["/bots/x/run.py", "a b", "$(c)"],
            folder: "/bots/x",
            home: "/bots/x/data",
            isolation: isolation,
            memory: 1000,
            processes: 5
        )
        var sandbox = Sandbox(program: program, executable: "/bots/x/run.py", account: nil, hidden: "/state", facts: Self.facts)
        change(&sandbox)
        return sandbox.command
    }

    private let program = ["/usr/bin/prlimit", "--core=0", "--as=1000", "--nproc=5", "--", "/bots/x/run.py", "a b", "$(c)"]

    @Test("R18: without isolation a program has limits, and a signal for when we are gone")
    func none() {
        #expect(sandbox(.none) == ["/usr/bin/setpriv", "--pdeathsig=KILL", "--"] + program)
    }

    @Test("R18: with a user of its own a program loses groups and the way back")
    func user() {
        let command = sandbox(.user) { $0.account = (1234, 567) }
        let drop = ["--reuid=1234", "--regid=567", "--clear-groups", "--no-new-privs", "--pdeathsig=KILL", "--"]
        #expect(command == ["/usr/bin/setpriv"] + drop + program)
        #expect(sandbox(.user) == nil, "without a user there is no isolation to be had")
    }

    @Test("R18: bubblewrap shows the system and its folder read-only, and its home; nothing else")
    func bubblewrap() throws {
        let command = try #require(sandbox(.bubblewrap))
        #expect(command.first == "/usr/bin/bwrap")
        #expect(command.suffix(program.count) == program[...])
        for flag in ["--die-with-parent", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-net"] {
            #expect(command.contains(flag))
        }
        var writable: [String] = []
        for (index, word) in command.enumerated() where word == "--bind" { writable.append(command[index + 1]) }
        #expect(writable == ["/bots/x/data"])
        var readable: [String] = []
        for (index, word) in command.enumerated() where word == "--ro-bind" { readable.append(command[index + 1]) }
        #expect(readable == ["/usr", "/lib64", "/bots/x"])
        #expect(!command.contains("--cap-add"))
        #expect(!command.contains("/state"))
    }

    @Test("R18: the folders above what is shown can be entered by whoever the program becomes, and are made before it")
    func bubblewrapAncestors() throws {
        let command = try #require(
            sandbox(.bubblewrap) {
                $0.program.folder = "/srv/own/bots/x"
                $0.program.home = "/var/lib/x"
                $0.program.readable = ["/srv/data", "/usr/local/data"]
            }
        )
        func index(_ words: String...) -> Int? {
            command.indices.first { command[$0...].starts(with: words) }
        }
        let folder = try #require(index("--ro-bind", "/srv/own/bots/x"))
        for above in ["/srv", "/srv/own", "/srv/own/bots"] {
            #expect(try #require(index("--perms", "0755", "--dir", above)) < folder)
        }
        let home = try #require(index("--bind", "/var/lib/x"))
        #expect(try #require(index("--perms", "0755", "--dir", "/var/lib")) < home)
        #expect(command.count { $0 == "/srv" } == 1, "each is made once")
        #expect(!command.contains("/usr/local"), "what is mounted already is left as it is")
    }

    @Test("R18: root's programs drop to another user inside; a network and more to read come only if named")
    func bubblewrapVariants() throws {
        let rooted = try #require(sandbox(.bubblewrap) { $0.account = (65534, 65534) })
        #expect(!rooted.contains("--unshare-user"))
        let drop = ["--", "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--"]
        #expect(rooted.suffix(drop.count + program.count) == (drop + program)[...])
        let open = try #require(
            sandbox(.bubblewrap) {
                $0.program.network = true
                $0.program.readable = ["/srv/data"]
                $0.executable = "/opt/tool"
                $0.hidden = "/usr/local/state"
            }
        )
        #expect(!open.contains("--unshare-net"))
        let text = open.joined(separator: " ")
        #expect(text.contains("--ro-bind /srv/data /srv/data"))
        #expect(text.contains("--ro-bind /opt/tool /opt/tool"))
        #expect(text.contains("--tmpfs /usr/local/state --remount-ro /usr/local/state"))
        #expect(sandbox(.bubblewrap) { $0.facts.tools["bwrap"] = nil } == nil)
    }

    private struct Seen: Decodable {
        var uid: Int
        var top: [String]
        var secret: Bool
        var state: Bool
        var sibling: Bool
        var writesHome: Bool
        var writesFolder: Bool
        var writesRoot: Bool
        var interfaces: [String]
        var processes: Int
        var memory: Int
        var core: Int
        var fds: [Int]
        var capabilities: String
    }

    @Test("R18: a real program under bubblewrap reaches neither state nor other processes, network or root's rights")
    func real() async throws {
        // Deeper than /tmp, whose own mode lets everybody in: the folders above have to be made passable.
        let folder = try ProgramFolder(
            below: "bots/own",
            pythonStart + """
                import resource
                def attempt(action):
                    try: action(); return True
                    except OSError: return False
                def status(key):
                    return [l.split()[1] for l in open("/proc/self/status") if l.startswith(key)][0]
                for event in events():
                    state = event["element"]["text"]
                    say(id=event["id"], done=True, reply=json.dumps({
                        "uid": os.getuid(),
                        "top": sorted(os.listdir("/")),
                        "secret": attempt(lambda: open("/etc/shadow").read()),
                        "state": attempt(lambda: os.listdir(state)),
                        "sibling": attempt(lambda: os.listdir("/root")),
                        "writesHome": attempt(lambda: open(os.environ["HOME"] + "/x", "w").write("x")),
                        "writesFolder": attempt(lambda: open("bot.yaml", "w").write("x")),
                        "writesRoot": attempt(lambda: open("/x", "w").write("x")) or attempt(lambda: open("/dev/x", "w").write("x")),
                        "interfaces": [l.split(":")[0].strip() for l in open("/proc/net/dev") if ":" in l],
                        "processes": len([p for p in os.listdir("/proc") if p.isdigit()]),
                        "memory": resource.getrlimit(resource.RLIMIT_AS)[1],
                        "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
                        "fds": sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:-1],
                        "capabilities": status("CapEff") + status("CapPrm"),
                    }))
                """
        )
        let state = try ProgramFolder("")
        let yard = try Yard(
            [Yard.programBot("memory: 512M", isolation: "bubblewrap")],
            folder: folder.path,
            stateFolder: state.path
        )
        try await yard.running {
            try await yard.receive(state.path)
            let text = try #require(await yard.mailbox.nextText())
            let seen = try JSONDecoder().decode(Seen.self, from: Data(text.utf8))
            #expect(seen.uid != 0)
            let top: Set = ["bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "tmp", "usr"]
            #expect(Set(seen.top).isSubset(of: top))
            #expect(!seen.secret && !seen.state && !seen.sibling)
            #expect(seen.writesHome && !seen.writesFolder && !seen.writesRoot)
            #expect(seen.interfaces == ["lo"])
            #expect(seen.processes <= 3)
            #expect(seen.memory == 512 << 20)
            #expect(seen.core == 0)
            #expect(seen.fds == [0, 1, 2])
            #expect(seen.capabilities.allSatisfy { $0 == "0" })
        }
        #expect(try folder.read("data/x") == "x")
    }

    @Test("A grandchild in a session of its own goes with its program under bubblewrap")
    func escapedGrandchild() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                import fcntl
                lock = open(os.environ["HOME"] + "/lock", "w")
                fcntl.flock(lock, fcntl.LOCK_EX)
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() != 0: os._exit(0)
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    for fd in (0, 1, 2): os.close(fd)
                    while True: time.sleep(1000)
                for event in events():
                    say(id=event["id"], reply="locked", done=True)
                """
        )
        let yard = try Yard([Yard.programBot(isolation: "bubblewrap")], folder: folder.path)
        var lock: Int32 = -1
        try await yard.running {
            try await yard.receive("x")
            #expect(await yard.mailbox.nextText() == "locked")
            lock = open(folder.path + "/data/lock", O_RDONLY | O_CLOEXEC)
            try #require(lock >= 0)
            #expect(flock(lock, LOCK_EX | LOCK_NB) != 0)
        }
        defer { close(lock) }
        while flock(lock, LOCK_EX | LOCK_NB) != 0 {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    @Test("R18: more processes than allowed can't be made")
    func processLimit() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                def bomb():
                    made = 0
                    try:
                        while made < 200:
                            if os.fork() == 0:
                                time.sleep(1000)
                            made += 1
                    except OSError: pass
                    return made
                for event in events():
                    say(id=event["id"], reply=str(bomb()), done=True)
                """
        )
        let yard = try Yard([Yard.programBot("processes: 10", isolation: "bubblewrap")], folder: folder.path)
        try await yard.running {
            try await yard.receive("x")
            let made = try #require(await yard.mailbox.nextText().flatMap { Int($0) })
            #expect(made < 10)
        }
    }

    @Test("Where bubblewrap works, the probe says nothing; what can't work is said with what to do about it")
    func problems() async throws {
        let folder = try ProgramFolder("#!/bin/sh\n")
        try folder.write("x", to: "plain", mode: 0o644)
        let text = """
            allow: ["*"]
            handlers:
              - {element: "{a}a", exec: [./program.py]}
              - {element: "{a}b", exec: [./missing]}
              - {element: "{a}c", exec: [./plain]}
              - {element: "{a}d", exec: [no-such-program]}
              - {element: "{a}e", exec: [sh], isolation: user, user: no-such-user}
              - {element: "{a}f", exec: [sh], home: /tmp/state/x}
              - {element: "{a}g", exec: [sh], readable: [/tmp/state]}
              - {element: "{a}h", swift: ech}
              - {element: "{a}i", exec: [sh], isolation: none}
            """
        let bot = try Yard.bot(text, folder: folder.path)
        let problems = BotFile.problems(of: bot, modules: SwiftModules(["echo": { _ in Script { _, _ in } }]), stateFolder: "/tmp/state")
        #expect(problems.map(\.line) == [4, 5, 6, 7, 8, 9, 10])
        #expect(problems.map(\.path) == (1...6).map { "handlers[\($0)].exec" } + ["handlers[7].swift"])
        #expect(problems.last?.description.contains("there are: echo") == true)
        #expect(problems.allSatisfy { $0.hint != nil })
        #expect(BotFile.warnings(about: bot).map(\.line) == [11])
        let good = try Yard.bot("allow: ['*']\nhandlers: [{element: body, exec: [./program.py]}]", folder: folder.path)
        #expect(await BotFile.probe(good, stateFolder: "/tmp/state").isEmpty)
    }
}
