/// XEP-0198 for one session, which may outlive the connections that carry it: what was sent and not acknowledged, and how much of
/// what came has been processed.
///
/// A value without IO. ``ClientStream`` owns it while a stream is up and hands it back in ``ClientStream/End/resumption``.
public struct StreamManagement: Sendable {
    /// An outbound stanza's name in this machine; the caller chooses it.
    public typealias Token = UInt64

    /// A place in the order of arrival; comes with every counted inbound stanza and goes back once, when the stanza is safe.
    public struct Ticket: Hashable, Sendable {
        let session: UInt64
        let number: UInt64
    }

    /// A count of the session that is being stored; see ``ClientStream/Action/record(_:_:)``.
    public struct Mark: Hashable, Sendable {
        let session: UInt64
        let number: UInt64
    }

    /// An outbound stanza that the server hasn't acknowledged.
    public struct Outstanding: Hashable, Sendable {
        /// The name under which it was sent; `nil` for a stanza whose fate nobody waits for.
        public let token: Token?
        /// The stanza as it was written.
        public let text: String

        /// Makes one.
        public init(token: Token?, text: String) {
            self.token = token
            self.text = text
        }
    }

    /// How much may be unacknowledged before sending is refused.
    public struct Limits: Hashable, Sendable {
        /// Stanzas.
        public var stanzas: Int
        /// Bytes of their text in UTF-8.
        public var bytes: Int

        /// Makes limits.
        public init(stanzas: Int = 1_000, bytes: Int = 8 << 20) {
            self.stanzas = stanzas
            self.bytes = bytes
        }
    }

    /// The server claims to have handled stanzas that were never sent (XEP-0198 § 6): the counts no longer mean anything.
    struct CountTooHigh: Error {
        let claimed: UInt32
        let sent: UInt32
    }

    /// What the server calls the session, once it may be resumed.
    private(set) var id: String?
    /// Where the server wants a resumed session to connect to.
    private(set) var location: String?
    /// The session's full JID.
    let address: Address

    private let limits: Limits
    /// Tells the tickets of this session from those of an earlier one, which a slow consumer may still hold.
    private let session: UInt64

    /// Sent and not acknowledged, in order.
    private(set) var outstanding: [Outstanding] = []
    private var outstandingBytes = 0
    /// Sent and acknowledged, modulo 2^32; `nil` before the server has told a process that knows the session only from its record.
    private var acknowledged: UInt32?
    /// How many of `outstanding` were sent when the last `<r/>` was; `nil` if none is on its way.
    private var requestedAt: Int?

    /// The number of the stanza that came last. A resume sets it back: what wasn't safe then comes again, under the same number.
    private var received: UInt64 = 0
    /// The highest number that a stanza ever had; tickets of stanzas that are going to come again are as good as theirs.
    private var highest: UInt64 = 0
    /// What was safe when `<resume/>` went out.
    private var resumedFrom: UInt64 = 0
    /// Received and safe, without a gap.
    private var settled: UInt64 = 0
    /// What the record on disk says, if sessions are remembered: the server is told no more than that, or another process could not
    /// resume (R12: a resume whose `h` is below the last `<a/>` is refused).
    private var recorded: UInt64 = 0
    /// Whether sessions are remembered.
    private let isRecorded: Bool
    /// Whether a record is being stored.
    private var isRecording = false
    /// The capabilities in the presence that was sent last.
    private(set) var capabilities: String?
    /// Safe, but behind one that isn't.
    private var early: Set<UInt64> = []
    /// What `h` was when `received` was zero: the count of the process before.
    private var base: UInt32 = 0
    /// An `<r/>` was answered with less than had been received: the rest is reported without being asked for.
    private var owed: UInt64?

    /// A session that begins now.
    init(address: Address, session: UInt64, limits: Limits, isRecorded: Bool = false) {
        self.address = address
        self.session = session
        self.limits = limits
        self.isRecorded = isRecorded
        acknowledged = 0
    }

