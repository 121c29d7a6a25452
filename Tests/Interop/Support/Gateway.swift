import Foundation
import Testing
import XML

/// A GRE gateway of the tests (gateway.py): a component that follows the protoXEPs to the letter unless a test says otherwise. Settings and
/// the members that describe a letter are explained in gateway.py and letters.py.
final class Gateway: Sendable {
    /// Its domain.
    let jid: String
    /// Where it spools the mails that it made of what came; part of what must not contain plaintext.
    let folder: String
    private let script: Script

    /// Starts one; it ends with the running test.
    ///
    /// - Parameters:
    ///   - jid: One of ``Prosody/components``, each for one gateway at a time.
    ///   - users: Bare JIDs that may use it as if they had registered.
    ///   - settings: What differs from gateway.py's `SETTINGS`.
    init(_ server: Prosody, jid: String = "email.localhost", users: [String] = [], _ settings: [String: JSON] = [:]) async throws {
        let script = try Script("gateway")
        Cleanup.after { await script.end() }
        (self.jid, self.script) = (jid, script)
        let answer = try await script.ask([
            "do": "connect", "as": .string(jid), "jid": .string(jid), "secret": .string(server.componentSecret),
            "port": .number(Double(server.componentPort)),
        ])
        folder = answer["dir"]?.string ?? ""
        if !settings.isEmpty { try await behave(settings) }
        for user in users { try await admit(user) }
    }

    /// One that has no identity of a gateway, though it announces and does everything that gateways do.
    static func spoofed(_ server: Prosody, users: [String] = [], _ settings: [String: JSON] = [:]) async throws -> Gateway {
        try await Gateway(server, jid: "rogue.localhost", users: users, settings.merging(["identities": []]) { $1 })
    }

    /// Changes settings; `null` gives one its default back.
    func behave(_ settings: [String: JSON]) async throws { try await ask("behave", settings) }

    /// Lets an account use it, as if it had registered with these values (`email` is its address).
    func admit(_ user: String, _ fields: [String: JSON] = [:]) async throws {
        try await ask("admit", ["jid": .string(user), "fields": .object(fields)])
    }
    func expel(_ user: String) async throws { try await ask("expel", ["jid": .string(user)]) }

    /// What users have registered with, by bare JID.
    func registrations() async throws -> JSON { try await ask("registrations")["users"] ?? [:] }

    /// Leaves the server, as if it had crashed, and comes back.
    func disconnect() async throws { try await ask("disconnect") }
    func reconnect(_ server: Prosody) async throws {
        try await ask(
            "connect",
            [
                "jid": .string(jid), "secret": .string(server.componentSecret), "port": .number(Double(server.componentPort)),
            ]
        )
    }

    /// Sends a stanza as it stands.
    func send(_ xml: String) async throws { try await ask("send", ["xml": .string(xml)]) }

    /// Sends an IQ from a JID of its domain and returns the answer, of whatever type.
    func iq(_ type: String, from sender: String, to: String, _ payload: String) async throws -> Element {
        let answer = try await ask(
            "iq",
            ["type": .string(type), "from": .string(sender), "to": .string(to), "xml": .string(payload)]
        )
        return try Document.parse(Array((answer["xml"]?.string ?? "").utf8))
    }

    /// A new person behind it with a key.
    ///
    /// - Parameters:
    ///   - userIDs: Those of the key; one with the mailbox by default.
    ///   - layout: `common`, `separate` or `rsa`, as in ``Peer/Layout``.
    ///   - isPublished: Whether the gateway offers the key on PEP.
    func person(
        _ address: String,
        name: String? = nil,
        userIDs: [String]? = nil,
        layout: String = "common",
        isPublished: Bool = true
    ) async throws -> LegacyPerson {
        var order: [String: JSON] = ["user": .string(address), "layout": .string(layout), "publish": .bool(isPublished)]
        order["name"] = name.map(JSON.string)
        order["user_ids"] = userIDs.map { .array($0.map(JSON.string)) }
        let answer = try await ask("user", order)
        guard let key = answer["fingerprint"]?.string, let jid = answer["jid"]?.string else { throw Trouble("no person: \(answer)") }
        return LegacyPerson(gateway: self, address: address, jid: jid, key: key)
    }

