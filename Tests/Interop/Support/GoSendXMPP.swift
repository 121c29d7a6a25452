import Foundation
import Testing

/// go-sendxmpp with OX: a whole client that is not ours. It refuses OX to root, so it runs as `nobody` then.
final class GoSendXMPP: Sendable {
    let jid: String
    private let server: Prosody
    private let home: String

    /// Which key it makes for itself.
    enum KeyKind: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case x25519
        case rsa
        var testDescription: String { rawValue }
    }

    /// Makes a key for an account and publishes it.
    init(_ jid: String, server: Prosody, key: KeyKind) async throws {
        self.jid = jid
        self.server = server
        home = try Folder.temporary(forNobody: true)
        let made = try await run(["--ox-genprivkey-\(key.rawValue)"], within: .seconds(120))
        guard made.code == 0 else { throw Trouble("go-sendxmpp made no key: \(made.out)\n\(made.err)") }
    }

    /// Sends a text. go-sendxmpp fetches the recipient's key first.
    func send(_ text: String, to recipient: String) async throws {
        let sent = try await run(["--ox", recipient], input: text + "\n")
        guard sent.code == 0 else { throw Trouble("go-sendxmpp could not send: \(sent.out)\n\(sent.err)") }
    }

    /// Starts listening; each message is a line like `2026-11-21T12:00:00Z [OX] echo@localhost: text`.
    func listen() async throws -> Leash {
        let leash = try await Leash(command + ["--listen", "--ox"], environment: environment, unprivileged: true)
        Cleanup.after { await leash.stop() }
        return leash
    }

    private var command: [String] { ["go-sendxmpp", "-u", jid, "-p", Prosody.password, "-j", "127.0.0.1:\(server.port)"] }
    private var environment: [String: String] { ["HOME": home, "SSL_CERT_FILE": server.ca, "SSL_CERT_DIR": "/nonexistent"] }

    private func run(_ arguments: [String], input: String = "", within limit: Duration = .seconds(60)) async throws -> Leash.End {
        try await Leash.run(command + arguments, environment: environment, unprivileged: true, input: input, within: limit)
    }
}