    /// A session of an earlier process. What it sent isn't known, so nothing of it is sent again (R12).
    ///
    /// - Parameters:
    ///   - session: A number that no earlier session of this process had; random is fine.
    ///   - isRecorded: Whether this process remembers the session for the next one, in its turn.
    public init(resuming record: ResumptionRecord, session: UInt64, limits: Limits = Limits(), isRecorded: Bool = false) {
        self.init(address: record.address, session: session, limits: limits, isRecorded: isRecorded)
        acknowledged = nil
        base = record.handled
        id = record.id
        location = record.location
        capabilities = record.capabilities
    }

    /// What has to be remembered so that another process can resume; `nil` if the server doesn't allow it.
    public var record: ResumptionRecord? { record(at: settled) }

    /// The same, as of the moment when the stanza of a ticket and all before it are safe.
    public func record(with ticket: Ticket) -> ResumptionRecord? {
        ticket.session == session ? record(at: ticket.number) : nil
    }

    private func record(at number: UInt64) -> ResumptionRecord? {
        id.map {
            let handled = base &+ UInt32(truncatingIfNeeded: number)
            return ResumptionRecord(id: $0, address: address, location: location, handled: handled, capabilities: capabilities)
        }
    }

    /// `h`: how many stanzas of the server are safe here, modulo 2^32; if sessions are remembered, as the record on disk says.
    public var handled: UInt32 { base &+ UInt32(truncatingIfNeeded: reported) }

    /// What may be told to the server.
    private var reported: UInt64 { isRecorded && id != nil ? recorded : settled }

    /// How many stanzas are safe, whatever the record says: the last word on a session that nobody is going to resume.
    var final: UInt32 { base &+ UInt32(truncatingIfNeeded: settled) }

    /// Where the server would like the connection that resumes the session, a host or host and port; a wish.
    public var preferredLocation: String? { location }

    /// How many stanzas wait for an acknowledgement.
    public var outstandingCount: Int { outstanding.count }
}

extension StreamManagement {
    /// The server has enabled it (`<enabled/>`).
    mutating func enabled(id: String?, location: String?) {
        self.id = id
        self.location = location
    }

    /// Whether a stanza of this size may be sent now.
    func hasRoom(for bytes: Int) -> Bool {
        // One stanza is always possible, or a large one could never go.
        outstanding.isEmpty || (outstanding.count < limits.stanzas && outstandingBytes + bytes <= limits.bytes)
    }

    /// Notes a stanza that is being written; returns whether `<r/>` should follow: one is on its way at a time.
    mutating func sent(_ stanza: Outstanding) -> Bool {
        outstanding.append(stanza)
        outstandingBytes += stanza.text.utf8.count
        return request()
    }

    /// Whether an `<r/>` is on its way, or its answer.
    public var isAsking: Bool { requestedAt != nil }

    /// Whether to send `<r/>` now; asks only if nothing is on its way.
    mutating func request() -> Bool {
        guard requestedAt == nil else { return false }
        requestedAt = outstanding.count
        return true
    }

    /// Takes in `<a h=…/>`; returns what is acknowledged by it, and whether another `<r/>` should follow.
    mutating func acknowledged(_ h: UInt32) throws(CountTooHigh) -> (tokens: [Token], request: Bool) {
        let answered = requestedAt
        let tokens = try advance(to: h)
        requestedAt = nil
        // What was sent since the question was asked needs a question of its own; what the server didn't count when asked does not:
        // it answers at once, and asking again would be a loop as fast as the line.
        let sentSince = answered.map { outstanding.count > max(0, $0 - tokens.count) } ?? false
        return (tokens.compactMap(\.token), sentSince ? request() : false)
    }

    /// Asks for the session to go on: the `h` of `<resume/>`.
    mutating func resuming() -> UInt32 {
        resumedFrom = reported
        return handled
    }

