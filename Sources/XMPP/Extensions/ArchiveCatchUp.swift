public import XML

/// Reads an account's archive from a place to its end, page by page (XEP-0313, XEP-0059). A value without IO.
///
///     owner                         catch-up
///     start()                    →  .ask(request)
///     take(message)              →  .message(message, id, stamp), for results of ours; nil for anything else
///     answered(.success(fin))    →  .ask(request) … .done(outcome)
///
/// A result counts only while a request of ours is open, under its query id, and from the account itself (A5, A22, A23): anybody else can
/// send such elements, too. What was seen before is for the journal to know.
public struct ArchiveCatchUp: Sendable {
    /// What to do.
    public enum Step: Sendable {
        /// Send this, and report the answer.
        case ask(Request)
        /// It is over.
        case done(ArchiveOutcome)
        /// The server can't or won't.
        case failed(StanzaError)
    }

    /// What a result is.
    public enum Finding: Sendable {
        /// A message, with its id and stamp in the archive.
        case message(Message, id: String, stamp: Int64)
        /// One that the account itself has sent, or that can't be read: nothing to pass on.
        case skipped
    }

    /// How many messages are asked for at a time, at most.
    public static let pageLimit = 250
    /// How many pages are read, at most: a server that never comes to an end isn't followed for ever.
    public static let pages = 100_000

    private let account: Address
    private let pageSize: Int
    private let queryID: String
    private var position: ArchivePosition
    private var isOpen = false
    private var asked = 0
    /// The last result of the page that is open.
    private var lastResult: String?
    private var outcome = ArchiveOutcome(last: nil, isComplete: false, isStable: true, fellBack: false, messages: 0)

    /// Prepares reading.
    ///
    /// - Parameters:
    ///   - account: Whose archive it is.
    ///   - position: From where.
    ///   - pageSize: How many messages are asked for at a time; a server may send fewer.
    ///   - queryID: A name that nobody can guess.
    public init(account: Address, from position: ArchivePosition, pageSize: Int = 50, queryID: String) {
        self.account = account.bare
        self.position = position
        self.pageSize = min(max(pageSize, 1), Self.pageLimit)
        self.queryID = queryID
    }

    /// The first request.
    public mutating func start() -> Step { ask() }

    private mutating func ask() -> Step {
        asked += 1
        isOpen = true
        lastResult = nil
        return .ask(Archive.query(id: queryID, from: position, max: pageSize))
    }

    /// Takes in a message stanza; `nil` if it is no result of ours.
    public mutating func take(_ stanza: Element) -> Finding? {
        let results = stanza.all("result", Namespace.archive)
        guard isOpen, results.count == 1, results[0]["queryid"] == queryID, isOwn(stanza["from"]) else { return nil }
        guard let id = results[0]["id"], !id.isEmpty else { return .skipped }
        lastResult = id
        guard let forwarded = results[0].first("forwarded", Namespace.forward),
            let stamp = forwarded.elements.lazy.compactMap(Delay.init).first?.stamp
        else { return .skipped }
        // The time is where to go on from should the id be purged.
        position = .after(id: id, fallback: stamp)
        let messages = forwarded.elements.filter { $0.local == "message" }
        guard messages.count == 1, let message = Message(messages[0], account: account), message.from.bare != account else {
            return .skipped
        }
        outcome.messages += 1
        return .message(message, id: id, stamp: stamp)
    }

    /// Takes in the answer to the request that is open.
    public mutating func answered(_ answer: Swift.Result<Element?, StanzaError>) -> Step {
        guard isOpen else { return .done(outcome) }
        isOpen = false
        switch answer {
        case .success(let answer):
            guard let fin = answer, fin.is("fin", Namespace.archive) else {
                return .failed(StanzaError("undefined-condition", .cancel, text: "the archive's answer has no <fin/>"))
            }
            return finished(fin)
        case .failure(let error) where error.condition == "item-not-found":
            guard case .after(_, let time) = position else { return .failed(error) }
            position = .since(time)
            outcome.fellBack = true
            return asked < Self.pages ? ask() : .done(outcome)
        case .failure(let error): return .failed(error)
        }
    }

    private mutating func finished(_ fin: Element) -> Step {
        let last = ResultSet.last(in: fin) ?? lastResult
        if fin["stable"] == "false" || fin["stable"] == "0" { outcome.isStable = false }
        let isNew = last != nil && last != outcome.last
        if let last {
            outcome.last = last
            switch position {
            case .after(_, let time), .since(let time): position = .after(id: last, fallback: time)
            }
        }
        if fin["complete"] == "true" || fin["complete"] == "1" {
            outcome.isComplete = true
            return .done(outcome)
        }
        // Without anything new another request would get the same answer.
        guard isNew else {
            outcome.isComplete = last == nil
            return .done(outcome)
        }
        return asked < Self.pages ? ask() : .done(outcome)
    }

    /// The account's bare JID, or nothing, which means the same (RFC 6120 § 8.1.2.1). Its full JIDs are clients, not the archive.
    private func isOwn(_ from: String?) -> Bool {
        guard let from else { return true }
        return Address(from) == account
    }
}
