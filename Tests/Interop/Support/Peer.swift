import Foundation
import XML

/// A client that says what a test wants it to say: slixmpp and gpg, driven by crafter.py. Each has a GnuPG home of its own.
final class Peer: Sendable {
    let jid: String
    let name: String
    let crafter: Script

    init(_ jid: String, crafter: Script, name: String? = nil) {
        self.jid = jid
        self.name = name ?? jid
        self.crafter = crafter
    }

    // MARK: XMPP

    /// Logs in, with available presence.
    ///
    /// - Parameter features: What its presence announces (XEP-0115), besides what every client does; with none it announces nothing at all.
    func login(_ server: Prosody, port: Int? = nil, resource: String = "crafter", announcing features: [String] = []) async throws {
        try await ask(
            "login",
            [
                "jid": .string(jid), "password": .string(Prosody.password), "port": .number(Double(port ?? server.port)),
                "ca": .string(server.ca), "resource": .string(resource), "features": .array(features.map(JSON.string)),
            ]
        )
    }
    func logout() async throws { try await ask("logout") }

    /// Sends a stanza as it stands.
    func send(_ xml: String) async throws { try await ask("send", ["xml": .string(xml)]) }

    /// Sends an IQ and returns the answer, of whatever type.
    func iq(_ type: String, to: String? = nil, _ payload: String) async throws -> Element {
        var order: [String: JSON] = ["type": .string(type), "xml": .string(payload)]
        order["to"] = to.map(JSON.string)
        let xml = try await ask("iq", order)["xml"]?.string ?? ""
        return try Document.parse(Array(xml.utf8))
    }

    /// Where a wait for new stanzas begins.
    var mark: Int { crafter.lines.count }

    /// The next stanza for this client that satisfies a predicate.
    func stanza(
        from start: Int,
        within limit: Duration = .seconds(60),
        _ what: String,
        where matches: @escaping @Sendable (Element) -> Bool
    ) async throws -> Element {
        try await numberedStanza(from: start, within: limit, what, where: matches).stanza
    }

    /// The same, with its place.
    func numberedStanza(
        from start: Int,
        within limit: Duration = .seconds(60),
        _ what: String,
        where matches: @escaping @Sendable (Element) -> Bool
    ) async throws -> (index: Int, stanza: Element) {
        let name = name
        let line = try await crafter.lines.first(from: start, within: limit, what) { line in
            guard let element = Self.stanza(line, for: name) else { return false }
            return matches(element)
        }
        guard let element = Self.stanza(line.item, for: name) else { throw Trouble("unreadable: \(line.item)") }
        return (line.index, element)
    }

    private static func stanza(_ line: JSON, for name: String) -> Element? {
        guard line["event"]?.string == "stanza", line["as"]?.string == name, let xml = line["xml"]?.string else { return nil }
        return try? Document.parse(Array(xml.utf8), limits: ParserLimits())
    }

    /// The stanzas that have come so far.
    func stanzas(from start: Int = 0) -> [Element] {
        crafter.lines.items.dropFirst(start).compactMap { Self.stanza($0, for: name) }
    }

    // MARK: OpenPGP

    /// What a gpg command came to.
    struct GPG: Sendable {
        var code: Int
        var out: [UInt8]
        var err: String
    }

    /// Runs gpg in this client's home; the passphrase is empty and all keys are trusted, unless the arguments say otherwise.
    func gpg(_ arguments: [String], input: [UInt8] = []) async throws -> GPG {
        let answer = try await ask(
            "gpg",
            ["args": .array(arguments.map(JSON.string)), "input": .string(Data(input).base64EncodedString())]
        )
        return GPG(
            code: answer["code"]?.int ?? -1,
            out: [UInt8](Data(base64Encoded: answer["out"]?.string ?? "") ?? Data()),
            err: answer["err"]?.string ?? ""
        )
    }

    /// The same, where failure ends the test.
    @discardableResult
    func gpgDone(_ arguments: [String], input: [UInt8] = []) async throws -> GPG {
        let result = try await gpg(arguments, input: input)
        guard result.code == 0 else { throw Trouble("gpg \(arguments.joined(separator: " ")): \(result.err)") }
        return result
    }

    /// How a key is laid out.
    enum Layout: Sendable {
        /// Certifying and signing ed25519 with a cv25519 subkey: what Oxbow and most clients make.
        case common
        /// One RSA key for everything (gajim-openpgp 1.5).
        case singleRSA
        /// A certifying primary with one subkey to sign and one to encrypt (Gajim core, Smack, Libervia, Fluux).
        case separate
        /// Nothing to encrypt to.
        case signOnly
    }

    /// Makes a key and returns its fingerprint.
    ///
    /// Unless the options say otherwise it is a day old, so that there can be signatures of it from some time ago.
    func makeKey(
        userID: String? = nil,
        _ layout: Layout = .common,
        expires: String = "0",
        options: [String] = ["--faked-system-time", Wire.gnupgNow(offset: -86_400)]
    ) async throws -> String {
        let userID = userID ?? "xmpp:\(jid)"
        let primary =
            switch layout {
            case .common, .signOnly: ["ed25519", "cert,sign", expires]
            case .separate: ["ed25519", "cert", expires]
            case .singleRSA: ["rsa2048", "cert,sign,encr", expires]
            }
        let made = try await gpgDone(options + ["--allow-freeform-uid", "--quick-generate-key", userID] + primary)
        guard let fingerprint = made.err.firstMatch(of: /KEY_CREATED . ([0-9A-F]{40})/)?.1 else { throw Trouble("no key: \(made.err)") }
        let key = String(fingerprint)
        if case .separate = layout { try await gpgDone(options + ["--quick-add-key", key, "ed25519", "sign", expires]) }
        switch layout {
        case .common, .separate: try await gpgDone(options + ["--quick-add-key", key, "cv25519", "encr", expires])
        case .singleRSA, .signOnly: break
        }
        return key
    }

