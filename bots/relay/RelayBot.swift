import Logging
public import Oxbow
import Synchronization
import XMPP

/// Carries messages between people on XMPP and people behind gateways: opens what comes from the one, names the sender, and seals it anew to
/// the other. It reads all of it.
///
/// Each rule joins two people. Threads are kept, and a mail's subject goes on with its thread. Files stay behind, and are named. What is in a
/// loop is not carried: our own text that comes back, a thread of ours from the wrong side, or more relays on the way than `hops` (told by
/// the thread's mark, and by the names before the text where threads were lost). A loop isn't answered, since that would feed it;
/// it is counted (`oxbow_relay_total`) and logged.
public final class RelayBot: Handler {
    private struct State {
        var conversations = Conversations()
        var watch = LoopWatch()
        var windows: [Int: Window] = [:]
    }

    /// A rule's rate: a window that begins with its first message.
    private struct Window {
        var end: Duration
        var count = 0
    }

    /// A message as it goes out.
    private struct Letter {
        var text: String
        var subject: String?
        var thread: String
        var references: [String] = []
    }

    private enum Permission { case granted, tell, silent }

    private let rules: RelayRules
    private let settings: ModuleSettings
    private let elapsed: @Sendable () -> Duration
    private let state = Mutex(State())

    /// Makes a relay for one account.
    ///
    /// - Throws: ``Oxbow/ModuleSettingsError`` if the rules are wrong.
    public convenience init(_ settings: ModuleSettings) throws {
        let start = ContinuousClock.now
        try self.init(settings) { start.duration(to: .now) }
    }

    /// The same with a clock of the test's own.
    init(_ settings: ModuleSettings, elapsed: @escaping @Sendable () -> Duration) throws {
        rules = try RelayRules(settings)
        self.settings = settings
        self.elapsed = elapsed
    }

    /// Judges the settings, for `oxbow check`.
    ///
    /// - Throws: ``Oxbow/ModuleSettingsError``.
    public static func check(_ settings: ModuleSettings) throws { _ = try RelayRules(settings) }

    /// Carries one message to all whom the rules name.
    public func handle(_ event: Event, _ context: any HandlerContext) async throws {
        let routes = rules.routes(from: event.sender.bare)
        guard !routes.isEmpty else { return count("no-rule") }
        guard !event.isAutomatic || rules.carriesAutomatic else { return count("automatic") }
        if let loop = loop(event) { return report(loop, event) }
        var failure: (any Error)?
        for route in routes {
            do {
                try await carry(event, route, context)
            } catch {
                failure = error
                count("failed")
            }
        }
        if let failure { throw failure }
    }

    // MARK: one message

    private func carry(_ event: Event, _ route: RelayRules.Route, _ context: any HandlerContext) async throws {
        switch permission(route) {
        case .granted: break
        case .tell:
            report(rate: route)
            return try await context.reply("Not carried: too many messages at once. Try again later.")
        case .silent: return count("rate")
        }
        let letter = letter(event, route)
        try await context.send(
            .message(letter.text, subject: letter.subject, references: letter.references),
            to: route.to.address,
            thread: letter.thread
        )
        count("carried")
    }

    /// What goes out. It is remembered before it goes: an answer may be here before the sending returns.
    private func letter(_ event: Event, _ route: RelayRules.Route) -> Letter {
        let side = Conversations.Side(end: route.from.address, partner: route.to.address)
        return state.withLock { state in
            let (here, there) = threads(event, route, side, state.conversations)
            let known = state.conversations.subject(of: here, at: side)
            let said = event.subject.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
            let bare = said.map(Self.withoutReply) ?? known
            let text = RelayedText(
                name: route.from.name,
                text: event.text,
                subject: !route.to.isLegacy && bare != known ? said : nil,
                isVerified: event.isVerified,
                files: event.attachments
            ).text
            state.watch.note(text, to: route.to.address)
            let first = bare ?? (route.to.isLegacy ? "Message from \(route.from.name)" : nil)
            state.conversations.join(here, at: side, with: there, subject: first)
            state.conversations.note(event.references, in: here, at: side)
            guard route.to.isLegacy else { return Letter(text: text, thread: there) }
            let back = Conversations.Side(end: side.partner, partner: side.end)
            return Letter(
                text: text,
                subject: first.map { $0 == known ? "Re: " + $0 : $0 },
                thread: there,
                references: state.conversations.references(of: there, at: back)
            )
        }
    }

