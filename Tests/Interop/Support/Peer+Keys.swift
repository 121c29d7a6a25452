import Foundation
import XML

// The key nodes of XEP-0373 § 4, written by hand so that a test can bend each part.
extension Peer {
    /// Publishes an item on one of its own nodes.
    func publish(_ node: String, item: String?, _ payload: String, access: String? = "open") async throws {
        let id = item.map { " id='\($0)'" } ?? ""
        let options =
            access.map {
                "<publish-options><x xmlns='jabber:x:data' type='submit'>"
                    + "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
                    + "<field var='pubsub#access_model'><value>\($0)</value></field>"
                    + "<field var='pubsub#persist_items'><value>true</value></field></x></publish-options>"
            } ?? ""
        let answer = try await iq(
            "set",
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='\(node)'><item\(id)>\(payload)</item></publish>\(options)</pubsub>"
        )
        guard answer["type"] == "result" else { throw Trouble("publishing \(node): \(answer.serialized())") }
    }

    /// Deletes one of its own nodes.
    func deleteNode(_ node: String) async throws {
        let answer = try await iq("set", "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><delete node='\(node)'/></pubsub>")
        guard answer["type"] == "result" else { throw Trouble("deleting \(node): \(answer.serialized())") }
    }

    /// Publishes key material under a fingerprint.
    func publishKey(
        _ material: [UInt8],
        as fingerprint: String,
        item: String? = Wire.now(),
        attributes: String = "",
        transform: (String) -> String = { $0 }
    ) async throws {
        let data = transform(Data(material).base64EncodedString())
        try await publish(
            Wire.listNode + ":" + fingerprint,
            item: item,
            "<pubkey xmlns='\(Wire.namespace)'\(attributes)><data>\(data)</data></pubkey>"
        )
    }

    /// Publishes the list of its keys.
    func publishList(_ entries: String, item: String? = "current") async throws {
        try await publish(Wire.listNode, item: item, "<public-keys-list xmlns='\(Wire.namespace)'>\(entries)</public-keys-list>")
    }

    /// An entry of the list.
    static func entry(_ fingerprint: String, date: String = Wire.now()) -> String {
        "<pubkey-metadata v4-fingerprint='\(fingerprint)' date='\(date)'/>"
    }

    /// Announces keys as most clients do.
    func announce(_ keys: String...) async throws {
        for key in keys { try await publishKey(try await export(key), as: key) }
        try await publishList(keys.map { Self.entry($0) }.joined())
    }

    /// Reads somebody's key from the server and imports it: the fingerprint that the list names last.
    func learnKey(of owner: String) async throws -> String {
        let list = try await items(Wire.listNode, of: owner)
        guard let metadata = list.first("public-keys-list", Wire.namespace)?.all("pubkey-metadata", Wire.namespace).last,
            let fingerprint = metadata["v4-fingerprint"]
        else { throw Trouble("\(owner) announces no key: \(list.serialized())") }
        let item = try await items(Wire.listNode + ":" + fingerprint, of: owner)
        guard let text = item.first("pubkey", Wire.namespace)?.first("data", Wire.namespace)?.text, let data = Data(base64Encoded: text)
        else { throw Trouble("\(owner)'s key is not where the list says: \(item.serialized())") }
        try await importKey([UInt8](data))
        return fingerprint
    }

    /// The newest item of somebody's node.
    func items(_ node: String, of owner: String) async throws -> Element {
        let answer = try await iq(
            "get",
            to: owner,
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='\(node)' max_items='1'/></pubsub>"
        )
        let namespace = "http://jabber.org/protocol/pubsub"
        guard let item = answer.first("pubsub", namespace)?.first("items", namespace)?.all("item", namespace).last else {
            throw Trouble("\(owner) has nothing at \(node): \(answer.serialized())")
        }
        return item
    }
}

/// Somebody with a key who writes to a bot and knows its key.
struct Correspondent: Sendable {
    let peer: Peer
    /// The fingerprint of the peer's own key, which it signs with.
    var key: String
    let bot: String
    /// The bot's fingerprint.
    let botKey: String

    var jid: String { peer.jid }

    /// A message as it should be, as base64.
    func seal(_ body: String) async throws -> String {
        try await peer.openPGP(Wire.content(to: [bot], body: body), signers: [key], to: [botKey, key])
    }

    /// Sends a message as it should be.
    func say(_ body: String, id: String = UUID().uuidString) async throws {
        try await peer.send(Wire.message(to: bot, id: id, try await seal(body)))
    }

    /// The next encrypted answer of the bot.
    func answer(from start: Int, within limit: Duration = .seconds(60)) async throws -> Peer.Opened {
        let bot = bot
        let stanza = try await peer.stanza(from: start, within: limit, "an encrypted answer of \(bot)") {
            $0.local == "message" && $0["from"]?.hasPrefix(bot) == true && $0.first("openpgp", Wire.namespace) != nil
        }
        return try await peer.open(stanza)
    }

    /// Waits for an answer with a text, whatever else comes before it.
    func hears(_ text: String, from start: Int) async throws {
        var next = start
        while true {
            let (index, stanza) = try await peer.numberedStanza(from: next, "'\(text)'") {
                $0.local == "message" && $0.first("openpgp", Wire.namespace) != nil
            }
            if try await peer.open(stanza).body == text { return }
            next = index + 1
        }
    }

    /// Sends an honest message and returns what comes back, which has to be signed with the bot's key.
    @discardableResult
    func ask(_ body: String) async throws -> String {
        let start = peer.mark
        try await say(body)
        let answer = try await answer(from: start)
        guard answer.signer == botKey else { throw Trouble("the answer is signed by \(answer.signer ?? "nobody"), not by \(botKey)") }
        return answer.body ?? ""
    }
}
