/// How often our key is put back onto a list that another client of the account has overwritten (P10): two clients that both do so without
/// a limit would play ping-pong for ever.
struct ReannounceLimit: Hashable, Sendable {
    private var last: Int64?
    private var wait: Int64 = Self.shortest

    /// Ten minutes, doubled each time, up to a day; a quiet day starts over.
    static let shortest: Int64 = 600
    static let longest: Int64 = 86_400

    /// When the next announcement is allowed, or `nil` if it is now.
    func postponed(at now: Int64) -> Int64? {
        guard let last, last <= now, now < last + wait else { return nil }
        return last + wait
    }

    /// Takes note of an announcement.
    mutating func announced(at now: Int64) {
        if let last, last <= now, now - last < Self.longest + wait { wait = min(wait * 2, Self.longest) } else { wait = Self.shortest }
        last = now
    }
}
