import Oxbow
import XMPP

extension StatusPage {
    /// What happened last.
    var eventsSection: Markup {
        guard !recent.isEmpty else {
            return "<section><h2>Last events</h2><p class=\"card empty\">Nothing has happened since the start.</p></section>"
        }
        let rows = Markup(recent.prefix(Self.lines).map(row))
        return "<section><h2>Last events</h2><div class=\"card\"><ul class=\"rows events\">\(rows)</ul></div></section>"
    }

    private func row(_ event: RecentEvent) -> Markup {
        let place: Markup? = event.bot.map { bot in
            "at <bdi>\(bot)</bdi>\(event.handler.map { " <bdi>\($0)</bdi>" as Markup })"
        }
        return """
            <li>\(time.markup(event.time))<span class="mark \(Self.kind(of: event))">\(Self.words(event.what))</span>\
            <span>\(Self.joined(peer(event), place, event.reason.map { "<bdi>\($0)</bdi>" }))</span>\
            <span class="quiet"><bdi>\(event.account.description)</bdi>\(event.message.map { " <code>\($0)</code>" as Markup })</span></li>

            """
    }

    /// Who, where and why, as far as they are known.
    private static func joined(_ peer: Markup?, _ place: Markup?, _ reason: Markup?) -> Markup {
        let known = [peer, place].compactMap { $0 }
        var text = Markup()
        for (index, part) in known.enumerated() { text += index == 0 ? part : " \(part)" }
        guard let reason else { return text }
        return known.isEmpty ? reason : "\(text): \(reason)"
    }

    private func peer(_ event: RecentEvent) -> Markup? {
        guard let peer = event.peer else { return nil }
        return event.what == .sent || event.what == .dead ? "to <bdi>\(peer.description)</bdi>" : "from <bdi>\(peer.description)</bdi>"
    }

    private static func words(_ what: RecentEvent.What) -> String { what == .dead ? "given up" : what.rawValue }

    private static func kind(of event: RecentEvent) -> String {
        switch event.what {
        case .refused, .disconnected: "warn"
        case .dead: "bad"
        case .handled where event.reason != nil && event.reason != "done": "warn"
        default: "plain"
        }
    }
}
