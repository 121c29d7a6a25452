import XMPP

/// What there is to see of alerts at one time: for the status page, for metrics, for `oxbow status`. All texts are harmless and bounded; times are in
/// seconds since 1970.
public struct AlertsReport: Sendable, Hashable, Codable {
    /// When it was made.
    public var at: Int64
    /// Open conversations, what nobody sees to first; at most ``conversationLimit``.
    public var conversations: [OpenConversation]
    /// How many are open in all.
    public var open: Int
    /// How many of them nobody sees to.
    public var unacknowledged: Int
    /// Silences that were made from chat and last, also of conversations that are over; the first to end first, at most ``conversationLimit``.
    public var silences: [Silence]
    /// People who want quiet, by name.
    public var mutes: [Mute]
    /// The routes, by name.
    public var routes: [Route]
    /// The heartbeats that are waited for, by name.
    public var heartbeats: [Heartbeat]
    /// The schedules, by name.
    public var schedules: [Schedule]

    /// How many conversations are listed.
    public static let conversationLimit = 200

    /// Makes a report.
    public init(
        at: Int64,
        conversations: [OpenConversation] = [],
        open: Int = 0,
        unacknowledged: Int = 0,
        silences: [Silence] = [],
        mutes: [Mute] = [],
        routes: [Route] = [],
        heartbeats: [Heartbeat] = [],
        schedules: [Schedule] = []
    ) {
        self.at = at
        self.conversations = conversations
        self.open = open
        self.unacknowledged = unacknowledged
        self.silences = silences
        self.mutes = mutes
        self.routes = routes
        self.heartbeats = heartbeats
        self.schedules = schedules
    }

    /// An open conversation.
    public struct OpenConversation: Sendable, Hashable, Codable {
        /// The account (bare JID) whose number it is.
        public var account: String
        /// Its number.
        public var number: Int
        /// What it is about; one line of at most 250 characters.
        public var title: String
        /// How severe it is: `critical`, `error`, `warning`, `info` or `unstated`.
        public var severity: String
        /// `firing` or `acknowledged`.
        public var state: String
        /// When it began.
        public var since: Int64
        /// When its sender last said something about it.
        public var updated: Int64
        /// Who sees to it.
        public var acknowledgedBy: String?
        /// The route that it came by.
        public var route: String
        /// How many of its alerts fire.
        public var firing: Int
        /// How many people were told.
        public var told: Int
        /// When the next people are told; `nil` when nobody is.
        public var escalates: Int64?
    }

    /// A silence that was made from chat, as far as is known here: in the alert manager somebody may have ended it.
    public struct Silence: Sendable, Hashable, Codable {
        /// The account (bare JID) whose conversation it is of.
        public var account: String
        /// The conversation's number.
        public var number: Int
        /// The alert within the conversation; `nil` for the whole.
        public var member: Int?
        /// The id that the alert manager gave.
        public var id: String
        /// Who asked for it.
        public var by: String
        /// Until when.
        public var until: Int64
    }

    /// Somebody who wants quiet.
    public struct Mute: Sendable, Hashable, Codable {
        /// Their name.
        public var person: String
        /// The account (bare JID) that they don't hear.
        public var account: String
        /// Until when.
        public var until: Int64
        /// How many messages they have missed.
        public var missed: Int
    }

    /// A route.
    public struct Route: Sendable, Hashable, Codable {
        /// Its name.
        public var name: String
        /// Its source's name.
        public var source: String
        /// The account (bare JID) that tells.
        public var account: String
        /// How many of its conversations fire and nobody sees to them.
        public var firing: Int
        /// How many are acknowledged.
        public var acknowledged: Int
    }

    /// A heartbeat that is waited for.
    public struct Heartbeat: Sendable, Hashable, Codable {
        /// Its name.
        public var name: String
        /// The route by which it comes.
        public var route: String
        /// When it came last; `nil` before the first.
        public var last: Int64?
        /// How long it may stay away, in seconds.
        public var within: Int64
        /// Whether it stays away, and people were told.
        public var isMissing: Bool
    }

    /// A schedule.
    public struct Schedule: Sendable, Hashable, Codable {
        /// Its name.
        public var name: String
        /// The account (bare JID).
        public var account: String
        /// When it is due next; `nil` when never.
        public var next: Int64?
        /// When it was due last, as far as is remembered.
        public var last: Int64?
    }
}

extension AlertsReport {
    mutating func add(_ state: AccountState, account: Address, sources: [String: String]) {
        let (machine, account) = (state.conversations, "\(account)")
        let open = machine.openConversations
        self.open += open.count
        unacknowledged += open.count { $0.state == .firing }
        for conversation in machine.conversations.values {
            silences += conversation.silences.filter { at < $0.until }.map {
                Silence(account: account, number: conversation.number, member: $0.member, id: $0.id, by: $0.by, until: $0.until)
            }
        }
        mutes += machine.mutes.values.filter { at < $0.until }.map {
            Mute(person: $0.person, account: account, until: $0.until, missed: $0.missed)
        }
        conversations += open.map { OpenConversation($0, account: account) }
        for route in machine.routes.keys {
            let own = open.filter { $0.route == route }
            routes.append(
                Route(
                    name: route,
                    source: sources[route] ?? "",
                    account: account,
                    firing: own.count { $0.state == .firing },
                    acknowledged: own.count { $0.state == .acknowledged }
                )
            )
        }
        for watch in machine.heartbeats.values {
            let (rule, state) = (watch.rule, watch.state)
            heartbeats.append(
                Heartbeat(name: rule.name, route: rule.route, last: state.last, within: rule.within, isMissing: state.isMissing)
            )
        }
        for (name, times) in state.schedules.times {
            schedules.append(Schedule(name: name, account: account, next: times.next, last: times.last))
        }
    }

    mutating func sort() {
        conversations.sort { left, right in
            func rank(_ one: OpenConversation) -> (Int, Int, Int64) {
                (one.state == "firing" ? 0 : 1, -(Severity.allCases.firstIndex { "\($0)" == one.severity } ?? 0), -one.since)
            }
            return rank(left) < rank(right)
        }
        conversations.removeLast(max(conversations.count - Self.conversationLimit, 0))
        silences.sort { ($0.until, $0.id) < ($1.until, $1.id) }
        silences.removeLast(max(silences.count - Self.conversationLimit, 0))
        mutes.sort { ($0.person, $0.account) < ($1.person, $1.account) }
        routes.sort { $0.name < $1.name }
        heartbeats.sort { $0.name < $1.name }
        schedules.sort { ($0.name, $0.account) < ($1.name, $1.account) }
    }
}

extension AlertsReport.OpenConversation {
    init(_ conversation: Conversation, account: String) {
        self.init(
            account: account,
            number: conversation.number,
            title: conversation.title,
            severity: "\(conversation.severity)",
            state: conversation.state.rawValue,
            since: conversation.opened,
            updated: conversation.updated,
            acknowledgedBy: conversation.acknowledgement?.by,
            route: conversation.route,
            firing: conversation.firing,
            told: Set(conversation.told.map(\.person)).count,
            escalates: conversation.state == .firing ? conversation.escalates : nil
        )
    }
}
