import NIOCore

/// What one connection may still do, as a value without IO: when it must have sent its request, how long it may be idle, how long it may take to
/// read an answer, and when it ends.
struct ConnectionMachine {
    /// The times that apply.
    struct Limits: Hashable {
        var request: TimeAmount
        var idle: TimeAmount
        var answer: TimeAmount
        var linger: TimeAmount
        var lingerBytes: Int

        init(_ limits: HTTPLimits) {
            request = TimeAmount(limits.request)
            idle = TimeAmount(limits.idle)
            answer = TimeAmount(limits.answer)
            linger = TimeAmount(limits.linger)
            lingerBytes = limits.lingerBytes
        }
    }

    /// What is to be done.
    enum Action: Hashable {
        /// Nothing.
        case none
        /// No more is sent; what still comes is read and dropped, since closing at once could destroy the answer on its way.
        case shutOutput
        /// The connection ends, for this reason.
        case close(Reason)
    }

    /// Why a connection ends.
    enum Reason: String, Hashable {
        /// A request didn't come in time.
        case slowRequest = "slow-request"
        /// An answer wasn't read in time.
        case slowReader = "slow-reader"
        /// Nothing came for a while.
        case idle
        /// It was to end.
        case done
    }

    let limits: Limits
    /// When ``fired(_:)`` is due; `nil` while a request is being answered, which takes the time that it takes.
    private(set) var deadline: NIODeadline?
    /// Whether what comes is dropped.
    private(set) var isLingering = false
    private var isReading = true
    private var isAnswering = false
    /// Requests whose head came and whose answer isn't out.
    private var unanswered = 0
    /// Those of them that came as a whole.
    private var complete = 0
    private var isLast = false
    private var isQuiescing = false
    private var hasSaidClose = false
    private var dropped = 0

    init(limits: Limits) { self.limits = limits }

    /// Whether a request came as a whole whose answer isn't out.
    var owesAnswers: Bool { complete > 0 }

    /// The connection stands. Its first request must come in time from now on: a handshake counts too.
    mutating func opened(_ now: NIODeadline) { deadline = now + limits.request }

    /// Some bytes came.
    mutating func bytes(_ count: Int, _ now: NIODeadline) -> Action {
        if isLingering {
            dropped += count
            return dropped > limits.lingerBytes ? .close(.done) : .none
        }
        beginReading(now)
        return .none
    }

    /// A request's head came.
    mutating func head(isKeepAlive: Bool, _ now: NIODeadline) {
        beginReading(now)
        unanswered += 1
        if !isKeepAlive { isLast = true }
    }

    private mutating func beginReading(_ now: NIODeadline) {
        guard !isReading else { return }
        isReading = true
        if complete == 0, !isAnswering { deadline = now + limits.request }
    }

    /// A request's end came.
    mutating func end(_ now: NIODeadline) {
        isReading = false
        complete += 1
        if !isAnswering { deadline = nil }
    }

    /// The head of an answer goes out. Returns whether it must say that the connection ends.
    mutating func answerHead(_ now: NIODeadline) -> Bool {
        isAnswering = true
        deadline = now + limits.answer
        // A request that is answered before it came as a whole leaves a rest that nobody will read.
        hasSaidClose = complete == 0 || isQuiescing || (isLast && unanswered <= 1)
        return hasSaidClose
    }

    /// An answer is out.
    mutating func answerEnd(_ now: NIODeadline) -> Action {
        isAnswering = false
        unanswered = max(0, unanswered - 1)
        complete = max(0, complete - 1)
        if hasSaidClose || isQuiescing {
            isLingering = true
            deadline = now + limits.linger
            return .shutOutput
        }
        deadline = complete > 0 ? nil : now + (isReading ? limits.request : limits.idle)
        return .none
    }

    /// The peer sends no more.
    mutating func inputClosed() -> Action { isLingering || unanswered == 0 ? .close(.done) : .none }

    /// The process ends, or nothing more of this connection can be read: what is under way is finished.
    mutating func quiesce() -> Action {
        isQuiescing = true
        return unanswered == 0 && !isLingering ? .close(.done) : .none
    }

    /// Time has passed.
    mutating func fired(_ now: NIODeadline) -> Action {
        guard let deadline, now >= deadline else { return .none }
        if isLingering { return .close(.done) }
        if isAnswering { return .close(.slowReader) }
        return .close(isReading ? .slowRequest : .idle)
    }
}
