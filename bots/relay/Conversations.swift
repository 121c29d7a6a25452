import XMPP

/// Which thread at one end of a way belongs to which at the other, and its subject. Bounded; what is forgotten begins a new thread.
struct Conversations {
    /// A conversation as one end sees it.
    struct Side: Hashable {
        var end: Address
        /// Who is at the other end: somebody may talk with several people through the relay.
        var partner: Address
    }

    private struct Place: Hashable {
        var side: Side
        var thread: String
    }

    private struct Entry {
        var thread: String
        var age: Int
    }

    /// How many threads are remembered, at both ends together.
    static let limit = 2000
    private var partners: [Place: Entry] = [:]
    private var latest: [Side: String] = [:]
    private var subjects: [Place: String] = [:]
    private var references: [Place: [String]] = [:]
    private var age = 0

    /// The thread at the other end that belongs to one at this end.
    func partner(of thread: String, at side: Side) -> String? { partners[Place(side: side, thread: thread)]?.thread }

    /// The thread that was last used at an end.
    func latest(at side: Side) -> String? { latest[side] }

    /// The subject of a thread, without "Re:".
    func subject(of thread: String, at side: Side) -> String? { subjects[Place(side: side, thread: thread)] }

    /// What the next mail in a thread answers: the last one that came in it, and all before it.
    func references(of thread: String, at side: Side) -> [String] { references[Place(side: side, thread: thread)] ?? [] }

    /// A mail has come in a thread.
    mutating func note(_ references: [String], in thread: String, at side: Side) {
        if !references.isEmpty { self.references[Place(side: side, thread: thread)] = references }
    }

    /// Two threads belong together, and were the last to be used.
    mutating func join(_ thread: String, at side: Side, with other: String, subject: String?) {
        let back = Side(end: side.partner, partner: side.end)
        age += 1
        for (side, one, two) in [(side, thread, other), (back, other, thread)] {
            let place = Place(side: side, thread: one)
            partners[place] = Entry(thread: two, age: age)
            latest[side] = one
            if let subject { subjects[place] = subject }
        }
        guard partners.count > Self.limit else { return }
        // Half of them at once, so that it is seldom.
        let old = partners.values.map(\.age).sorted()[partners.count / 2]
        partners = partners.filter { $0.value.age > old }
        subjects = subjects.filter { partners[$0.key] != nil }
        references = references.filter { partners[$0.key] != nil }
    }
}
