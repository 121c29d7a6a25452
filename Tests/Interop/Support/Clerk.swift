import XML

/// Speaks to a daemon's control socket for many messages, and watches the server's log of stanzas and handlers' files (clerk.py).
final class Clerk: Sendable {
    private let script: Script
    private let socket: String

    /// Begins with nothing to do. It ends with the running test.
    ///
    /// - Parameters:
    ///   - socket: The control socket, whether or not it is there yet.
    ///   - room: Where the socket is, if not everybody can see it.
    init(socket: String, in room: Room? = nil) throws {
        let script = try Script("clerk", in: room)
        Cleanup.after { await script.end() }
        (self.script, self.socket) = (script, socket)
    }

    // MARK: Messages

    /// Queues texts for one recipient until so many were accepted; ``allow(_:)`` sets the pace.
    ///
    /// - Parameters:
    ///   - words: Stands at the end of each text.
    ///   - stays: Whether what is refused leaves what is allowed as it is.
    func push(
        _ count: Int,
        from account: String,
        to recipient: String,
        lane: String,
        words: String = "",
        stays: Bool = false
    ) async throws {
        try await script.ask([
            "do": "push", "socket": .string(socket), "from": .string(account), "to": .string(recipient), "lane": .string(lane),
            "count": .number(Double(count)), "words": .string(words), "stays": .bool(stays),
        ])
    }

    /// Lets so many more texts be tried.
    func allow(_ count: Int) async throws { try await script.ask(["do": "allow", "count": .number(Double(count))]) }

    /// What became of a text.
    struct Tried: Sendable {
        var lane: String
        var text: String
        /// The id of the message, if it was accepted.
        var id: String?
    }
    /// All texts that were accepted, in the order of the answers.
    var accepted: [Tried] { tried("accepted") }
    /// The texts whose answer never came: they may have been accepted.
    var unknown: [Tried] { tried("unknown") }
    /// The texts that were refused.
    var refused: [Tried] { tried("refused") }

    private func tried(_ event: String) -> [Tried] {
        script.lines.items.compactMap { line in
            guard line["event"]?.string == event, let lane = line["lane"]?.string, let text = line["text"]?.string else { return nil }
            return Tried(lane: lane, text: text, id: line["message"]?.string)
        }
    }

    /// Asks a daemon over the control socket; waits until there is one.
    func request(_ operation: String, _ members: [String: JSON] = [:]) async throws -> JSON {
        let request = JSON.object(members.merging(["version": 1, "operation": .string(operation)]) { $1 })
        guard let answer = try await script.ask(["do": "request", "socket": .string(socket), "request": request])["answer"] else {
            throw Trouble("no answer to \(operation)")
        }
        if let message = answer["error"]?["message"]?.string { throw Trouble("\(operation): \(message)") }
        return answer
    }

    /// Queues a text as `oxbow send --queue` does, and returns the outcome.
    func queue(_ text: String, from account: String, to recipient: String) async throws -> JSON {
        let send: JSON = [
            "from": .string(account), "to": .array([.string(recipient)]), "text": .string(text), "timeout": 30, "queue": true,
        ]
        let answer = try await request("send", ["send": send])
        guard let outcome = answer["send"]?["outcomes"]?.array?.first else { throw Trouble("no outcome: \(answer)") }
        return outcome
    }

    /// What is open or was given up in the outbox of all accounts.
    func outbox() async throws -> [JSON] {
        let list: JSON = ["action": "list", "isWhole": false, "after": 0, "limit": 500]
        return try await request("outbox", ["outbox": list])["outbox"]?["items"]?.array ?? []
    }

    /// An account's counters.
    func counters(_ account: String) async throws -> [String: Int] {
        guard let status = try await request("status")["status"] else { throw Trouble("no status") }
        return try Status(status).counters(account)
    }

    // MARK: What happens

    /// Where a wait begins.
    var mark: Int { script.lines.count }

    /// Waits for events of a kind: so many of them since a mark. Returns the place behind the last.
    @discardableResult
    func wait(for event: String, _ count: Int = 1, from start: Int, within limit: Duration = .seconds(120)) async throws -> Int {
        var next = start
        for number in 0..<count {
            next =
                try await script.lines.first(from: next, within: limit, "'\(event)', \(number) of \(count)") {
                    $0["event"]?.string == event
                }.index + 1
        }
        return next
    }

    /// Follows what the server gets from an account: each encrypted message is an event `seen`.
    func watch(_ server: Prosody, from account: String) async throws {
        try await script.ask(["do": "watch", "path": .string(server.stanzaLog), "from": .string(account)])
    }

    /// A message as the server got it.
    struct Seen: Sendable {
        var id: String
        var to: String
        /// When, in seconds since 1970.
        var at: Double
    }
    /// The messages of the watched accounts that the server got, repeats included.
    var seen: [Seen] {
        script.lines.items.compactMap { line in
            guard line["event"]?.string == "seen", case .number(let at)? = line["at"] else { return nil }
            return Seen(id: line["message"]?.string ?? "", to: line["to"]?.string ?? "", at: at)
        }
    }

    /// Waits until the server has got all of these, given by their ids.
    func wait(forSeen ids: Set<String>, within limit: Duration = .seconds(240)) async throws {
        let clock = ContinuousClock()
        let end = clock.now + limit
        var missing = ids
        var next = 0
        while !missing.isEmpty {
            let (index, line) = try await script.lines.first(
                from: next,
                within: end - clock.now,
                "\(missing.count) more of \(ids.count) messages at the server"
            ) {
                $0["event"]?.string == "seen"
            }
            missing.remove(line["message"]?.string ?? "")
            next = index + 1
        }
    }

    /// Follows a file: each of its lines is an event `line`.
    func follow(_ path: String, name: String) async throws {
        try await script.ask(["do": "follow", "path": .string(path), "name": .string(name)])
    }

    /// The lines of a followed file.
    func lines(of name: String) -> [String] {
        script.lines.items.compactMap { $0["event"]?.string == "line" && $0["name"]?.string == name ? $0["text"]?.string : nil }
    }

    /// Waits for a line of a followed file.
    @discardableResult
    func line(
        of name: String,
        from start: Int = 0,
        within limit: Duration = .seconds(120),
        where matches: @escaping @Sendable (String) -> Bool
    ) async throws -> Int {
        try await script.lines.first(from: start, within: limit, "a line of \(name)") {
            $0["event"]?.string == "line" && $0["name"]?.string == name && matches($0["text"]?.string ?? "")
        }.index + 1
    }
}

extension Peer {
    /// A message of an archive.
    struct Archived: Sendable {
        var id: String
        var originID: String?
        /// The sender's JID.
        var from: String
        /// The OpenPGP message in base64, if it is one.
        var payload: String?
    }

    /// The encrypted messages from somebody in this account's archive (XEP-0313), in its order.
    func archive(from sender: String) async throws -> [Archived] {
        let answer = try await crafter.ask(["do": "archive", "as": .string(name)], within: .seconds(120))
        return (answer["messages"]?.array ?? []).compactMap { message in
            guard let id = message["id"]?.string, let from = message["from"]?.string, from.hasPrefix(sender),
                let payload = message["payload"]?.string
            else { return nil }
            return Archived(id: id, originID: message["origin"]?.string, from: from, payload: payload)
        }
    }

    /// The text of a message of the archive.
    func open(_ message: Archived) async throws -> String {
        let element = Element("message", "jabber:client", [:], [Element("openpgp", Wire.namespace, text: message.payload ?? "")])
        return try await open(element).body ?? ""
    }
}
