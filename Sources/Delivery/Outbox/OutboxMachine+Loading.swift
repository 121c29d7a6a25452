import XMPP

/// The window: which entries are in memory.
extension OutboxMachine {
    /// How far the store has been read.
    struct Loading: Sendable {
        /// Everything due up to this number has been seen, but for partial lanes.
        var cursor: Int64 = 0
        /// Whether there may be more after it.
        var hasMore = true
        /// The query that is under way.
        var query: OutboxQuery?
        /// Whether the last query was for one recipient.
        var wasOwnPage = false
        /// Whether the reading starts anew once that has been answered.
        var isRewound = false
        /// What has been changed since the query was asked: its answer may not know.
        var touched: Set<Int64> = []
        /// Recipients that have been made to wait since then.
        var blocked: Set<Address> = []
        /// After a failure, no query before this time.
        var pausedUntil: Int64 = 0
        /// When the next one that waits is due.
        var nextDue: Int64?
        /// When the first open one expires, as of the last summary.
        var firstExpiry: Int64?
    }

    /// Reads again from the start: something that was not due may be so now.
    mutating func rewind() {
        loading.cursor = 0
        loading.hasMore = true
        loading.isRewound = loading.query != nil
        for recipient in lanes.keys { lanes[recipient]?.readThrough = 0 }
    }

    /// Notes that something is due at a time.
    mutating func remember(due time: Int64) {
        loading.nextDue = min(loading.nextDue ?? time, time)
    }

    /// Asks the store for more, if there is room and may be more.
    mutating func load(_ now: Int64, _ turn: inout Turn) {
        guard loading.query == nil, lastOrder != nil, now >= loading.pausedUntil, let query = nextQuery(now) else { return }
        loading.query = query
        // What is accepted while the page is being read sets this again.
        if query.recipient == nil, case .due = query.wish { loading.hasMore = false }
        loading.touched = []
        loading.blocked = []
        turn.steps.append(.load(query))
    }

    private mutating func nextQuery(_ now: Int64) -> OutboxQuery? {
        if let expiry = loading.firstExpiry, expiry <= now {
            return OutboxQuery(.expired(now: now), account: account, limit: limits.page)
        }
        guard isOnline else { return nil }
        let partial = lanes.filter { $0.value.isPartial }
        let room = limits.window - items.count
        // With too many to be left out, the others wait until one of them is read to its end.
        let wantsMore = loading.hasMore && room >= max(1, limits.window / 8) && partial.count <= OutboxQuery.exclusionLimit
        let hungry = partial.first { $0.value.numbers.count <= limits.recipientWindow / 4 }
        // In turn, so that recipients with much don't keep out those with little.
        if let (recipient, lane) = hungry, !wantsMore || !loading.wasOwnPage {
            loading.wasOwnPage = true
            let window = room > limits.window / 2 ? limits.recipientWindow : limits.recipientWindow / 2
            let limit = max(1, window - lane.numbers.count)
            return OutboxQuery(.due(now: now), account: account, recipient: recipient, after: lane.readThrough, limit: limit)
        }
        guard wantsMore else { return nil }
        loading.wasOwnPage = false
        return OutboxQuery(
            .due(now: now),
            account: account,
            excluding: partial.keys.sorted { $0.description < $1.description },
            after: loading.cursor,
            limit: max(1, min(limits.page, room))
        )
    }

    mutating func loadFailed(_ now: Int64) {
        loading.query = nil
        loading.pausedUntil = now + 5
        rewind()
        remember(due: loading.pausedUntil)
    }

    mutating func loaded(_ query: OutboxQuery, _ page: OutboxPage, _ now: Int64, _ turn: inout Turn) {
        guard query == loading.query else { return }
        loading.query = nil
        if let next = page.nextDue { remember(due: next) }
        if case .expired = query.wish {
            expire(page, now, &turn)
        } else {
            for entry in page.entries { admit(entry, isOwnPage: query.recipient != nil, now, &turn) }
            note(query, page)
        }
        loading.isRewound = false
    }

    private mutating func note(_ query: OutboxQuery, _ page: OutboxPage) {
        guard !loading.isRewound else { return }
        guard let recipient = query.recipient else {
            loading.cursor = page.entries.last?.number ?? loading.cursor
            if !page.isLast { loading.hasMore = true }
            return
        }
        guard var lane = lanes[recipient] else { return }
        lane.readThrough = max(lane.readThrough, page.entries.last?.number ?? 0)
        if page.isLast { lane.isPartial = false }
        lanes[recipient] = lane
        dropIfEmpty(recipient)
    }

    private mutating func expire(_ page: OutboxPage, _ now: Int64, _ turn: inout Turn) {
        // The next summary knows better.
        loading.firstExpiry = page.isLast ? nil : loading.firstExpiry
        for entry in page.entries where !inFlight.contains(entry.number) && !loading.touched.contains(entry.number) {
            bury(items[entry.number]?.entry ?? entry, OutboxMachine.expiry(of: entry), now, &turn)
        }
    }

    /// Takes an entry into the window.
    private mutating func admit(_ entry: OutboxEntry, isOwnPage: Bool, _ now: Int64, _ turn: inout Turn) {
        guard entry.isOpen, items[entry.number] == nil else { return }
        guard !loading.touched.contains(entry.number), !loading.blocked.contains(entry.recipient) else { return }
        guard entry.expires > now else { return bury(entry, OutboxMachine.expiry(of: entry), now, &turn) }
        var lane = lanes[entry.recipient] ?? Lane()
        guard isOwnPage || !lane.isPartial else { return }
        guard lane.numbers.count < limits.recipientWindow else {
            lane.isPartial = true
            lane.readThrough = lane.numbers.last ?? 0
            lanes[entry.recipient] = lane
            return
        }
        items[entry.number] = Item(entry: entry, phase: .waiting)
        let place = lane.numbers.lastIndex { $0 < entry.number }.map { $0 + 1 } ?? 0
        lane.numbers.insert(entry.number, at: place)
        lane.readThrough = max(lane.readThrough, entry.number)
        lanes[entry.recipient] = lane
        queue(entry.recipient)
    }

    /// Takes an entry out of the window.
    mutating func remove(_ number: Int64) {
        if loading.query != nil { loading.touched.insert(number) }
        careful?.removeAll { $0 == number }
        guard let item = items.removeValue(forKey: number) else { return }
        let recipient = item.entry.recipient
        switch item.phase {
        case .waiting: break
        case .sealing:
            sealing -= 1
            lanes[recipient]?.sealing -= 1
        case .ready, .queued: ready -= 1
        case .inFlight:
            inFlight.remove(number)
            inFlightBytes -= item.entry.sealedSize ?? 0
        }
        lanes[recipient]?.numbers.removeAll { $0 == number }
        dropIfEmpty(recipient)
    }

    /// A recipient must wait: what was accepted after an entry leaves the window, but for what is on its way already.
    mutating func block(_ recipient: Address, after number: Int64) {
        if loading.query != nil { loading.blocked.insert(recipient) }
        for later in lanes[recipient]?.numbers ?? [] where later > number && !inFlight.contains(later) { remove(later) }
        // The store leaves out what is behind an entry that waits.
        lanes[recipient]?.isPartial = false
        dropIfEmpty(recipient)
    }

    private mutating func dropIfEmpty(_ recipient: Address) {
        guard let lane = lanes[recipient], lane.numbers.isEmpty, !lane.isPartial else { return }
        lanes[recipient] = nil
    }
}
