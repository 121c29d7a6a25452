/// Finds the stanza that is too big for a server (R11). A value without IO.
///
/// Servers answer an oversized stanza with a stream error and forget the session, and with it what else was on its way. So, after such an
/// error, messages go one at a time, each acknowledged before the next: the one that ends the stream again is the culprit, and its size
/// is a limit from then on. Where no limit is known, large stanzas go alone from the start.
///
///     owner                              gate
///     submit(token, size, .message)   →  .go: write it · .wait: keep it · .refuse(error): never
///     finished(token)                 →  those that wait and go now, in order
///     ended(.policy)                  →  the culprit, if it is known now; all others are to be submitted again
public struct SendGate: Sendable {
    /// Stanzas above this size, in bytes, go alone while no limit is known (R11).
    public static let aloneAbove = 200 << 10
    /// What every server must take (RFC 6120 § 13.12): such stanzas are never too big, whatever else a server has against them.
    public static let alwaysFits = 10_000

    /// How much may be written and unacknowledged; more waits. Less than what ``StreamManagement`` refuses.
    static let window = (stanzas: 500, bytes: 4 << 20)

    /// What kind of stanza it is.
    public enum Kind: Sendable {
        /// A message.
        case message
        /// A request, an answer or presence: kept back only if it is large enough to be too big.
        case other
    }

    /// What to do with a stanza.
    public enum Verdict: Sendable {
        /// Write it. Report ``finished(_:)`` once it is acknowledged.
        case go
        /// Keep it until ``finished(_:)`` or ``withdrawn(_:)`` names it.
        case wait
        /// Don't write it, ever.
        case refuse(SessionError)
    }

    /// How a session ended.
    public enum End: Sendable {
        /// With the stream error `policy-violation`.
        case policy
        /// Without a word, and then its server didn't know it any more. A server that leaves in the middle of what we write resets the
        /// connection, and the reset may overtake its last words.
        case forgotten
        /// In any other way.
        case other
    }

    /// How often a large stanza that is alone must take the session with it, without a word, to be the culprit.
    static let strikeLimit = 3

    /// A stanza that ended the stream.
    public struct Culprit: Sendable {
        /// Its name.
        public let token: StreamManagement.Token
        /// `.tooBig`, or `.policy` if its size can't be the reason.
        public let error: SessionError
    }

    private struct Item {
        let token: StreamManagement.Token
        let size: Int
        let kind: Kind
    }

    private let account: Address
    private var announced: Int?
    /// The size of the smallest stanza that ended a stream.
    private var refused: Int?
    /// How many stanzas still go one at a time.
    private var careful = 0
    /// How many sessions in a row were lost without a word over a stanza that was alone and large.
    private var strikes = 0
    private var smallestStruck = Int.max
    private var written: [Item] = []
    private var writtenBytes: Int { written.reduce(0) { $0 + $1.size } }
    private var waiting: [Item] = []

    /// A gate for a session that begins.
    ///
    /// - Parameter learnt: The limit that an earlier session has learnt, in bytes: ``SizeLimit/bytes`` of one with the source `.learnt`.
    public init(account: Address, learnt: Int? = nil) {
        self.account = account.bare
        // A server takes at least what all must take, whatever somebody has written into the state.
        refused = learnt.flatMap { $0 < Int.max ? max($0, Self.alwaysFits) + 1 : nil }
    }

    /// What is known.
    public var limit: SizeLimit? {
        switch (announced, refused.map { $0 - 1 }) {
        case (let announced?, let learnt?): learnt < announced ? SizeLimit(learnt, .learnt) : SizeLimit(announced, .announced)
        case (let announced?, nil): SizeLimit(announced, .announced)
        case (nil, let learnt?): SizeLimit(learnt, .learnt)
        case (nil, nil): nil
        }
    }

    /// Whether stanzas go one at a time.
    public var isCareful: Bool { careful > 0 }

    /// A session has begun; with what its server says about its limit (XEP-0478), in bytes.
    public mutating func began(announced: Int?) {
        self.announced = announced
    }

