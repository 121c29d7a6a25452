/// The place in the archive from which reading may go on without missing anything (R6).
///
/// While a gap is being closed, a live message is newer than what the gap still holds: its archive id must not be remembered yet, or a
/// crash would leave the gap open. It is kept here until the gap is closed.
public struct ArchiveProgress: Hashable, Sendable {
    private var isCatchingUp: Bool
    private var newest: String?

    /// Begins, at a process's start or with a session that wasn't resumed: there may be a gap.
    public init() {
        isCatchingUp = true
    }

    /// The connection has come back without its session: there may be a gap.
    public mutating func mayHaveGap() {
        isCatchingUp = true
        newest = nil
    }

    /// There is no gap: an account's first start begins at now (R6).
    public mutating func beginsNow() {
        isCatchingUp = false
        newest = nil
    }

    /// Takes in a message that is being stored.
    ///
    /// - Returns: The archive id to remember in the same transaction; `nil` if what is remembered stays.
    public mutating func take(_ message: InboundMessage) -> String? {
        switch message.origin {
        case .archive(let id, _): return isCatchingUp ? id : nil
        case .live, .delayed:
            guard let id = message.archiveID else { return nil }
            guard isCatchingUp else { return id }
            newest = id
            return nil
        }
    }

    /// Takes in that the archive was read to its end, and that what it held is stored: ``Session/catchUp(from:pageSize:)`` has returned.
    ///
    /// - Returns: The archive id to remember; `nil` if what is remembered stays.
    public mutating func caughtUp(_ outcome: ArchiveOutcome) -> String? {
        guard outcome.isComplete, outcome.isStable else { return nil }
        isCatchingUp = false
        defer { newest = nil }
        // Both are safe; the live one is newer, since its server stamped it before it came.
        return newest ?? outcome.last
    }
}