    // MARK: What it gets

    /// Where a wait for new mail or stanzas begins.
    var mark: Int { script.lines.count }

    /// What it has relayed.
    struct Mail: Sendable {
        var number: Int
        /// The bot's full JID.
        var sender: String
        /// The mailbox that it is for.
        var recipient: String
        /// The id of the stanza.
        var id: String
        var isEncrypted: Bool
    }

    /// The next message that it relays.
    func mail(from start: Int, within limit: Duration = .seconds(60)) async throws -> Mail {
        let jid = jid
        let line = try await script.lines.first(from: start, within: limit, "a mail at \(jid)") { $0["event"] == "mail" }.item
        return Mail(
            number: line["number"]?.int ?? 0,
            sender: line["from"]?.string ?? "",
            recipient: line["user"]?.string ?? "",
            id: line["id"]?.string ?? "",
            isEncrypted: line["kind"] == "encrypted"
        )
    }

    /// Waits for an event: `refused`, `registered`, `unregistered` or `data`.
    @discardableResult
    func event(_ name: String, from start: Int = 0, within limit: Duration = .seconds(60)) async throws -> JSON {
        try await script.lines.first(from: start, within: limit, "'\(name)' at \(jid)") { $0["event"]?.string == name }.item
    }

    /// How often an event has happened since a mark.
    func count(_ name: String, from start: Int = 0) -> Int {
        script.lines.items.dropFirst(start).filter { $0["event"]?.string == name }.count
    }

    /// The next stanza that satisfies a predicate.
    func stanza(
        from start: Int,
        within limit: Duration = .seconds(60),
        _ what: String,
        where matches: @escaping @Sendable (Element) -> Bool
    ) async throws -> Element {
        let line = try await script.lines.first(from: start, within: limit, what) { line in
            guard let element = Self.stanza(line) else { return false }
            return matches(element)
        }
        guard let element = Self.stanza(line.item) else { throw Trouble("unreadable: \(line.item)") }
        return element
    }

    /// The stanzas that have come since a mark.
    func stanzas(from start: Int = 0) -> [Element] { script.lines.items.dropFirst(start).compactMap(Self.stanza) }

    private static func stanza(_ line: JSON) -> Element? {
        guard line["event"] == "stanza", let xml = line["xml"]?.string else { return nil }
        return try? Document.parse(Array(xml.utf8))
    }

    /// The stanza of a mail and what the gateway made of it: `thread`, `origin_id`, `formatter`, `encrypter`, `payload`, `file`, `xml`.
    func record(of mail: Mail) async throws -> JSON {
        guard let record = try await ask("received")["messages"]?.array?.first(where: { $0["number"]?.int == mail.number }) else {
            throw Trouble("there is no mail \(mail.number)")
        }
        return record
    }

    /// All that its spool contains, for a search.
    func spool() throws -> String {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            try String(decoding: Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)), as: UTF8.self)
        }.joined()
    }

    /// A late error stanza for a mail.
    func refuse(_ mail: Mail, condition: String, type: String = "cancel", text: String? = nil) async throws {
        var order: [String: JSON] = ["number": .number(Double(mail.number)), "condition": .string(condition), "type": .string(type)]
        order["text"] = text.map(JSON.string)
        try await ask("refuse", order)
    }

    /// A receipt (XEP-0184) for a mail.
    func receive(_ mail: Mail) async throws { try await ask("receive", ["number": .number(Double(mail.number))]) }

    @discardableResult
    fileprivate func ask(_ order: String, _ members: [String: JSON] = [:]) async throws -> JSON {
        try await script.ask(members.merging(["do": .string(order), "as": .string(jid)]) { $1 })
    }
}

