/// A silence that somebody asks for. The caller makes it through the alert manager's API (`POST /api/v2/silences`) with equality matchers.
public struct SilenceRequest: Sendable, Hashable {
    /// What has these labels is silenced; never empty.
    public var matchers: [String: String]
    /// From when, in seconds since 1970.
    public var starts: Int64
    /// Until when.
    public var ends: Int64
    /// Who asks.
    public var author: String
    /// Why.
    public var comment: String
    /// The conversation, and the alert in it, if it is for one.
    public var target: AlertCommand.Target
    /// Who gets the answer.
    public var asker: Recipient
    /// The message that asked: the answer's id follows from it.
    public var cause: String
}

/// The end of silences that somebody asks for (`DELETE /api/v2/silence/ID`, each).
public struct UnsilenceRequest: Sendable, Hashable {
    /// The silences' ids as the API gave them; letters, digits and hyphens only.
    public var ids: [String]
    /// The conversation, if one was named.
    public var conversation: Int?
    /// Who gets the answer.
    public var asker: Recipient
    /// The message that asked.
    public var cause: String
}

/// What the alert manager said.
public enum SilenceOutcome: Sendable, Hashable {
    /// It is done. A new silence has this id.
    case done(id: String)
    /// It isn't, for this reason.
    case failed(String)
}
