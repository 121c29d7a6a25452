import Testing
import XML

/// The proof of delivery: what was accepted arrives, what has come runs until it is done and not again, whatever is killed, cut, full or
/// broken in between. Against a real Prosody with an archive, so that what arrived can be counted.
@Suite struct Delivery {
    /// What keeps the machine busy, one after the other.
    @Suite(.serialized, .rig, .cleansUp) struct Busy {}

    /// What waits for a clock most of the time, beside the others. Its server is its own: the others' is restarted.
    @Suite(.rig, .cleansUp) struct Waiting {}
}

/// What came to somebody from a bot: each message with its text.
struct Delivered: Sendable {
    struct Item: Sendable, Hashable {
        var id: String
        var text: String
    }
    /// In the order of arrival, repeats included.
    var items: [Item]

    /// The texts in the order in which each came first.
    var texts: [String] {
        var known: Set<Item> = []
        return items.filter { known.insert($0).inserted }.map(\.text)
    }

    /// The texts that came under more than one id: what was said twice, and not only sent twice.
    var saidTwice: Set<String> {
        var ids: [String: Set<String>] = [:]
        for item in items { ids[item.text, default: []].insert(item.id) }
        return Set(ids.filter { $0.value.count > 1 }.keys)
    }
}

extension Correspondent {
    /// Collects what the bot sends to this client until all of some texts were there.
    func gather(_ texts: some Sequence<String>, from start: Int, within limit: Duration = .seconds(120)) async throws -> Delivered {
        var missing = Set(texts)
        var items: [Delivered.Item] = []
        var next = start
        let bot = bot
        while !missing.isEmpty {
            let still = missing.sorted().prefix(5).map { $0.prefix(40) }.joined(separator: ", ")
            let (index, stanza) = try await peer.numberedStanza(from: next, within: limit, "\(missing.count) more texts: \(still)…") {
                $0.local == "message" && $0["from"]?.hasPrefix(bot) == true && $0.first("openpgp", Wire.namespace) != nil
            }
            let text = try await peer.open(stanza).body ?? ""
            items.append(Delivered.Item(id: stanza["id"] ?? "", text: text))
            missing.remove(text)
            next = index + 1
        }
        return Delivered(items: items)
    }
}

extension OxbowProgram {
    /// Waits until nothing of the outboxes is open; each question is a process of its own, which paces them.
    func outboxIsEmpty(in room: Room? = nil) async throws {
        var last = ""
        for _ in 0..<400 {
            let list = try await command("outbox", "list", "--json", in: room)
            guard list.code == 0 else { throw Trouble("oxbow outbox list: \(list.err)\(list.out)") }
            last = list.out
            guard let entries = try JSON(line: list.out).array else { throw Trouble("oxbow outbox list: \(list.out)") }
            if entries.isEmpty { return }
        }
        throw Trouble("the outbox does not get empty: \(last)")
    }
}