    /// The message's thread at its own end, and the one that it gets at the other.
    private func threads(
        _ event: Event,
        _ route: RelayRules.Route,
        _ side: Conversations.Side,
        _ conversations: Conversations
    ) -> (here: String, there: String) {
        let leg = RelayThread.leg(of: settings.account, to: route.to.address)
        let given = event.thread.flatMap { $0.isEmpty ? nil : $0 } ?? conversations.latest(at: side)
        let here = given ?? "\(settings.account.domain).\(UInt64.random(in: .min ... .max))"
        if let known = conversations.partner(of: here, at: side) { return (here, known) }
        let mark = RelayThread(here)
        let isReply = mark?.leg == RelayThread.leg(of: settings.account, to: route.from.address)
        let hops = max(mark.map { isReply ? $0.hops : $0.hops + 1 } ?? 1, RelayedText.names(before: event.text) + 1)
        let there = RelayThread(hops: hops, leg: leg, conversation: here, domain: settings.account.domain)
        return (here, there.text)
    }

    private static func withoutReply(_ subject: String) -> String {
        var rest = subject[...]
        while let colon = rest.firstIndex(of: ":"),
            ["re", "aw", "antw", "sv", "tr", "fwd", "fw", "wg"].contains(rest[..<colon].lowercased())
        {
            rest = rest[rest.index(after: colon)...].drop(while: \.isWhitespace)
        }
        return String(rest)
    }

    // MARK: limits

    private func loop(_ event: Event) -> Loop? {
        let sender = event.sender.bare
        if state.withLock({ $0.watch.isEcho(event.text, from: sender) }) { return .echo }
        if let mark = event.thread.flatMap({ RelayThread($0) }), mark.leg != RelayThread.leg(of: settings.account, to: sender) {
            let legs = rules.ends.map { RelayThread.leg(of: settings.account, to: $0) }
            if legs.contains(mark.leg) { return .cameRound }
            if mark.hops >= rules.hops { return .hops }
        }
        return RelayedText.names(before: event.text) >= rules.hops ? .hops : nil
    }

    private func permission(_ route: RelayRules.Route) -> Permission {
        let now = elapsed()
        return state.withLock { state in
            var window = state.windows[route.rule] ?? Window(end: now + rules.rate.window)
            if window.end <= now { window = Window(end: now + rules.rate.window) }
            if window.count <= rules.rate.count { window.count += 1 }
            let before = state.windows[route.rule]
            state.windows[route.rule] = window
            if window.count <= rules.rate.count { return .granted }
            return before?.end == window.end && before?.count == window.count ? .silent : .tell
        }
    }

    // MARK: telling

    private func report(_ loop: Loop, _ event: Event) {
        settings.counters.add("oxbow_relay_total", labels("loop", reason: loop.rawValue))
        settings.logger.warning(
            "A message was not relayed: it is in a loop.",
            metadata: ["reason": "\(loop.rawValue)", "from": "\(event.sender.bare)"]
        )
    }

    private func report(rate route: RelayRules.Route) {
        count("rate")
        settings.logger.warning(
            "A rule of the relay carries nothing more for now: its rate is used up.",
            metadata: ["from": "\(route.from.address)", "to": "\(route.to.address)"]
        )
    }

    private func count(_ outcome: String) { settings.counters.add("oxbow_relay_total", labels(outcome)) }

    private func labels(_ outcome: String, reason: String? = nil) -> [String: String] {
        var labels = ["account": "\(settings.account)", "bot": settings.bot, "outcome": outcome]
        labels["reason"] = reason
        return labels
    }
}
