import Foundation

/// An account whose handler is a program that writes down what it does, safe on disk, and says back what it heard.
struct RecordingBot: Sendable {
    let oxbow: OxbowProgram
    let jid: String
    let clerk: Clerk
    private let room: Room?
    /// The database.
    var store: String { oxbow.state + "/oxbow.sqlite" }

    private static let program = """
        #!/usr/bin/env python3
        import json, os, sys, time

        log = os.open(os.path.join(os.environ["HOME"], "events"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

        def mark(what, event):
            os.write(log, f"{what} {event['id']} {time.time():.6f} {event['element']['text']}\\n".encode())
            os.fsync(log)

        for line in sys.stdin:
            event = json.loads(line).get("event")
            if event:
                mark("begin", event)
                answer = {"id": event["id"], "reply": event["element"]["text"], "done": True}
                mark("end", event)
                print(json.dumps(answer), flush=True)
        """

    /// - Parameters:
    ///   - connect: What stands under `connect:`.
    ///   - account: More lines of the account's section, without indentation.
    ///   - capacity: How many KiB its state directory can hold; as many as there are without a value.
    init(
        _ rig: Rig,
        host: String = "localhost",
        connect: String? = nil,
        account: [String] = [],
        capacity: Int? = nil
    ) async throws {
        jid = try await rig.server.account("bot", host: host)
        let bot = """
            allow: ["*@localhost", "*@*.localhost"]
            handlers:
              - element: body
                exec: [./recorder.py]
                isolation: none
            """
        oxbow = try OxbowProgram([.init(jid: jid, lines: account, connect: connect)], server: rig.server, bots: ["all": bot])
        try Folder.write(Self.program + "\n", to: oxbow.folder + "/bots/all/recorder.py", mode: 0o755)
        room = if let capacity { try await Room.small(oxbow.state, kibibytes: capacity) } else { nil }
        clerk = try Clerk(socket: oxbow.state + "/control", in: room)
        try await clerk.follow(oxbow.folder + "/bots/all/data/events", name: "events")
    }

    /// Starts the daemon for the first time: waits until people can write to it.
    func begin() async throws -> Daemon {
        let daemon = try await oxbow.run(in: room)
        try await daemon.announced()
        return daemon
    }

    /// Starts the daemon again and waits until it is online.
    func run() async throws -> Daemon {
        let daemon = try await oxbow.run(in: room)
        try await daemon.online(jid)
        return daemon
    }

    /// Writes into the state directory until there is no room left.
    func fill() async throws {
        try await room?.run("sh", "-c", #"cat /dev/zero 2>/dev/null > "$1/filler"; test -s "$1/filler""#, "sh", oxbow.state)
    }

    /// Gives that room back.
    func empty() async throws { try await room?.run("rm", oxbow.state + "/filler") }

    /// Waits until nothing of the outbox is open.
    func outboxIsEmpty() async throws { try await oxbow.outboxIsEmpty(in: room) }

    /// Somebody of the same host with an announced key, once the bot has announced its own.
    func correspondent(_ name: String, _ rig: Rig) async throws -> Correspondent {
        let host = String(jid.split(separator: "@")[1])
        let peer = try await rig.peer(name, host: host)
        let key = try await peer.makeKey()
        try await peer.announce(key)
        return Correspondent(peer: peer, key: key, bot: jid, botKey: try await peer.learnKey(of: jid))
    }

    /// What the program has written down.
    struct Mark: Sendable {
        /// `begin` or `end`.
        var what: String
        var event: String
        /// Seconds since 1970.
        var time: Double
        var text: String

        static func all(in lines: [String]) -> [Mark] {
            lines.compactMap { line in
                let parts = line.split(separator: " ", maxSplits: 3).map(String.init)
                guard parts.count == 4, let time = Double(parts[2]) else { return nil }
                return Mark(what: parts[0], event: parts[1], time: time, text: parts[3])
            }
        }
    }
}
