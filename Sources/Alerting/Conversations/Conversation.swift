/// One alert, or one group of alerts that the sender keeps together: a number, a thread, and what became of it.
///
/// Times are seconds since 1970.
public struct Conversation: Sendable, Hashable, Codable {
    /// Where it stands.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// It asks for somebody.
        case firing
        /// Somebody has said that they see to it.
        case acknowledged
        /// It is over; so is the conversation.
        case resolved
    }

    /// The number by which people name it: of its account, ascending, never given twice.
    public var number: Int
    /// The thread of all its messages.
    public var thread: String
    /// The route that it came by.
    public var route: String
    /// What belongs into it, in its sender's words.
    public var groupKey: String
    /// The source's name.
    public var source: String
    /// What it is about, in one line.
    public var title: String
    /// Where to read on.
    public var link: String?
    /// Where it stands.
    public var state: State
    /// The highest severity that was told.
    public var severity: Severity
    /// When it began.
    public var opened: Int64
    /// When its sender last said something about it.
    public var updated: Int64
    /// When it ended; `nil` while it is open.
    public var closed: Int64?
    /// The alerts in it, in the order in which they came; at most ``ConversationLimits/members``.
    public var members: [Member]
    /// The number that the next alert gets.
    public var nextMember: Int
    /// How many alerts there are besides.
    public var omitted: Int
    /// Labels that all alerts share, for a silence of the whole; `nil` when they are too large to be kept.
    public var commonLabels: [String: String]?
    /// Who sees to it.
    public var acknowledgement: Acknowledgement?
    /// Who got its messages, and which was the last.
    public var told: [Told]
    /// The step of the route's plan that was told last, from 0.
    public var step: Int
    /// When it goes to the next step; `nil` when it doesn't.
    public var escalates: Int64?
    /// How often the plan began anew.
    public var rounds: Int
    /// How many reminders there were.
    public var reminders: Int
    /// People who want none of its reminders and updates, by name, until when.
    public var mutes: [String: Int64]
    /// Silences that were made from here.
    public var silences: [SilenceRecord]
    /// Counts what was said: part of the messages' ids.
    public var ordinal: Int
    /// The last message's text without its number, for who is told later.
    public var text: String
    /// The key of the request that was told last (R28).
    public var lastRepeat: RepeatKey?

    /// One alert of the conversation.
    public struct Member: Sendable, Hashable, Codable {
        /// Which alert it is.
        public var fingerprint: String
        /// Its number within the conversation, from 1: the k of `N.k`.
        public var number: Int
        /// Where it stands.
        public var status: AlertStatus
        /// How urgent it is.
        public var severity: Severity
        /// One line that says it.
        public var title: String
        /// All its labels; `nil` when they are too large to be kept.
        public var labels: [String: String]?
        /// Since when, as its sender says.
        public var starts: Int64?
    }

    /// That somebody sees to it.
    public struct Acknowledgement: Sendable, Hashable, Codable {
        /// Their name.
        public var by: String
        /// When.
        public var at: Int64
        /// What they said about it; often empty.
        public var note: String
    }

    /// Somebody who got messages of the conversation.
    public struct Told: Sendable, Hashable, Codable {
        /// Their name.
        public var person: String
        /// Where.
        public var contact: Contact
        /// The id of the last message of the conversation to them; of a corrected one that of the first form (XEP-0308 § 3).
        public var message: String
        /// When it was made.
        public var at: Int64
    }

    /// Whether it is over.
    public var isClosed: Bool { state == .resolved }
    /// How many of its alerts fire; those that aren't listed count as the whole does.
    public var firing: Int { members.count { $0.status == .firing } + (isClosed ? 0 : omitted) }
}

/// A silence that was made through the alert manager's API.
public struct SilenceRecord: Sendable, Hashable, Codable {
    /// The id that the API gave.
    public var id: String
    /// Who asked for it.
    public var by: String
    /// Until when, in seconds since 1970.
    public var until: Int64
    /// The alert within the conversation that it is for; `nil` for the whole.
    public var member: Int?

    /// Makes a record.
    public init(id: String, by: String, until: Int64, member: Int? = nil) {
        self.id = id
        self.by = by
        self.until = until
        self.member = member
    }
}
