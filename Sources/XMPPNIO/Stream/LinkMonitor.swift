import NIOCore

/// Decides whether the server is still there: after a while of silence it is asked, and without any answer the link is dead. What is asked
/// anyway, behind a stanza (XEP-0198), counts as well: who has something to say learns sooner that nobody listens.
///
/// A TCP connection through a NAT or to a machine that lost power stays "open" for hours; only traffic tells.
struct LinkMonitor: Sendable {
    /// How long a server may be silent, and how long it may take to answer.
    struct Limits: Hashable, Sendable {
        /// After that much silence the server is asked.
        var silence: TimeAmount
        /// The time for an answer; anything that comes counts as one.
        var answer: TimeAmount
    }

    /// What to do at a deadline.
    enum Verdict: Hashable, Sendable {
        case wait
        case ask
        case dead
    }

    /// How fast a server is expected to read at least, in bytes a second. Prosody's own configuration lets a client send 10,000.
    static let rate: Int64 = 8 << 10

    private let limits: Limits
    private var heard: NIODeadline
    private var asked: NIODeadline?
    /// When a server that reads as slowly as may be has read everything that was written.
    private var drained: NIODeadline

    init(_ limits: Limits, now: NIODeadline) {
        self.limits = limits
        heard = now
        drained = now
    }

    /// Bytes are being written: what is asked behind them can't be answered before they have been read.
    mutating func wrote(_ bytes: Int, at now: NIODeadline) {
        drained = max(drained, now) + Self.allowance(for: bytes)
    }

    /// The time that a slow server needs for so many bytes.
    static func allowance(for bytes: Int) -> TimeAmount { .milliseconds(Int64(bytes) * 1_000 / rate) }

    /// The server has been asked for something that it answers at once.
    ///
    /// - Returns: Whether ``deadline`` has changed: not if an answer is awaited already.
    mutating func asked(at now: NIODeadline) -> Bool {
        guard asked == nil else { return false }
        asked = now
        return true
    }

    /// Nothing is asked any more: the answer has come.
    ///
    /// - Returns: Whether ``deadline`` has changed.
    mutating func answered(at now: NIODeadline) -> Bool {
        guard asked != nil else { return false }
        heard(at: now)
        return true
    }

    /// Bytes have come.
    mutating func heard(at now: NIODeadline) {
        heard = now
        asked = nil
    }

    /// When to ask for a verdict next.
    var deadline: NIODeadline {
        if let asked { max(asked, drained) + limits.answer } else { heard + limits.silence }
    }

    /// The verdict at ``deadline`` or later.
    ///
    /// - Parameter isReading: Whether bytes could have come in at all; our own back-pressure is no sign of death.
    mutating func verdict(at now: NIODeadline, isReading: Bool) -> Verdict {
        guard isReading else {
            heard(at: now)
            return .wait
        }
        guard now >= deadline else { return .wait }
        guard asked == nil else { return .dead }
        asked = now
        return .ask
    }
}
