import Delivery
import FoundationEssentials
import Logging
import Testing
import XML
import XMPP

@testable import Oxbow

/// Programs as they are: real processes.
@Suite(.timeLimit(.minutes(1))) struct ProgramTests {
    @Test("A program gets the event as the protocol says, and may answer several times in text and XML")
    func conversation() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                hello = json.loads(sys.stdin.readline())
                for event in events():
                    say(id=event["id"], reply=json.dumps({"hello": hello, "event": event}))
                    say(id=event["id"], payload="<y xmlns='urn:x' a='1'>é</y>")
                    say(id=event["id"], payload=["<y xmlns='urn:x'/>", "<body xmlns='jabber:client'>z</body>"])
                    say(id=event["id"], reply="last", done=True)
                """
        )
        let yard = try Yard([Yard.programBot()], folder: folder.path)
        try await yard.running {
            let number = try await yard.receive("hällo <&> \"x\"")
            let first = try #require(await yard.mailbox.nextText())
            let told = try JSONDecoder().decode(Told.self, from: Data(first.utf8))
            #expect(told.hello == Told.Greeting(hello: .init(protocol: 1, bot: "bot0", account: "bot@localhost")))
            #expect(told.event.id == "\(number).0")
            #expect(told.event.account == "bot@localhost")
            #expect(told.event.sender == "alice@localhost")
            #expect(told.event.from == "alice@localhost/phone")
            #expect(told.event.fingerprint == "0123456789ABCDEF0123456789ABCDEF01234567")
            #expect(told.event.trust == "first-sight")
            #expect(told.event.thread == "thread-1")
            #expect(told.event.message_id == "stanza-1")
            #expect(told.event.time == 1_700_000_000)
            #expect(told.event.element.name == "body")
            #expect(told.event.element.namespace == "jabber:client")
            #expect(told.event.element.text == "hällo <&> \"x\"")
            #expect(told.event.element.xml == "<body xmlns='jabber:client'>hällo &lt;&amp;&gt; \"x\"</body>")
            #expect(await yard.mailbox.next().payload == [Element("y", "urn:x", ["a": "1"], text: "é")])
            #expect(
                await yard.mailbox.next().payload == [Element("y", "urn:x"), Element("body", Namespace.client, text: "z")]
            )
            let last = await yard.mailbox.next()
            #expect(last.text == "last")
            #expect(last.to == Address("alice@localhost"))
            #expect(last.thread == "thread-1")
            #expect(await yard.journal.end(of: number) == .done)
        }
    }

    private struct Told: Decodable {
        struct Hello: Decodable, Equatable {
            var `protocol`: Int
            var bot: String
            var account: String
        }
        struct Greeting: Decodable, Equatable { var hello: Hello }
        struct Item: Decodable {
            var name, namespace, text, xml: String
            var attributes: [String: String]
        }
        struct Told: Decodable {
            var id, account, sender, from, fingerprint, trust: String
            var thread, message_id: String?
            var time: Int64
            var element: Item
        }
        var hello: Greeting
        var event: Told
    }

    @Test("An event is over when the program says so, never before")
    func doneIsSaid() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                held = []
                for event in events():
                    if event["element"]["text"] == "release":
                        for old in held: say(id=old, done=True)
                    else:
                        held.append(event["id"])
                        say(id=event["id"], reply="held")
                    if event["element"]["text"] == "release": say(id=event["id"], done=True)
                """
        )
        let yard = try Yard([Yard.programBot("concurrency: 2")], folder: folder.path)
        try await yard.running {
            let held = try await yard.receive("hold")
            #expect(await yard.mailbox.nextText() == "held")
            #expect(try await yard.journal.unfinished(account: yard.account).map(\.number) == [held])
            let release = try await yard.receive("release", from: "bob@localhost/x")
            #expect(await yard.journal.end(of: release) == .done)
            #expect(await yard.journal.end(of: held) == .done)
        }
    }

    @Test("An event that the program calls failed is answered without its words, which go to the log")
    func saysFailed() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                for event in events():
                    say(id=event["id"], done=True, error="disk \\u001b[31m on fire")
                """
        )
        let book = LogBook()
        let yard = try Yard([Yard.programBot()], folder: folder.path, logger: book.logger)
        try await yard.running {
            try await yard.receive("x")
            #expect(await yard.mailbox.nextText() == Answers.failed)
            #expect(await book.lines.first(containing: "on fire").contains("\u{1b}") == false)
        }
    }

    @Test("A program that dies is started again; the event in its hands has failed, the next one is handled")
    func crash() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                for event in events():
                    if event["element"]["text"] == "die": os._exit(3)
                    say(id=event["id"], reply=str(os.getpid()), done=True)
                """
        )
        let clock = ManualClock()
        let yard = try Yard([Yard.programBot()], clock: clock, folder: folder.path)
        try await yard.running {
            try await yard.receive("x")
            let first = await yard.mailbox.nextText()
            let died = try await yard.receive("die")
            #expect(await yard.mailbox.nextText() == Answers.failed)
            #expect(await yard.journal.end(of: died) == .done)
            // The pause before the restart, and no time limit besides.
            await clock.sleepers(1)
            clock.advance(by: .seconds(1))
            try await yard.receive("x")
            let second = await yard.mailbox.nextText()
            #expect(first != second)
        }
        #expect(yard.programCount("exit") == 1)
    }

    @Test("A program that hangs is killed with a grandchild that ignores SIGTERM, and started again")
    func hang() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                for event in events():
                    if event["element"]["text"] == "hang":
                        child = os.fork()
                        if child == 0:
                            signal.signal(signal.SIGTERM, signal.SIG_IGN)
                            signal.signal(signal.SIGHUP, signal.SIG_IGN)
                            while True: time.sleep(1000)
                        say(id=event["id"], reply=f"{os.getpid()} {child}")
                        while True: time.sleep(1000)
                    say(id=event["id"], reply="alive", done=True)
                """
        )
        let clock = ManualClock()
        let yard = try Yard([Yard.programBot()], clock: clock, folder: folder.path)
        try await yard.running {
            try await yard.receive("hang")
            let pids = try #require(await yard.mailbox.nextText()).split(separator: " ").compactMap { Int32($0) }
            #expect(pids.count == 2)
            await clock.sleepers(1)
            clock.advance(by: .seconds(30))
            #expect(await yard.mailbox.nextText() == Answers.timedOut)
            await clock.sleepers(1)
            for pid in pids { await Processes.end(of: pid) }
            clock.advance(by: .seconds(1))
            try await yard.receive("x")
            #expect(await yard.mailbox.nextText() == "alive")
        }
        #expect(yard.programCount("hang") == 1)
    }

    @Test("Nothing of a program is left when its account is shut down")
    func shutdownLeavesNothing() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                child = os.fork()
                if child == 0:
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    while True: time.sleep(1000)
                for event in events():
                    say(id=event["id"], reply=f"{os.getpid()} {child}", done=True)
                """
        )
        let yard = try Yard([Yard.programBot()], folder: folder.path)
        var pids: [Int32] = []
        try await yard.running {
            try await yard.receive("x")
            pids = try #require(await yard.mailbox.nextText()).split(separator: " ").compactMap { Int32($0) }
        }
        #expect(pids.count == 2)
        for pid in pids { await Processes.end(of: pid) }
    }

    @Test(
        "A program that breaks the protocol is ended and counted; its event has failed",
        arguments: [
            ("garbage", #"sys.stdout.write("Traceback: no JSON\n"); sys.stdout.flush()"#),
            ("garbage", #"say(id=event["id"], repply="typo")"#),
            ("garbage", #"say(id=event["id"], reply=5)"#),
            ("garbage", #"say(id=event["id"], send="both", to="ops@localhost")"#),
            ("garbage", #"os.write(1, b"\xff\xfe\n")"#),
            ("line-too-long", #"sys.stdout.write("{" + " " * 300000); sys.stdout.flush()"#),
            ("flood", #"[say(log="x") for _ in range(3000)]"#),
            ("flood", #"[say(id=event["id"], reply="x") for _ in range(101)]"#),
            ("flood", #"[say(id=event["id"], reply="x" * 200000) for _ in range(7)]"#),
        ]
    )
    func faults(reason: String, statement: String) async throws {
        let folder = try ProgramFolder(pythonStart + "for event in events():\n    \(statement)\n    time.sleep(1000)\n")
        let clock = ManualClock()
        let yard = try Yard([Yard.programBot()], clock: clock, folder: folder.path)
        try await yard.running {
            let number = try await yard.receive("x")
            #expect(await yard.journal.end(of: number) == .done)
        }
        #expect(yard.mailbox.all.last?.text == Answers.failed)
        #expect(yard.programCount(reason) == 1)
    }

    @Test("Answers to an event that is over, or that never was, are dropped and counted; the program lives on")
    func strays() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                for event in events():
                    say(id="4711.0", reply="nobody asked")
                    say(id=event["id"], reply="one", done=True)
                    say(id=event["id"], reply="after the end")
                """
        )
        let yard = try Yard([Yard.programBot()], folder: folder.path)
        try await yard.running {
            try await yard.receive("x")
            #expect(await yard.mailbox.nextText() == "one")
            let second = try await yard.receive("y")
            #expect(await yard.mailbox.nextText() == "one")
            #expect(await yard.journal.end(of: second) == .done)
        }
        #expect(yard.mailbox.all.count == 2)
        #expect(yard.programCount("unknown-id") >= 1)
        #expect(yard.programCount("late") >= 1)
    }

    @Test("R18: what a program sends of its own accord goes to send_to only; it hears what became of it")
    func unprompted() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                say(send="up", to="ops@localhost", ref="a")
                say(send="psst", to="eve@localhost", ref="b")
                say(send="?", to="@", ref="c")
                said = []
                for line in sys.stdin:
                    message = json.loads(line)
                    if "sent" in message or "failed" in message: said.append(message)
                    if "event" in message:
                        while len(said) < 3: said.append(json.loads(sys.stdin.readline()))
                        say(id=message["event"]["id"], reply=json.dumps(said, sort_keys=True), done=True)
                """
        )
        let yard = try Yard([Yard.programBot()], folder: folder.path)
        try await yard.running {
            let up = await yard.mailbox.next()
            #expect(up.text == "up")
            #expect(up.to == Address("ops@localhost"))
            #expect(up.account == yard.account)
            try await yard.receive("x")
            let said = try #require(await yard.mailbox.nextText())
            #expect(
                said == """
                    [{"sent": {"ref": "a"}}, {"failed": {"error": "send_to does not name the address", "ref": "b"}}, \
                    {"failed": {"error": "'to' is no JID", "ref": "c"}}]
                    """
            )
        }
        #expect(yard.mailbox.all.count == 2)
        #expect(yard.programCount("send-to") == 1)
    }

    @Test("R5: a payload that may not be sent fails the event; broken XML too")
    func payload() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                bad = ["<openpgp xmlns='urn:xmpp:openpgp:0'/>", "<x xmlns='urn:x'><forwarded xmlns='urn:xmpp:forward:0'/></x>", "<x/>", "<x",
                       "<!DOCTYPE x><x xmlns='urn:x'/>", "<delay xmlns='urn:xmpp:delay' stamp='x'/>"]
                for event in events():
                    say(id=event["id"], payload=bad[int(event["element"]["text"])], done=True)
                """
        )
        let yard = try Yard([Yard.programBot()], folder: folder.path)
        try await yard.running {
            for index in 0..<6 {
                let number = try await yard.receive("\(index)")
                #expect(await yard.journal.end(of: number) == .done)
            }
        }
        #expect(yard.mailbox.all.map(\.text) == Array(repeating: Answers.failed, count: 6))
    }

    @Test("R18: a program gets PATH, HOME, LANG and what the YAML names, and no descriptor but its three")
    func environmentAndDescriptors() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                for event in events():
                    fds = sorted(int(fd) for fd in os.listdir("/proc/self/fd"))
                    say(id=event["id"], reply=json.dumps({"env": dict(os.environ), "fds": fds[:-1], "cwd": os.getcwd()}), done=True)
                """
        )
        try folder.write("x", to: "leak")
        let leak = try Processes.openWithoutCloseOnExec(folder.path + "/leak")
        defer { Processes.close(leak) }
        let yard = try Yard([Yard.programBot("env: {TOKEN: abc, LC_CTYPE: C.UTF-8}")], folder: folder.path)
        try await yard.running {
            try await yard.receive("x")
            let text = try #require(await yard.mailbox.nextText())
            let seen = try JSONDecoder().decode(Seen.self, from: Data(text.utf8))
            #expect(
                seen.env == [
                    "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path + "/data", "LANG": "C.UTF-8", "TOKEN": "abc",
                    "LC_CTYPE": "C.UTF-8",
                ]
            )
            #expect(seen.fds == [0, 1, 2])
            #expect(seen.cwd == folder.path)
        }
        #expect(folder.exists("data"))
    }

    private struct Seen: Decodable {
        var env: [String: String]
        var fds: [Int]
        var cwd: String
    }

    @Test("Two accounts with the same bot have a process each, and answer from their own account")
    func accounts() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                account = json.loads(sys.stdin.readline())["hello"]["account"]
                for event in events():
                    say(id=event["id"], reply=f"{account} {event['account']} {os.getpid()}", done=True)
                """
        )
        let (one, two) = (
            try Yard([Yard.programBot()], account: "one@localhost", folder: folder.path),
            try Yard([Yard.programBot()], account: "two@localhost", folder: folder.path)
        )
        try await one.running {
            try await two.running {
                try await one.receive("x")
                try await two.receive("x")
                let (first, second) = (await one.mailbox.next(), await two.mailbox.next())
                #expect(first.account == Address("one@localhost"))
                #expect(second.account == Address("two@localhost"))
                let (words, others) = (first.text?.split(separator: " ") ?? [], second.text?.split(separator: " ") ?? [])
                #expect(words.prefix(2) == ["one@localhost", "one@localhost"])
                #expect(others.prefix(2) == ["two@localhost", "two@localhost"])
                #expect(words.last != others.last)
            }
        }
    }

    @Test("What a program writes to stderr is logged on one line each, bounded, without control characters")
    func stderr() async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                for event in events():
                    sys.stderr.write("red \\x1b[31m \\u202e text\\n" + "l" * 5000 + "\\n")
                    for index in range(500): sys.stderr.write(f"line {index}\\n")
                    sys.stderr.flush()
                    say(id=event["id"], done=True)
                """
        )
        let book = LogBook()
        let yard = try Yard([Yard.programBot()], clock: ManualClock(), folder: folder.path, logger: book.logger)
        try await yard.running {
            try await yard.receive("x")
            let red = await book.lines.first(containing: "red ")
            #expect(!red.contains("\u{1b}") && !red.contains("\u{202e}"))
            #expect(await book.lines.first(containing: "llll").count < 1200)
            _ = await book.lines.first(containing: "the rest of ten seconds")
        }
        #expect(book.lines.all.count { $0.contains("stderr: line") } == 98)
    }

    @Test("A program that closes its output has ended, and so has one that can't be started; both are said")
    func endOfOutput() async throws {
        let folder = try ProgramFolder(pythonStart + "os.close(1)\ntime.sleep(1000)\n")
        try folder.write("#!/nowhere/python\n", to: "broken")
        let book = LogBook()
        let bot = Yard.programBot() + "\n  - {element: '{urn:x}y', exec: [./broken], isolation: none}"
        let yard = try Yard([bot], clock: ManualClock(), folder: folder.path, logger: book.logger)
        try await yard.running {
            _ = await book.lines.first(containing: "The program has ended")
            _ = await book.lines.first(containing: "broken")
        }
        #expect(yard.programCount("exit") >= 1)
    }

    @Test("A program that can't be started fails its events at once, until it can be")
    func missing() async throws {
        let folder = try ProgramFolder("")
        let clock = ManualClock()
        let bot = """
            allow: ["*"]
            handlers: [{element: body, exec: [./later.py], isolation: none}]
            """
        let yard = try Yard([bot], clock: clock, folder: folder.path)
        try await yard.running {
            let first = try await yard.receive("x")
            #expect(await yard.mailbox.nextText() == Answers.failed)
            #expect(await yard.journal.end(of: first) == .done)
            try folder.write(pythonStart + "for event in events(): say(id=event['id'], reply='here', done=True)\n", to: "later.py")
            await clock.sleepers(1)
            clock.advance(by: .seconds(1))
            var answer: String?
            while answer != "here" {
                try await yard.receive("x")
                answer = await yard.mailbox.nextText()
            }
        }
        #expect(yard.programCount("start") == 1)
    }
}
