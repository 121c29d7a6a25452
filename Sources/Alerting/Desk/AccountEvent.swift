import XMPP

/// One thing that happens to an account's alerts.
enum AccountEvent: Sendable {
    /// A request that a source has read.
    case receive(Intake, route: String, delivery: String)
    /// Somebody writes in chat.
    case command(String, from: Address, thread: String?, id: String)
    /// A message couldn't be delivered.
    case failed(id: String, Contact)
    /// Something else was sent to somebody.
    case otherMessage(Contact)
    /// The alert manager has answered.
    case silenced(SilenceRequest, SilenceOutcome)
    /// The alert manager has answered.
    case unsilenced(UnsilenceRequest, SilenceOutcome)
    /// Time has passed.
    case tick
    /// Time has passed, for what recurs: by itself, so that a schedule that can't be accepted holds up no escalation.
    case schedules

    /// Whether it must not be lost, although nobody waits for it.
    var isKept: Bool { if case .failed = self { true } else { false } }
}

/// What follows from one event.
struct AccountStep: Sendable {
    /// Messages to accept.
    var postings: [Posting] = []
    /// What to remember with them.
    var changes: [AlertChange] = []
    /// Events for handlers, before that.
    var occurrences: [Occurrence] = []
    /// What the alert manager is asked for, after that.
    var silences: [SilenceRequest] = []
    /// Likewise.
    var unsilences: [UnsilenceRequest] = []
    /// Why messages weren't sent.
    var counts: [AlertCount] = []

    /// An event for a handler.
    struct Occurrence: Sendable, Hashable {
        var schedule: String
        var handler: String
        var at: Int64
        var id: String
    }

    mutating func add(_ actions: [AlertAction]) {
        for action in actions {
            switch action {
            case .message(let posting): postings.append(posting)
            case .remember(let change): changes.append(change)
            case .silence(let request): silences.append(request)
            case .unsilence(let request): unsilences.append(request)
            case .counted(let count): counts.append(count)
            case .wake: break
            }
        }
    }

    /// What became of a request.
    var outcome: HookOutcome {
        if !postings.isEmpty { return .told(messages: postings.count, conversation: postings.lazy.compactMap(\.conversation).first) }
        if counts.contains(.folded) { return .folded }
        if counts.contains(.repeated) { return .repeated }
        if counts.contains(.heartbeat) { return .heartbeat }
        if counts.contains(.acknowledged) { return .acknowledged }
        if counts.contains(.muted) { return .muted }
        if counts.contains(.notOpen) { return .nothing("it is over, and wasn't open") }
        if counts.contains(.closed) { return .nothing("it was over already") }
        if counts.contains(.nobody) { return .nothing("the route has nobody to tell") }
        return .nothing("nothing changed")
    }
}

extension [AlertChange] {
    /// The last change of each key: what a batch of several events comes to.
    var compacted: [AlertChange] {
        var last: [String: Int] = [:]
        for (index, change) in enumerated() { last[change.key] = index }
        return enumerated().filter { last[$1.key] == $0 }.map(\.element)
    }
}
