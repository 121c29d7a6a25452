public import OpenPGP

/// What an announcement has done.
public struct Announcement: Hashable, Sendable {
    /// The account's key.
    public var fingerprint: Fingerprint
    /// Whether the key itself was published; `false` if the service had it already.
    public var publishedKey: Bool
    /// Whether the list was published; `false` if it named the key already.
    public var publishedList: Bool
    /// When the list may be put right again, in seconds since 1970, if that had to be postponed (P10).
    public var postponed: Int64?
    /// What an operator should know, such as nodes that strangers can't read.
    public var warnings: [String]

    /// Makes a report.
    public init(
        fingerprint: Fingerprint,
        publishedKey: Bool = false,
        publishedList: Bool = false,
        postponed: Int64? = nil,
        warnings: [String] = []
    ) {
        self.fingerprint = fingerprint
        self.publishedKey = publishedKey
        self.publishedList = publishedList
        self.postponed = postponed
        self.warnings = warnings
    }
}
