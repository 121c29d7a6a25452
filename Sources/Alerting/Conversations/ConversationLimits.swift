/// What an account's conversations keep at most. What is beyond it is counted and told as a count, never dropped in silence.
public struct ConversationLimits: Sendable, Hashable {
    /// How many conversations may be open at once; the messages of more are folded as in a storm.
    public var open = 500
    /// How many alerts of a conversation are kept with their labels; more are counted.
    public var members = 100
    /// How many bytes of labels a member, or the whole, may have; larger ones can't be silenced from chat.
    public var labels = 8192
    /// How many bytes of labels all members of a conversation may have together; those of further ones aren't kept.
    public var allLabels = 65_536
    /// How many closed conversations are kept for `show`.
    public var closed = 500
    /// How long closed conversations are kept, in seconds.
    public var closedFor: Int64 = 7 * 86_400
    /// How long an open conversation may hear nothing from its sender before it is closed, and people are told, in seconds.
    public var staleAfter: Int64 = 14 * 86_400
    /// How many keys of requests are remembered for R28.
    public var repeats = 2_000
    /// How many people a conversation tells.
    public var people = 200
    /// What one message has at most, in Unicode scalars.
    public var message = 6_500
    /// A note or a comment that somebody writes in chat, in Unicode scalars.
    public var note = 500
    /// How many silences a conversation remembers.
    public var silences = 20

    /// How many messages outside of conversations are kept for people with several addresses, until it is clear that they arrive.
    public var sent = 200
    /// How long they are kept, in seconds.
    public var sentFor: Int64 = 3 * 86_400

    /// The limits as documented.
    public init() {}
}
