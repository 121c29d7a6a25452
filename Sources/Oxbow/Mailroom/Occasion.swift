import Delivery
import XML
import XMPP

/// An event of our own, as the journal keeps it.
///
/// The journal holds messages and these. A message is an element of `jabber:client`, whatever its sender wrote into it, and this is not: so
/// nothing that comes from outside can be taken for one.
struct Occasion: Hashable, Sendable {
    /// The namespaces whose elements only we may give to handlers.
    static let namespaces: Set<String> = ["urn:oxbow:schedule:0"]
    /// How long an id may be, in bytes.
    static let idLimit = 256

    private static let root = Name("occasion", "urn:oxbow:occasion:0")

    /// Names the event.
    var id: String
    /// The bot whose handlers may have it.
    var bot: String
    /// When it was given, in seconds since 1970.
    var time: Int64
    /// What the handler gets.
    var element: Element

    init(id: String, bot: String, time: Int64, element: Element) {
        self.id = id
        self.bot = bot
        self.time = time
        self.element = element
    }

    /// Reads what ``stanza`` has written; `nil` for anything else.
    init?(_ stanza: Element) {
        guard stanza.name == Self.root, let id = stanza["id"], let bot = stanza["bot"], let time = stanza["time"].flatMap({ Int64($0) }),
            let element = stanza.elements.first
        else { return nil }
        self.init(id: id, bot: bot, time: time, element: element)
    }

    /// What is wrong with it.
    var problem: String? {
        if !Self.namespaces.contains(element.namespace) {
            return "\(element.name) is no event of our own; there are: " + Self.namespaces.sorted().joined(separator: ", ")
        }
        if id.isEmpty || id.utf8.count > Self.idLimit { return "an event's id has 1 to \(Self.idLimit) bytes" }
        if bot.isEmpty { return "an event needs the name of a bot" }
        return nil
    }

    /// What the journal knows it by; no message's hash looks like that.
    var hash: String { "occasion-" + key }

    /// What ids of messages that its handler sends are made of.
    var key: String { Identifier.derived("occasion", id) }

    /// What the journal keeps.
    var stanza: Element {
        Element(Self.root.local, Self.root.namespace, ["id": id, "bot": bot, "time": "\(time)"], [element])
    }
}