    /// Takes in `<resumed h=…/>`; returns what is acknowledged by it. `outstanding` is then to be written again.
    mutating func resumed(_ h: UInt32) throws(CountTooHigh) -> [Token] {
        requestedAt = nil
        owed = nil
        received = resumedFrom
        guard acknowledged != nil else {
            acknowledged = h
            return []
        }
        return try advance(to: h).compactMap(\.token)
    }

    /// Takes in the `h` of a `<failed/>`: the session is over, but this much had reached the server.
    mutating func failed(_ h: UInt32?) -> [Token] {
        guard let h, acknowledged != nil, let gone = try? advance(to: h) else { return [] }
        return gone.compactMap(\.token)
    }

    private mutating func advance(to h: UInt32) throws(CountTooHigh) -> [Outstanding] {
        let before = acknowledged ?? h
        // Modulo 2^32; a count that goes backwards shows as a huge step, which is just as wrong.
        let step = h &- before
        guard step <= UInt32(clamping: outstanding.count) else {
            throw CountTooHigh(claimed: h, sent: before &+ UInt32(truncatingIfNeeded: outstanding.count))
        }
        acknowledged = h
        let gone = Array(outstanding.prefix(Int(step)))
        outstanding.removeFirst(Int(step))
        outstandingBytes -= gone.reduce(0) { $0 + $1.text.utf8.count }
        return gone
    }
}

extension StreamManagement {
    /// Counts an inbound stanza.
    mutating func receive() -> Ticket {
        received += 1
        highest = max(highest, received)
        return Ticket(session: session, number: received)
    }

    /// Notes that a stanza is safe while no connection carries the session.
    public mutating func confirm(_ ticket: Ticket, recorded: Bool = false) {
        _ = settle(ticket, recorded: recorded)
    }

    /// Notes that a stanza is safe; returns whether `<a/>` should be sent without having been asked for.
    ///
    /// - Parameter recorded: Whether the record with this stanza's count is on disk.
    mutating func settle(_ ticket: Ticket, recorded: Bool = false) -> Bool {
        guard ticket.session == session, ticket.number <= highest else { return false }
        if ticket.number > settled {
            early.insert(ticket.number)
            while early.remove(settled + 1) != nil { settled += 1 }
        }
        // Over a gap the record would promise what isn't safe.
        if recorded, ticket.number <= settled { self.recorded = max(self.recorded, ticket.number) }
        return isDue()
    }

    /// Whether what was owed can be paid.
    private mutating func isDue() -> Bool {
        guard let owed, reported >= owed else { return false }
        self.owed = nil
        return true
    }

    /// The server sent `<r/>`: `<a h=…/>` goes out at once (XEP-0198 § 4), and once more when what it asked about is safe.
    mutating func asked() -> UInt32 {
        owed = reported < received ? received : nil
        return handled
    }
}

// What another process needs (R12).
extension StreamManagement {
    /// What to store now, if anything: a session that has no record yet, or a count that the server waits for and that no message's
    /// commit brings to disk, since presence and requests came after it. One record is being stored at a time.
    mutating func recordToStore(isNew: Bool = false) -> (record: ResumptionRecord, mark: Mark)? {
        guard isRecorded, !isRecording, let record else { return nil }
        guard isNew || (owed.map { settled >= $0 } ?? false && recorded < settled) else { return nil }
        isRecording = true
        return (record, Mark(session: session, number: settled))
    }

    /// A record has been stored, or couldn't be; returns whether `<a/>` should be sent.
    mutating func stored(_ mark: Mark, _ success: Bool) -> Bool {
        guard mark.session == session else { return false }
        isRecording = false
        guard success else { return false }
        recorded = max(recorded, mark.number)
        return isDue()
    }

    /// Notes that a record has been stored, or couldn't be, while no connection carries the session.
    public mutating func recorded(_ mark: Mark, _ success: Bool) {
        _ = stored(mark, success)
    }

    /// Notes the capabilities in presence that is being sent.
    mutating func announced(_ capabilities: String?) {
        self.capabilities = capabilities
    }
}
