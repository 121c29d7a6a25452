import NIOCore

/// Decides whether the server is still there: after a while of silence it is asked, and without any answer the link is dead.
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

    private let limits: Limits
    private var heard: NIODeadline
    private var asked: NIODeadline?

    init(_ limits: Limits, now: NIODeadline) {
        self.limits = limits
        heard = now
    }

    /// Bytes have come.
    mutating func heard(at now: NIODeadline) {
        heard = now
        asked = nil
    }

    /// When to ask for a verdict next.
    var deadline: NIODeadline {
        if let asked { asked + limits.answer } else { heard + limits.silence }
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
