import XML

/// A message as it came to somebody: its text, and what says which it belongs to.
struct Told: Sendable {
    var text: String
    var id: String
    var thread: String?
    /// The id of the message that it corrects (XEP-0308).
    var replaces: String?
    /// Who has signed it.
    var signer: String?
    /// Where a wait for the next begins.
    var next: Int

    /// The number of the conversation that it belongs to.
    var number: Int? { text.hasPrefix("#") ? Int(text.dropFirst().prefix { $0.isNumber }) : nil }
}

extension Peer {
    /// The next message of a bot that has some words in it.
    func told(_ words: String, by bot: String, from start: Int, within limit: Duration = .seconds(60)) async throws -> Told {
        var next = start
        var heard: [String] = []
        while true {
            let (index, stanza): (Int, Element)
            do {
                (index, stanza) = try await numberedStanza(from: next, within: limit, "'\(words)' for \(jid)") {
                    $0.local == "message" && $0["from"]?.hasPrefix(bot) == true && $0.first("openpgp", Wire.namespace) != nil
                }
            } catch {
                throw Trouble(
                    "waited for '\(words)' for \(jid); heard:\n\(heard.joined(separator: "\n--\n"))\n\(String(describing: error).prefix(300))"
                )
            }
            next = index + 1
            let opened = try await open(stanza)
            heard.append(opened.body ?? "")
            guard let text = opened.body, text.contains(words) else { continue }
            return Told(
                text: text,
                id: stanza["id"] ?? "",
                thread: stanza.first("thread", "jabber:client")?.text
                    ?? opened.content.first("payload", Wire.namespace)?
                    .first("thread", "jabber:client")?.text,
                replaces: (stanza.first("replace", "urn:xmpp:message-correct:0")
                    ?? opened.content.first("payload", Wire.namespace)?.first("replace", "urn:xmpp:message-correct:0"))?["id"],
                signer: opened.signer,
                next: next
            )
        }
    }

    /// All encrypted messages of a bot since a mark, opened.
    func everything(by bot: String, from start: Int) async throws -> [Delivered.Item] {
        var items: [Delivered.Item] = []
        for stanza in stanzas(from: start)
        where stanza.local == "message" && stanza["from"]?.hasPrefix(bot) == true && stanza.first("openpgp", Wire.namespace) != nil {
            items.append(Delivered.Item(id: stanza["id"] ?? "", text: try await open(stanza).body ?? ""))
        }
        return items
    }
}
