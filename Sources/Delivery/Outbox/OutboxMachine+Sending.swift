import XMPP

/// Sealing and handing over.
extension OutboxMachine {
    /// Starts what can be started.
    mutating func pump(_ now: Int64, _ turn: inout Turn) {
        guard isOnline, lastOrder != nil else { return }
        while let number = careful?.first {
            guard inFlight.isEmpty else { return }
            guard let item = items[number] else {
                careful?.removeFirst()
                continue
            }
            if case .waiting = item.phase {
                if isPaused(item.entry.recipient, now) { return }
                begin(number, now, &turn)
            }
            // Given up as too old: the next one.
            guard let phase = items[number]?.phase else { continue }
            if case .sealing = phase { return }
            handOver(number, now, &turn)
        }
        if careful != nil {
            careful = nil
            for recipient in lanes.keys.sorted(by: { $0.description < $1.description }) { queue(recipient) }
        }
        startSealing(now, &turn)
        drain(now, &turn)
    }

    /// Puts a recipient in line if it has something to be sealed.
    mutating func queue(_ recipient: Address) {
        if careful == nil { promote(recipient) }
        guard let lane = lanes[recipient], !lane.isInRotation, lane.sealing < limits.recipientSealing, nextWaiting(lane) != nil else {
            return
        }
        lanes[recipient]?.isInRotation = true
        rotation.append(recipient)
    }

    private func nextWaiting(_ lane: Lane) -> Int64? {
        lane.numbers.first { number in
            if case .waiting = items[number]?.phase { return true }
            return false
        }
    }

    private mutating func startSealing(_ now: Int64, _ turn: inout Turn) {
        while sealing < limits.sealing, sealing + ready + inFlight.count < limits.inFlight, let recipient = rotation.first {
            rotation.removeFirst()
            lanes[recipient]?.isInRotation = false
            guard !isPaused(recipient, now), let lane = lanes[recipient], lane.sealing < limits.recipientSealing,
                let number = nextWaiting(lane)
            else { continue }
            begin(number, now, &turn)
            promote(recipient)
            queue(recipient)
        }
    }

    /// Has an entry sealed, unless the store has bytes of it that are young (R9).
    private mutating func begin(_ number: Int64, _ now: Int64, _ turn: inout Turn) {
        guard let entry = items[number]?.entry else { return }
        guard entry.expires > now else { return bury(entry, Self.expiry(of: entry), now, &turn) }
        if let time = entry.sealedTime, Self.isFresh(time, now) {
            items[number]?.phase = .ready(nil)
            ready += 1
            return
        }
        items[number]?.phase = .sealing
        sealing += 1
        lanes[entry.recipient]?.sealing += 1
        turn.steps.append(.seal(entry))
    }

    /// It could not be sealed because the line was gone: no attempt, nothing that another process has to know, and no reason to wait once the
    /// account is online again.
    mutating func pause(_ entry: OutboxEntry, _ now: Int64) {
        let recipient = entry.recipient
        let pauses = (items[entry.number]?.pauses ?? 0) + 1
        items[entry.number]?.phase = .waiting
        items[entry.number]?.pauses = pauses
        sealing -= 1
        lanes[recipient]?.sealing -= 1
        guard isOnline, case .retry(let pause) = plan.verdict(for: .offline, attempts: pauses, fraction: random()) else {
            return queue(recipient)
        }
        lanes[recipient]?.pausedUntil = now + pause
        remember(due: now + pause)
    }

    /// Ends the pauses that are over at a time.
    mutating func unpause(until time: Int64) {
        for recipient in lanes.filter({ (1...time).contains($0.value.pausedUntil) }).keys.sorted(by: { $0.description < $1.description }) {
            lanes[recipient]?.pausedUntil = 0
            queue(recipient)
        }
    }

    private func isPaused(_ recipient: Address, _ now: Int64) -> Bool {
        lanes[recipient].map { $0.pausedUntil > now } ?? false
    }

    mutating func take(_ sealed: OutboxSealed, for number: Int64, _ now: Int64, _ turn: inout Turn) {
        guard let item = items[number], case .sealing = item.phase else { return }
        let recipient = item.entry.recipient
        sealing -= 1
        lanes[recipient]?.sealing -= 1
        // Sealed late (R9): for a connection that is gone it is too early.
        guard isOnline else {
            items[number]?.phase = .waiting
            return queue(recipient)
        }
        items[number]?.phase = .ready(sealed)
        ready += 1
        queue(recipient)
    }

    /// Puts what is ready in line for the hand-over, up to the first that isn't.
    private mutating func promote(_ recipient: Address) {
        for number in lanes[recipient]?.numbers ?? [] {
            switch items[number]?.phase {
            case .inFlight, .queued: continue
            case .ready(let sealed):
                items[number]?.phase = .queued(sealed)
                outgoing.append(number)
            case .waiting, .sealing, nil: return
            }
        }
    }