    /// Why a stanza of this size can't pass; `nil` if it may.
    public func refusal(of size: Int) -> SessionError? {
        guard let limit, size > limit.bytes else { return nil }
        return SessionError(
            .tooBig,
            "The stanza has \(size) bytes, and the server of \(account) takes no more than \(limit). Send less at a time, or have the "
                + "server's limit raised."
        )
    }

    /// A stanza is to be sent.
    public mutating func submit(_ token: StreamManagement.Token, size: Int, _ kind: Kind) -> Verdict {
        if let error = refusal(of: size) { return .refuse(error) }
        let item = Item(token: token, size: size, kind: kind)
        guard isWatched(item) else { return .go }
        guard waiting.isEmpty, mayGo(item) else {
            waiting.append(item)
            return .wait
        }
        written.append(item)
        return .go
    }

    /// A stanza is acknowledged, or nothing more will be known of it.
    ///
    /// - Returns: What is to be written now, in this order.
    public mutating func finished(_ token: StreamManagement.Token) -> [StreamManagement.Token] {
        guard let index = written.firstIndex(where: { $0.token == token }) else { return [] }
        if written.remove(at: index).size >= smallestStruck { strikes = 0 }
        careful = max(0, careful - 1)
        return release()
    }

    /// A stanza that waits, or was named but not written yet, isn't to be sent any more.
    ///
    /// - Returns: What is to be written now, in this order.
    public mutating func withdrawn(_ token: StreamManagement.Token) -> [StreamManagement.Token] {
        waiting.removeAll { $0.token == token }
        // Its turn may have come while there was no connection to write it to.
        written.removeAll { $0.token == token }
        return release()
    }

    /// The session is over, and is not resumed: what was written and not acknowledged, and what waits, is forgotten here.
    ///
    /// - Returns: The stanza that ended it, if there is no doubt.
    public mutating func ended(_ end: End) -> Culprit? {
        defer {
            written = []
            waiting = []
        }
        guard end != .other, !written.isEmpty else { return nil }
        let isLarge = written.contains { $0.size > Self.alwaysFits }
        // Connections break, and servers restart: that says something only about stanzas that may be too big.
        guard end == .policy || isLarge else { return nil }
        guard written.count == 1, isCareful || goesAlone(written[0]) else {
            careful = written.count
            return nil
        }
        let item = written[0]
        if end == .forgotten {
            strikes += 1
            smallestStruck = min(smallestStruck, item.size)
            guard strikes >= Self.strikeLimit else {
                careful = max(1, careful)
                return nil
            }
        }
        strikes = 0
        careful = max(0, careful - 1)
        guard isLarge else {
            let words = "The server of \(account) ends the stream with policy-violation whenever this stanza is sent to it."
            return Culprit(token: item.token, error: SessionError(.policy, words))
        }
        refused = min(refused ?? item.size, item.size)
        let words =
            "The stanza has \(item.size) bytes, and the server of \(account) ended the stream over it: it takes less. Send less at a time, or "
            + "have the server's limit raised."
        return Culprit(token: item.token, error: SessionError(.tooBig, words))
    }

    /// Whether a stanza may be the culprit of anything.
    private func isWatched(_ item: Item) -> Bool { item.kind == .message || item.size > Self.alwaysFits }

    private func goesAlone(_ item: Item) -> Bool { limit == nil && item.size > Self.aloneAbove }

    private func mayGo(_ item: Item) -> Bool {
        if isCareful || goesAlone(item) { return written.isEmpty }
        guard !written.isEmpty else { return true }
        return written.count < Self.window.stanzas && writtenBytes + item.size <= Self.window.bytes && !written.contains(where: goesAlone)
    }

    private mutating func release() -> [StreamManagement.Token] {
        var released: [StreamManagement.Token] = []
        while let next = waiting.first, mayGo(next) {
            waiting.removeFirst()
            written.append(next)
            released.append(next.token)
        }
        return released
    }
}
