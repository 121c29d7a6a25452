import XMPP

/// Why a message isn't carried on.
enum Loop: String {
    /// It is what we ourselves sent to the one who sends it now.
    case echo
    /// It is marked as having been sent to another end of ours.
    case cameRound = "came-round"
    /// It has gone through too many relays.
    case hops
}

/// What was sent to whom, so that it is known when it comes back. Bounded: the latest texts for each end.
struct LoopWatch {
    /// How many texts are remembered for an end.
    static let limit = 256
    private var sent: [Address: [Int]] = [:]

    /// A text goes to an end.
    mutating func note(_ text: String, to end: Address) {
        sent[end, default: []].append(Self.hash(text))
        if let count = sent[end]?.count, count > Self.limit { sent[end]?.removeFirst(count - Self.limit) }
    }

    /// Whether a text that comes from an end was sent there.
    func isEcho(_ text: String, from end: Address) -> Bool { sent[end]?.contains(Self.hash(text)) ?? false }

    /// Of the text without the white space that mail programs add or take. Seeded for this process: nobody can make two texts look alike.
    private static func hash(_ text: String) -> Int {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ").hashValue
    }
}
