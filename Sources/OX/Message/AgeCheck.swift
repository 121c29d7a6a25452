/// Whether a message's times go together, and whether its age is explained (S6, R1). A value without a clock.
public struct AgeCheck: Hashable, Sendable {
    /// How old live content may be, in seconds. Senders and we need not have the same clock, and streams resume.
    public var pastTolerance: Int64
    /// How far content may lie in our future, in seconds.
    public var futureTolerance: Int64
    /// How far `<time/>` and the signature's own time may lie apart, in seconds. A sender makes both at once on one machine: what remains
    /// is a passphrase being typed or a touch on a smartcard.
    public var signatureTolerance: Int64
    /// The greatest age that a `<delay/>` from our own domain may explain, in seconds (R1). The replay cache must remember longer (R2).
    public var maxAge: Int64
    /// When the store was made, restored or repaired, in seconds since 1970. What is older might be a replay that was forgotten (R1).
    public var birth: Int64
    /// How far a sender's clock may lag behind the store's birth, in seconds. Right for a store that was made anew, whose first messages
    /// would be refused else; wrong for one that was restored: what came just before has been handled, and would be again.
    public var birthTolerance: Int64

    /// Makes a check; the defaults are 10 minutes past, 5 minutes future, 5 minutes between time and signature, 7 days of delay.
    public init(
        birth: Int64,
        maxAge: Int64 = 7 * 86_400,
        pastTolerance: Int64 = 600,
        futureTolerance: Int64 = 300,
        signatureTolerance: Int64 = 300,
        birthTolerance: Int64 = 60
    ) {
        self.birth = birth
        self.maxAge = maxAge
        self.pastTolerance = pastTolerance
        self.futureTolerance = futureTolerance
        self.signatureTolerance = signatureTolerance
        self.birthTolerance = birthTolerance
    }

    /// Judges content.
    ///
    /// - Parameters:
    ///   - time: The content's `<time/>`.
    ///   - signatures: When its signatures were made.
    ///   - received: When the stanza arrived here (not when it is opened: it may have waited in the journal).
    ///   - delays: The stamps of delays from our own domain; any sender can forge them, so none of them explains more than ``maxAge``. One
    ///     from before the birth makes the content stale.
    /// - Throws: ``OpenRefusal`` with reason `time` or `stale`.
    public func judge(time: Int64, signatures: [Int64], received: Int64, delays: [Int64]) throws(OpenRefusal) {
        guard signatures.allSatisfy({ distance($0, time) <= signatureTolerance }) else {
            throw OpenRefusal(.time, "the content's time and the signature's lie more than \(signatureTolerance) s apart")
        }
        // A text can carry any year up to 9999; the differences of such times can't overflow.
        guard time <= received + futureTolerance else { throw OpenRefusal(.time, "the content's time is in the future") }
        // A sender's clock may be fast: what our server had before the birth was sent before it, whatever the content says.
        guard delays.allSatisfy({ $0 >= birth - birthTolerance }), time >= birth - birthTolerance else {
            throw OpenRefusal(.stale, "the content is older than this account's store")
        }
        let age = received - time
        if age <= pastTolerance { return }
        guard age <= maxAge else { throw OpenRefusal(.stale, "the content is older than \(maxAge) s") }
        guard delays.contains(where: { time >= $0 - pastTolerance && time <= $0 + futureTolerance }) else {
            throw OpenRefusal(.stale, "the content is \(age) s old, and no delay at our server explains that")
        }
    }

    private func distance(_ a: Int64, _ b: Int64) -> Int64 { a < b ? b - a : a - b }
}
