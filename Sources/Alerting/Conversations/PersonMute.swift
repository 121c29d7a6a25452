/// Somebody who wants quiet for a while; what they missed is counted, and told at its end.
public struct PersonMute: Sendable, Hashable, Codable {
    /// Their name.
    public var person: String
    /// Where they are told at its end.
    public var contact: Contact
    /// Until when, in seconds since 1970.
    public var until: Int64
    /// How many messages they missed.
    public var missed: Int
    /// The conversations they were of; the first ``listLimit``.
    public var conversations: [Int]

    /// How many conversations are listed.
    public static let listLimit = 20
}