/// Somebody with a mail address and plain gpg behind a ``Gateway``.
struct LegacyPerson: Sendable {
    let gateway: Gateway
    let address: String
    /// What the address is to XMPP (XEP-0106).
    let jid: String
    /// The fingerprint of the key.
    let key: String

    /// What was written, before and after it was sealed.
    struct Written: Sendable {
        /// The id of the stanza.
        var id: String
        /// The whole stanza; `nil` above 1 MiB.
        var stanza: String?
        /// The OpenPGP message in base64.
        var payload: String
    }

    /// Imports a key, and returns the fingerprints.
    @discardableResult
    func learn(_ key: [UInt8]) async throws -> [String] {
        try await strings("learn", ["data": .string(Data(key).base64EncodedString())])
    }

    /// Reads an account's keys from the server (XEP-0373), as a gateway does for its people, and returns the fingerprints.
    @discardableResult
    func learn(of account: String) async throws -> [String] { try await strings("learn", ["jid": .string(account)]) }

    /// Writes a letter to a bot, signed and encrypted in one go unless the members say otherwise (see gateway.py, `mail`).
    @discardableResult
    func write(to bot: String, keys: [String], _ text: String? = nil, _ letter: [String: JSON] = [:]) async throws -> Written {
        try await write("mail", to: bot, keys: keys, text, letter)
    }

    /// Writes inline PGP, as Libervia passes it on.
    @discardableResult
    func writeInline(to bot: String, keys: [String], _ text: String, _ letter: [String: JSON] = [:]) async throws -> Written {
        try await write("inline", to: bot, keys: keys, text, letter)
    }

    /// Sends an unencrypted message.
    func writePlain(to bot: String, _ text: String) async throws {
        try await ask("plain", ["to": .string(bot), "text": .string(text)])
    }

    /// A letter that plain gpg has opened.
    struct Opened: Sendable {
        /// All that gateway.py says about it.
        let json: JSON
        var isDecrypted: Bool { json["decrypted"] == true }
        /// The primary fingerprint of the one good signature.
        var signer: String? { json["signer"]?.string }
        /// The keys that it is encrypted to, as ids of 16 digits.
        var recipients: [String] { json["recipients"]?.array?.compactMap(\.string) ?? [] }
        var text: String { json["letter"]?["text"]?.string ?? "" }
        /// What Python's parser finds wrong.
        var defects: [String] { json["letter"]?["defects"]?.array?.compactMap(\.string) ?? [] }
        /// The types of the parts, such as `multipart/mixed(text/plain, image/png)`.
        var structure: String { json["letter"]?["structure"]?.string ?? "" }

        /// The values of a header.
        func headers(_ name: String) -> [String] {
            (json["letter"]?["headers"]?.array ?? []).compactMap { pair in
                guard let pair = pair.array, pair.count == 2, pair[0].string?.lowercased() == name.lowercased() else { return nil }
                return pair[1].string
            }
        }
        struct Attachment: Sendable {
            var name: String?
            var type: String
            var disposition: String?
            var size: Int
            var sha256: String
        }
        var attachments: [Attachment] {
            (json["letter"]?["attachments"]?.array ?? []).map { file in
                Attachment(
                    name: file["name"]?.string,
                    type: file["type"]?.string ?? "",
                    disposition: file["disposition"]?.string,
                    size: file["size"]?.int ?? -1,
                    sha256: file["sha256"]?.string ?? ""
                )
            }
        }
    }

    /// Opens and verifies a mail with plain gpg.
    func open(_ mail: Gateway.Mail) async throws -> Opened {
        Opened(json: try await ask("open", ["number": .number(Double(mail.number))]))
    }

