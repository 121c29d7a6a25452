import Foundation
import Synchronization
import Testing

/// The throw-away Prosody of a test run (prosody.py): one for all tests, new accounts for each.
final class Prosody: Sendable {
    let port: Int
    let directTLSPort: Int
    let componentPort: Int
    /// The authority that its certificates are by.
    let ca: String
    /// The domains that components may connect as, one connection each.
    let components: [String]
    /// What they authenticate with.
    let componentSecret: String
    /// Its log of stanzas, one a line (mod_stanza_log).
    let stanzaLog: String
    private let log: String
    private let script: Script
    private let names = Mutex(0)

    /// Starts one.
    ///
    /// - Parameter stanzaLimit: The size of stanzas that it takes, in bytes; its own default is 256 KiB for clients.
    init(stanzaLimit: Int? = nil) async throws {
        script = try Script("prosody", stanzaLimit.map { [String($0)] } ?? [])
        let ready = try await script.lines.first("Prosody") { $0["ready"] != nil }.item
        guard let port = ready["port"]?.int, let tls = ready["tls_port"]?.int, let component = ready["component_port"]?.int,
            let ca = ready["ca"]?.string, let stanzas = ready["stanzas"]?.string, let log = ready["log"]?.string,
            let components = ready["components"]?.array, let secret = ready["component_secret"]?.string
        else { throw Trouble("prosody.py said \(ready)") }
        (self.port, directTLSPort, componentPort, self.ca, stanzaLog, self.log) = (port, tls, component, ca, stanzas, log)
        (self.components, componentSecret) = (components.compactMap(\.string), secret)
    }

    /// Stops it and removes its folder.
    func end() async { await script.end() }

    /// Makes a new account and returns its bare JID, such as `alice7@localhost`.
    func account(_ name: String, host: String = "localhost", password: String = Prosody.password) async throws -> String {
        let number = names.withLock { number in
            number += 1
            return number
        }
        let jid = "\(name)\(number)@\(host)"
        try await script.ask(["do": "account", "jid": .string(jid), "password": .string(password)])
        return jid
    }
    /// Removes an account, as its administrator does while the server runs: its streams are ended.
    func delete(_ jid: String) async throws { try await script.ask(["do": "delete", "jid": .string(jid)]) }
    /// Makes an account anew under a name that was there before, or writes another password for it without telling anybody.
    func account(again jid: String, password: String = Prosody.password) async throws {
        try await script.ask(["do": "account", "jid": .string(jid), "password": .string(password)])
    }
    /// Changes a password, as its administrator does while the server runs: the account's streams are ended.
    func changePassword(of jid: String, to password: String) async throws {
        try await script.ask(["do": "password", "jid": .string(jid), "password": .string(password)])
    }
    /// What a host's certificate is like.
    enum Certificate: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case good, expired, other, unknown
        var testDescription: String { rawValue }
    }
    /// Gives a host another certificate; it counts from the server's next start.
    func certificate(_ kind: Certificate, host: String = "localhost") async throws {
        try await script.ask(["do": "certificate", "host": .string(host), "kind": .string(kind.rawValue)])
    }

    /// Everybody's password.
    static let password = "open sesame"

    /// Stops the server in order (it says so to its clients) and starts it again on the same ports.
    func restart() async throws { try await script.ask(["do": "restart"]) }
    func stop() async throws { try await script.ask(["do": "stop"]) }
    func start() async throws { try await script.ask(["do": "start"]) }

    /// A port whose connections can be cut.
    func relay() async throws -> Int {
        guard let port = try await script.ask(["do": "proxy"])["port"]?.int else { throw Trouble("no relay") }
        return port
    }
    /// Cuts the connections of a relay, and returns how many there were.
    func cut(relay port: Int) async throws -> Int {
        try await script.ask(["do": "cut", "port": .number(Double(port))])["connections"]?.int ?? 0
    }
    /// Whether a relay resets new connections.
    func refuse(_ isRefusing: Bool, relay port: Int) async throws {
        try await script.ask(["do": "refuse", "port": .number(Double(port)), "on": .bool(isRefusing)])
    }

    /// A stanza as the server saw it.
    struct Seen: Sendable {
        /// Whether a client sent it (else it was sent to a client).
        var isInbound: Bool
        /// The client's full JID.
        var session: String
        var xml: String
    }
    /// Everything that it has written down: each client's stanzas and its log, for a search.
    func records() throws -> String {
        try String(contentsOfFile: stanzaLog, encoding: .utf8) + String(contentsOfFile: log, encoding: .utf8)
    }

    /// All stanzas of the sessions of one bare JID so far.
    func seen(_ jid: String) throws -> [Seen] {
        try String(contentsOfFile: stanzaLog, encoding: .utf8).split(separator: "\n").compactMap { line in
            guard let json = try? JSON(line: line), let session = json["session"]?.string, let xml = json["xml"]?.string else { return nil }
            return session.hasPrefix(jid) ? Seen(isInbound: json["direction"]?.string == "in", session: session, xml: xml) : nil
        }
    }
}
