import Foundation

/// Profanity, a client for people, in a terminal that nobody looks at: tmux in control mode takes its keys and tells its output.
final class Profanity: Sendable {
    let jid: String
    /// The fingerprint of its key.
    let key: String
    private let home: String
    private let environment: [String: String]
    private let terminal: Leash
    private let control: Leash

    /// Makes a key, logs in and announces it.
    init(_ jid: String, server: Prosody) async throws {
        self.jid = jid
        home = try Folder.temporary(forNobody: true)
        environment = [
            "HOME": home, "GNUPGHOME": home + "/g", "XDG_DATA_HOME": home + "/data", "XDG_CONFIG_HOME": home + "/config",
            "TMUX_TMPDIR": home, "SHELL": "/bin/sh", "TERM": "xterm", "LANG": "C.UTF-8", "SSL_CERT_FILE": server.ca,
            // A zone that differs from UTC: Profanity writes times with an offset that has no colon (T5).
            "TZ": "Asia/Kolkata",
        ]
        let (gnupg, environment) = (home + "/g", environment)
        try await Self.run(["mkdir", "-m", "700", gnupg], environment)
        Cleanup.after { _ = try? await Self.run(["gpgconf", "--homedir", gnupg, "--kill", "all"], environment) }
        let made = try await Self.run(
            [
                "gpg", "--batch", "--status-fd", "1", "--passphrase", "", "--quick-generate-key", "xmpp:\(jid)", "future-default",
                "default", "3y",
            ],
            environment
        )
        guard let fingerprint = made.out.firstMatch(of: /KEY_CREATED . ([0-9A-F]{40})/)?.1 else { throw Trouble("no key: \(made.err)") }
        key = String(fingerprint)
        try await Self.run(
            ["gpg", "--batch", "--output", home + "/pep.gpg", "--export-options", "export-minimal", "--export", key],
            environment
        )
        // The terminal's server stays in the foreground, so that it ends with its leash.
        terminal = try await Leash(
            ["tmux", "-D", "-L", "x", "-f", "/dev/null"],
            environment: environment,
            folder: home,
            unprivileged: true
        )
        let terminal = terminal
        Cleanup.after { await terminal.stop() }
        let control = try await Self.attach(environment, folder: home)
        self.control = control
        Cleanup.after { await control.stop() }
        try await control.line(containing: "%output")
        try await type("/connect \(jid) server 127.0.0.1 port \(server.port) tls force", answer: "Enter password:")
        try await type(Prosody.password, answer: "logged in successfully")
        try await type("/ox announce \(home)/pep.gpg", answer: "Announce OpenPGP Key")
    }

    /// Types a line and waits for a text on the screen.
    func type(_ text: String, answer: String) async throws {
        let start = control.lines.count
        let quoted = text.replacing("'", with: "'\\''")
        try control.say("send-keys -t p -l '\(quoted)'\nsend-keys -t p Enter\n")
        try await control.line(containing: answer, from: start)
    }

    /// Waits for a text on the screen that has no spaces in it (those may be drawn by moving the cursor).
    func shows(_ text: String, from start: Int = 0) async throws {
        try await control.lines.first(from: start, "'\(text)' on Profanity's screen") {
            $0.text.contains("%output") && $0.text.contains(text)
        }
    }
    /// Waits for a line of the chat that comes from somebody: Profanity shows it as `NAME/RESOURCE: TEXT`.
    func showsAnswer(_ text: String, of other: String, from start: Int) async throws {
        try await control.lines.first(from: start, "'\(text)' of \(other) on Profanity's screen") { line in
            line.text.contains("%output") && line.text.contains("\(other)/") && line.text.contains(text)
        }
    }
    /// Where a wait for something new on the screen begins.
    var mark: Int { control.lines.count }

    /// Fetches a key from the server, vouches for it, and opens an encrypted chat.
    func meet(_ other: String, key: String) async throws {
        try await type("/ox discover \(other)", answer: key)
        try await type("/ox request \(other) \(key)", answer: "mported")
        try await Self.run(["gpg", "--batch", "--yes", "--quick-lsign-key", key], environment)
        try await type("/msg \(other)", answer: other)
        try await type("/ox start", answer: "OX")
    }

    /// Asks for the other's presence, and grants its own: its keys are readable only so on Prosody.
    func befriend(_ other: String) async throws {
        try await type("/sub request \(other)", answer: "Sent subscription request to \(other)")
        try await type("/sub allow \(other)", answer: "Accepted subscription for \(other)")
    }

    private static func attach(_ environment: [String: String], folder: String) async throws -> Leash {
        let command = ["tmux", "-L", "x", "-C", "new-session", "-s", "p", "-x", "180", "-y", "50", "profanity"]
        // The server has no way to say that it listens: its socket is what says so.
        for _ in 0..<200 {
            let leash = try await Leash(command, environment: environment, folder: folder, unprivileged: true)
            if (try? await leash.line(containing: "%session-changed", within: .seconds(10))) != nil { return leash }
            await leash.stop()
        }
        throw Trouble("tmux does not answer")
    }

    @discardableResult
    private static func run(_ command: [String], _ environment: [String: String]) async throws -> Leash.End {
        let end = try await Leash.run(command, environment: environment, unprivileged: true)
        guard end.code == 0 else { throw Trouble("\(command.joined(separator: " ")): \(end.err)") }
        return end
    }
}
