import XMPP

/// How attempts end.
extension OutboxMachine {
    /// Our server has it.
    mutating func acknowledge(_ number: Int64, _ now: Int64, _ turn: inout Turn) {
        guard let item = items[number], case .inFlight = item.phase else { return }
        var retry: Int64 = 0
        if item.entry.needsReceipt {
            retry = dueAgain(item.entry, .noReceipt, attempts: item.entry.attempts + 1, now) ?? item.entry.expires
            remember(due: retry)
        }
        turn.changes.append(.sent(number: number, at: now, retry: retry))
        turn.steps.append(.settled(number: number, .sent, nil))
        remove(number)
    }

    /// When it goes again after a failure; `nil` if it doesn't.
    private func dueAgain(_ entry: OutboxEntry, _ kind: OutboxFailure.Kind, attempts: Int, _ now: Int64) -> Int64? {
        switch plan.verdict(for: kind, attempts: attempts, fraction: random()) {
        case .dead: nil
        case .retry(let pause), .hold(let pause): max(now + 1, min(now + min(pause, OutboxQuery.longestWait - 1), entry.expires))
        }
    }

    /// An attempt has failed: its class decides what follows.
    mutating func fail(_ entry: OutboxEntry, _ failure: OutboxFailure, _ now: Int64, _ turn: inout Turn) {
        guard entry.expires > now else { return bury(entry, Self.expiry(of: entry), now, &turn) }
        let attempts = failure.kind == .offline ? entry.attempts : entry.attempts + 1
        guard let until = dueAgain(entry, failure.kind, attempts: max(1, attempts), now) else {
            return bury(entry, failure, now, &turn)
        }
        turn.changes.append(
            .waiting(
                number: entry.number,
                isHeld: plan.rules[failure.kind]?.isHeld ?? false,
                failure: failure,
                attempts: attempts,
                until: until
            )
        )
        remove(entry.number)
        block(entry.recipient, after: entry.number)
        queue(entry.recipient)
        remember(due: until)
    }

    /// It becomes a dead letter.
    mutating func bury(_ entry: OutboxEntry, _ failure: OutboxFailure, _ now: Int64, _ turn: inout Turn) {
        turn.changes.append(.dead(number: entry.number, failure: failure, at: now))
        turn.steps.append(.settled(number: entry.number, .dead, failure))
        watch.dead += 1
        let wasHere = items[entry.number] != nil
        remove(entry.number)
        // What waited behind it may go.
        if wasHere { queue(entry.recipient) } else { rewind() }
    }

    /// An error stanza: what was handed over comes back (R10).
    mutating func bounce(_ entry: OutboxEntry, from sender: Address, _ failure: OutboxFailure, _ now: Int64, _ turn: inout Turn) {
        guard sender.bare == entry.recipient.bare else { return }
        if let item = items[entry.number] {
            // Otherwise it is on its way back already.
            guard case .inFlight = item.phase else { return }
            return fail(item.entry, failure, now, &turn)
        }
        switch entry.state {
        case .handed: break
        case .sent: guard let sent = entry.settled, now - sent <= Self.bounceTime else { return }
        case .accepted, .held, .delivered, .dead, .withdrawn: return
        }
        fail(entry, failure, now, &turn)
    }

    /// A receipt: a hint that somebody has it, and for a gateway what we wait for (R10, R25).
    mutating func confirm(_ entry: OutboxEntry, from sender: Address, _ now: Int64, _ turn: inout Turn) {
        let entry = items[entry.number]?.entry ?? entry
        guard sender.bare == entry.recipient.bare, entry.mayHaveLeft, entry.isOpen || entry.state == .sent else { return }
        turn.changes.append(.delivered(number: entry.number, at: now))
        turn.steps.append(.settled(number: entry.number, .delivered, nil))
        release(entry)
    }

    /// The operator tries it again.
    mutating func retry(_ entry: OutboxEntry, expires: Int64, _ turn: inout Turn) {
        guard entry.state == .dead || entry.isOpen, !inFlight.contains(entry.number) else { return }
        turn.changes.append(.retry(number: entry.number, expires: expires))
        release(entry)
        rewind()
    }

    /// It is taken back, as far as that is possible (R14).
    mutating func withdraw(_ entry: OutboxEntry, _ now: Int64, _ turn: inout Turn) {
        let entry = items[entry.number]?.entry ?? entry
        guard entry.isOpen || entry.state == .dead else {
            turn.steps.append(.withdrawal(number: entry.number, entry.state, mayHaveLeft: entry.mayHaveLeft))
            return
        }
        turn.changes.append(.withdrawn(number: entry.number, at: now))
        turn.steps.append(.settled(number: entry.number, .withdrawn, nil))
        turn.steps.append(.withdrawal(number: entry.number, .withdrawn, mayHaveLeft: entry.mayHaveLeft))
        release(entry)
    }

    /// It leaves the window; what waited behind it may go.
    private mutating func release(_ entry: OutboxEntry) {
        if items[entry.number] == nil { rewind() }
        remove(entry.number)
        queue(entry.recipient)
    }
}