    func export(_ key: String, armored: Bool = false) async throws -> [UInt8] {
        try await gpgDone(["--export-options", "export-minimal"] + (armored ? ["--armor"] : []) + ["--export", key]).out
    }

    func importKey(_ material: [UInt8]) async throws { try await gpgDone(["--import"], input: material) }

    /// Encrypts and signs text as an OpenPGP message, in base64.
    ///
    /// - Parameters:
    ///   - signers: Fingerprints of this home; none makes it unsigned.
    ///   - recipients: Fingerprints of this home; none makes it unencrypted.
    func openPGP(_ text: String, signers: [String], to recipients: [String], options: [String] = ["--compress-algo", "none"]) async throws
        -> String
    {
        Data(try await openPGPBytes(Array(text.utf8), signers: signers, to: recipients, options: options)).base64EncodedString()
    }

    func openPGPBytes(_ text: [UInt8], signers: [String], to recipients: [String], options: [String] = []) async throws -> [UInt8] {
        var arguments = options
        for signer in signers { arguments += ["--local-user", signer] }
        for recipient in recipients { arguments += ["--recipient", recipient] }
        arguments += signers.isEmpty ? [] : ["--sign"]
        arguments += recipients.isEmpty ? [] : ["--encrypt"]
        return try await gpgDone(arguments, input: text).out
    }

    /// A message that was decrypted and verified by plain gpg.
    struct Opened: Sendable {
        var content: Element
        /// The primary fingerprint of the good signature's key.
        var signer: String?
        /// The text of the first body in the payload.
        var body: String? { content.first("payload", Wire.namespace)?.first("body", "jabber:client")?.text }
    }

    /// Decrypts the `<openpgp/>` of a stanza.
    func open(_ stanza: Element) async throws -> Opened {
        guard let text = stanza.first("openpgp", Wire.namespace)?.text, let data = Data(base64Encoded: text) else {
            throw Trouble("no <openpgp/> in \(stanza.serialized())")
        }
        // Without the sender's key gpg decrypts, and fails all the same.
        let result = try await gpg(["--decrypt"], input: [UInt8](data))
        guard result.err.contains("DECRYPTION_OKAY") else { throw Trouble("gpg can't decrypt: \(result.err)") }
        let signer = result.err.firstMatch(of: /VALIDSIG .* ([0-9A-F]{40})\n/)?.1
        return Opened(content: try Document.parse(result.out), signer: signer.map(String.init))
    }

    // MARK: -

    @discardableResult
    private func ask(_ order: String, _ members: [String: JSON] = [:]) async throws -> JSON {
        try await crafter.ask(members.merging(["do": .string(order), "as": .string(name)]) { $1 })
    }
}

/// Names and pieces of XEP-0373, written by hand: the peers must not share our code.
enum Wire {
    static let namespace = "urn:xmpp:openpgp:0"
    static let listNode = "urn:xmpp:openpgp:0:public-keys"

    /// A `<signcrypt/>` or its like. What is `nil` or empty is left out.
    static func content(
        _ root: String = "signcrypt",
        to recipients: [String],
        time: String? = now(),
        padding: String? = "abcdefghijklmnop",
        body: String
    ) -> String {
        let to = recipients.map { "<to jid='\($0)'/>" }.joined()
        let time = time.map { "<time stamp='\($0)'/>" } ?? ""
        let rpad = padding.map { "<rpad>\($0)</rpad>" } ?? ""
        return "<\(root) xmlns='\(namespace)'>\(to)\(time)\(rpad)<payload><body xmlns='jabber:client'>\(body)</body></payload></\(root)>"
    }

    /// A new stanza id.
    static func id() -> String { UUID().uuidString }

    /// A stamp as most clients write it.
    static func now(offset seconds: Double = 0) -> String {
        Date(timeIntervalSinceNow: seconds).formatted(.iso8601)
    }

    /// Options that make gpg sign as if at another time.
    static func gnupg(at offset: Double) -> [String] {
        ["--faked-system-time", gnupgNow(offset: offset), "--ignore-time-conflict", "--ignore-valid-from", "--compress-algo", "none"]
    }

    /// A time as gpg's options take it, frozen.
    static func gnupgNow(offset: Double = 0) -> String {
        String(now(offset: offset).filter { $0 != "-" && $0 != ":" && $0 != "Z" }) + "!"
    }

    /// A message with an OpenPGP element.
    static func message(to: String, id: String, type: String? = "chat", _ base64: String, extra: String = "") -> String {
        let type = type.map { " type='\($0)'" } ?? ""
        return "<message to='\(to)' id='\(id)'\(type)><openpgp xmlns='\(namespace)'>\(base64)</openpgp>\(extra)</message>"
    }
}
