/// A message outside of conversations to somebody with several addresses: kept, so that the next address gets it when this one can't be reached.
public struct SentNote: Sendable, Hashable, Codable {
    /// The message's id.
    public var id: String
    /// To whom, and where.
    public var recipient: Recipient
    /// The text.
    public var text: String
    /// The thread.
    public var thread: String?
    /// The conversation in whose thread it was said, if it was.
    public var conversation: Int?
    /// When, in seconds since 1970.
    public var at: Int64
}