    /// Hands over what is in line, as long as nothing has to go alone (R11).
    private mutating func drain(_ now: Int64, _ turn: inout Turn) {
        while let number = outgoing.first {
            guard let item = items[number], case .queued(let sealed) = item.phase else {
                outgoing.removeFirst()
                continue
            }
            let size = sealed?.size ?? item.entry.sealedSize ?? 0
            if !inFlight.isEmpty {
                if inFlightBytes + size > limits.inFlightBytes { return }
                if goesAlone(size) || inFlight.contains(where: { goesAlone(items[$0]?.entry.sealedSize ?? 0) }) { return }
            }
            outgoing.removeFirst()
            handOver(number, now, &turn)
        }
    }

    private func goesAlone(_ size: Int) -> Bool {
        announcedLimit == nil && learntLimit == nil && size > Self.aloneAbove
    }

    private mutating func handOver(_ number: Int64, _ now: Int64, _ turn: inout Turn) {
        guard var item = items[number] else { return }
        let sealed: OutboxSealed?
        switch item.phase {
        case .ready(let bytes), .queued(let bytes): sealed = bytes
        case .waiting, .sealing, .inFlight: return
        }
        guard let time = sealed?.time ?? item.entry.sealedTime, Self.isFresh(time, now) else { return sealAnew(item.entry) }
        let size = sealed?.size ?? item.entry.sealedSize ?? 0
        if let limit = announcedLimit, size > limit { return bury(item.entry, Self.tooBig(size, limit), now, &turn) }
        if let limit = learntLimit, size >= limit { return bury(item.entry, Self.tooBig(size, limit), now, &turn) }
        let order = item.entry.order ?? (lastOrder ?? 0) + 1
        lastOrder = max(lastOrder ?? 0, order)
        if sealed != nil || item.entry.state != .handed {
            turn.changes.append(.handed(number: number, sealed: sealed, order: order))
        }
        turn.steps.append(.send(item.entry, sealed))
        item.entry.state = .handed
        item.entry.order = order
        item.entry.sealedTime = time
        item.entry.sealedSize = size
        item.phase = .inFlight
        items[number] = item
        ready -= 1
        inFlight.insert(number)
        inFlightBytes += size
    }

    /// Its bytes have become old while they waited; what is behind it waits with it.
    private mutating func sealAnew(_ entry: OutboxEntry) {
        items[entry.number]?.phase = .waiting
        items[entry.number]?.entry.sealedTime = nil
        ready -= 1
        for later in lanes[entry.recipient]?.numbers ?? [] where later > entry.number {
            if case .queued(let sealed) = items[later]?.phase { items[later]?.phase = .ready(sealed) }
        }
        queue(entry.recipient)
    }

    /// The connection is gone: everything goes again, in its order.
    mutating func cutOff(_ cut: Cut, _ now: Int64, _ turn: inout Turn) {
        isOnline = false
        announcedLimit = nil
        let unacknowledged = inFlight.compactMap { items[$0]?.entry }.sorted { ($0.order ?? 0, $0.number) < ($1.order ?? 0, $1.number) }
        if cut == .policyViolation, !unacknowledged.isEmpty { suspect(unacknowledged, now, &turn) }
        inFlight = []
        inFlightBytes = 0
        ready = 0
        outgoing.removeAll()
        for (number, item) in items {
            if case .sealing = item.phase { continue }
            items[number]?.phase = .waiting
        }
        for recipient in lanes.keys.sorted(by: { $0.description < $1.description }) { queue(recipient) }
    }

    /// One of these may have ended the stream (R11).
    private mutating func suspect(_ entries: [OutboxEntry], _ now: Int64, _ turn: inout Turn) {
        guard careful != nil, entries.count == 1, let entry = entries.first else {
            careful = entries.map(\.number)
            return
        }
        // No server may take less than 10,000 bytes (RFC 6120 § 13.12): a small one was refused for another reason.
        let size = entry.sealedSize ?? 0
        guard size > 10_000 else {
            return fail(
                entry,
                OutboxFailure(.serverPolicy, "the server ended the stream with policy-violation when it was sent"),
                now,
                &turn
            )
        }
        learntLimit = min(learntLimit ?? size, size)
        turn.changes.append(.learnt(account: account, limit: size))
        bury(entry, Self.tooBig(size, nil), now, &turn)
    }

    static func isFresh(_ time: Int64, _ now: Int64) -> Bool {
        (0..<freshness).contains(now - time)
    }

    static func tooBig(_ size: Int, _ limit: Int?) -> OutboxFailure {
        let cause = limit.map { "the server takes less than \($0) bytes or so" } ?? "the server ended the stream when it was sent"
        return OutboxFailure(.tooBig, "its stanza has \(size) bytes; \(cause)")
    }

    static func expiry(of entry: OutboxEntry) -> OutboxFailure {
        let before = entry.failure.map { "; before that, \($0)" } ?? ""
        return OutboxFailure(.expired, "its time is over\(before)")
    }
}
