public import XMPP

/// The outbox of one account: what is sealed and sent when, and what follows. It does no IO.
///
/// Events go in, a ``Turn`` comes out: changes that have to be on disk before its steps are taken. Turns are worked off in order; the turns
/// of several events may be joined, so that one fsync serves them all. Entries of one recipient go in the order of their acceptance, but for
/// those that came back (R10); recipients go beside each other. In memory is a window of entries, without their content: the rest is read
/// from the store by pages, when its time has come.
public struct OutboxMachine: Sendable {
    let account: Address
    let limits: Limits
    let plan: RetryPlan
    let random: @Sendable () -> Double

    /// The entries in memory.
    var items: [Int64: Item] = [:]
    /// Those of one recipient, while there are any.
    var lanes: [Address: Lane] = [:]
    /// Recipients that have something to be sealed.
    var rotation = OutboxLine<Address>()
    /// What is ready to be handed over.
    var outgoing = OutboxLine<Int64>()
    /// What was handed over and is unacknowledged.
    var inFlight: Set<Int64> = []
    /// How large that is, in bytes.
    var inFlightBytes = 0
    /// How many are being sealed for entries in ``items``.
    var sealing = 0
    /// How many are sealed and wait in ``items``.
    var ready = 0

    /// Whether stanzas can be sent.
    var isOnline = false
    /// The largest stanza that the server announces to take.
    var announcedLimit: Int?
    /// The smallest stanza that the server didn't take (R11).
    var learntLimit: Int?
    /// After a `policy-violation`: what goes alone, in this order (R11).
    var careful: [Int64]?
    /// The last one of the account's count of first hand-overs; `nil` before the first summary.
    var lastOrder: Int64?

    var loading = Loading()
    var watch = Watch()

    /// Makes the machine of an account.
    ///
    /// - Parameters:
    ///   - random: Numbers from 0 up to 1, for the pauses.
    public init(
        account: Address,
        limits: Limits = Limits(),
        plan: RetryPlan = .standard,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.account = account.bare
        self.limits = limits
        self.plan = plan
        self.random = random
    }

    /// Takes an event.
    ///
    /// - Parameter now: Seconds since 1970.
    public mutating func handle(_ event: Event, now: Int64) -> Turn {
        var turn = Turn()
        keepTime(now)
        switch event {
        case .start: summarize(now, &turn)
        case .accepted: loading.hasMore = true
        case .loaded(let query, let page): loaded(query, page, now, &turn)
        case .loadFailed: loadFailed(now)
        case .summary(let summary): note(summary, now, &turn)
        case .online(let limit):
            isOnline = true
            announcedLimit = limit
            unpause(until: .max)
        case .interrupted: isOnline = false
        case .offline(let cut): cutOff(cut, now, &turn)
        case .sealed(let number, let sealed): take(sealed, for: number, now, &turn)
        case .sealFailed(let number, let failure):
            if let item = items[number], case .sealing = item.phase {
                if failure.kind == .offline { pause(item.entry, now) } else { fail(item.entry, failure, now, &turn) }
            }
        case .acknowledged(let number): acknowledge(number, now, &turn)
        case .sendFailed(let number, let failure):
            if let item = items[number], case .inFlight = item.phase { fail(item.entry, failure, now, &turn) }
        case .bounced(let entry, let sender, let condition, let text):
            bounce(entry, from: sender, OutboxFailure(bounce: condition, text: text), now, &turn)
        case .receipt(let entry, let sender): confirm(entry, from: sender, now, &turn)
        case .hasten(let recipient):
            turn.changes.append(.hasten(account: account, recipient: recipient))
            rewind()
        case .retry(let entry, let expires): retry(entry, expires: expires, &turn)
        case .withdraw(let entry): withdraw(entry, now, &turn)
        case .tick: tick(now, &turn)
        }
        load(now, &turn)
        pump(now, &turn)
        // What was given up while pumping has made room.
        load(now, &turn)
        setTimer(&turn)
        return turn
    }
}

extension OutboxMachine {
    /// An entry in memory.
    struct Item: Sendable {
        var entry: OutboxEntry
        var phase: Phase
        /// How often it was put off since it was loaded, because the line was gone.
        var pauses = 0
    }

    /// What is going on with an entry.
    enum Phase: Sendable {
        /// Nothing yet.
        case waiting
        /// It is being sealed.
        case sealing
        /// Its bytes are there (without a value: in the store); earlier ones for the same recipient come first.
        case ready(OutboxSealed?)
        /// The same, and in ``outgoing``.
        case queued(OutboxSealed?)
        /// Handed over.
        case inFlight
    }

    /// The entries of one recipient, in order of number.
    struct Lane: Sendable {
        var numbers: [Int64] = []
        var sealing = 0
        var isInRotation = false
        /// The store has more of it than fits in here; it is read by pages of its own, and left out of the common ones.
        var isPartial = false
        /// The highest number that was read.
        var readThrough: Int64 = 0
        /// Nothing is sealed before this time, in seconds since 1970, unless the account comes online again.
        var pausedUntil: Int64 = 0
    }
}

/// A queue.
struct OutboxLine<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var head = 0

    var first: Element? { head < elements.count ? elements[head] : nil }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func removeFirst() {
        guard head < elements.count else { return }
        head += 1
        if head == elements.count || head > 512 {
            elements.removeFirst(head)
            head = 0
        }
    }

    mutating func removeAll() {
        elements = []
        head = 0
    }
}