    /// The next mail for this person, opened.
    func letter(from start: Int, within limit: Duration = .seconds(60)) async throws -> Opened {
        try await open(try await gateway.mail(from: start, within: limit))
    }

    /// One more key in the same home.
    func makeKey(userIDs: [String]? = nil) async throws -> String {
        let order = userIDs.map { ["user_ids": JSON.array($0.map(JSON.string))] } ?? [:]
        return try await ask("key", order)["fingerprint"]?.string ?? ""
    }

    func export(_ key: String? = nil) async throws -> [UInt8] {
        let answer = try await ask("export", key.map { ["key": .string($0)] } ?? [:])
        return [UInt8](Data(base64Encoded: answer["data"]?.string ?? "") ?? Data())
    }

    /// Puts keys of this home, and no others, on the contact's PEP nodes.
    ///
    /// - Parameter watcher: Somebody who is told (XEP-0163).
    func publish(_ keys: [String], notifying watcher: String? = nil) async throws {
        var order: [String: JSON] = ["keys": .array(keys.map(JSON.string))]
        order["notify"] = watcher.map(JSON.string)
        try await ask("publish", order)
    }

    /// Puts any material on the contact's PEP nodes, by the fingerprint that it is listed under.
    func publish(material: [String: [UInt8]], notifying watcher: String? = nil) async throws {
        var order: [String: JSON] = ["keys": .object(material.mapValues { .string(Data($0).base64EncodedString()) })]
        order["notify"] = watcher.map(JSON.string)
        try await ask("publish", order)
    }

    /// Bends a node of the contact by hand: payloads by item id; `nil` removes the node.
    func node(_ name: String, _ items: [String: String]?) async throws {
        try await ask("node", ["node": .string(name), "items": items.map { .object($0.mapValues(JSON.string)) } ?? .null])
    }

    /// Runs gpg in this person's home.
    func gpg(_ arguments: [String], input: [UInt8] = []) async throws -> Peer.GPG {
        let answer = try await ask(
            "gpg",
            ["args": .array(arguments.map(JSON.string)), "input": .string(Data(input).base64EncodedString())]
        )
        return Peer.GPG(
            code: answer["code"]?.int ?? -1,
            out: [UInt8](Data(base64Encoded: answer["out"]?.string ?? "") ?? Data()),
            err: answer["err"]?.string ?? ""
        )
    }

    private func write(
        _ order: String,
        to bot: String,
        keys: [String],
        _ text: String?,
        _ letter: [String: JSON]
    ) async throws -> Written {
        var members = letter
        members["to"] = .string(bot)
        members["recipients"] = .array(keys.map(JSON.string))
        if let text { members["text"] = .string(text) }
        let answer = try await ask(order, members)
        return Written(
            id: answer["message"]?.string ?? "",
            stanza: answer["stanza"]?.string,
            payload: answer["payload"]?.string ?? ""
        )
    }

    private func strings(_ order: String, _ members: [String: JSON]) async throws -> [String] {
        try await ask(order, members)["fingerprints"]?.array?.compactMap(\.string) ?? []
    }

    @discardableResult
    private func ask(_ order: String, _ members: [String: JSON]) async throws -> JSON {
        try await gateway.ask(order, members.merging(["user": .string(address)]) { $1 })
    }
}

extension Wire {
    static let relay = "urn:xmpp:gre:0"

    /// `<encrypted/>` around an OpenPGP message in base64, for somebody who is no gateway; an attribute of `nil` is left out.
    static func encrypted(
        _ payload: String,
        formatter: String? = "urn:xmpp:gre:formatter:mime:0",
        encrypter: String? = "urn:xmpp:gre:encrypter:openpgp:0"
    ) -> String {
        let attributes = (formatter.map { " formatter='\($0)'" } ?? "") + (encrypter.map { " encrypter='\($0)'" } ?? "")
        return "<encrypted xmlns='\(relay)'\(attributes)>\(payload)</encrypted>"
    }
}
