import XMPP

/// Time, and what admins hear.
extension OutboxMachine {
    /// What has been told.
    struct Watch: Sendable {
        /// Dead letters that nobody has been told of.
        var dead = 0
        var toldDead: Int64?
        var toldStuck: Int64?
        var isStuck = false
        var summarized: Int64?
        var wake: Int64?
        /// The time of the last event.
        var now: Int64?
    }

    /// Reads again from the start once something is due. Before any query with this time: it would find what is behind the entry that was
    /// waited for, and not the entry itself.
    mutating func keepTime(_ now: Int64) {
        let wasSetBack = watch.now.map { now < $0 - 60 } ?? false
        watch.now = now
        guard wasSetBack || loading.nextDue.map({ $0 <= now }) ?? false else { return }
        loading.nextDue = nil
        watch.wake = nil
        if wasSetBack { loading.pausedUntil = now }
        unpause(until: wasSetBack ? .max : now)
        rewind()
    }

    mutating func tick(_ now: Int64, _ turn: inout Turn) {
        // Also after the clock was set back.
        if watch.summarized.map({ abs(now - $0) >= 60 }) ?? true { summarize(now, &turn) }
        if watch.dead > 0, isTime(watch.toldDead, now) {
            turn.steps.append(.tell(.deadLetters(watch.dead)))
            watch.dead = 0
            watch.toldDead = now
        }
    }

    mutating func summarize(_ now: Int64, _ turn: inout Turn) {
        watch.summarized = now
        turn.steps.append(.summarize(before: now - limits.stuckAfter))
    }

    mutating func note(_ summary: OutboxSummary, _ now: Int64, _ turn: inout Turn) {
        lastOrder = max(lastOrder ?? 0, summary.lastOrder)
        if let learnt = summary.learntLimit { learntLimit = min(learntLimit ?? learnt, learnt) }
        loading.firstExpiry = summary.firstExpiry
        if summary.late > 0, isTime(watch.toldStuck, now) {
            turn.steps.append(.tell(.stuck(summary.late)))
            watch.toldStuck = now
            watch.isStuck = true
        } else if summary.late == 0, watch.isStuck {
            turn.steps.append(.tell(.flowing))
            watch.isStuck = false
            watch.toldStuck = nil
        }
    }

    private func isTime(_ last: Int64?, _ now: Int64) -> Bool {
        last.map { abs(now - $0) >= limits.noticePause } ?? true
    }

    mutating func setTimer(_ turn: inout Turn) {
        guard let due = loading.nextDue, due != watch.wake else { return }
        watch.wake = due
        turn.steps.append(.wake(at: due))
    }
}
