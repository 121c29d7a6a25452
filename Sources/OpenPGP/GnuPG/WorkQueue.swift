/// Work for a few threads, in lanes: at most so many of one lane at once, and each lane has its turn.
///
/// A lane is a GnuPG home. A flood in one can neither hold all threads nor make another wait for more than what is running.
/// Within a lane work begins in order; exclusive work runs alone, since gpg reads a keyring wrongly while another gpg writes it.
struct WorkQueue<Work> {
    /// Names one piece of work from ``add(_:lane:)`` to ``finish(_:)``.
    struct Ticket: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Lane {
        var waiting: [(ticket: Ticket, work: Work, exclusive: Bool)] = []
        var first = 0
        var running = 0
        /// What runs is exclusive.
        var closed = false
        var isEmpty: Bool { first == waiting.count }

        /// Takes the first that waits, if it may begin.
        mutating func take(most: Int) -> (Ticket, Work)? {
            guard first < waiting.count, !closed, running < most else { return nil }
            let (ticket, work, exclusive) = waiting[first]
            guard !exclusive || running == 0 else { return nil }
            closed = exclusive
            running += 1
            first += 1
            if first == waiting.count {
                waiting.removeAll()
                first = 0
            } else if first > 64, first * 2 > waiting.count {
                waiting.removeFirst(first)
                first = 0
            }
            return (ticket, work)
        }
    }

    private let perLane: Int
    private var lanes: [String: Lane] = [:]
    private var turns: [String] = []
    private var running: [Ticket: String] = [:]
    private var numbers: UInt64 = 0

    /// Makes an empty queue that lets `perLane` pieces of work of each lane run at once.
    init(perLane: Int) { self.perLane = max(1, perLane) }

    /// Puts work at the end of its lane.
    mutating func add(_ work: Work, lane: String, exclusive: Bool = false) -> Ticket {
        numbers += 1
        let ticket = Ticket(number: numbers)
        if lanes[lane] == nil { turns.append(lane) }
        lanes[lane, default: Lane()].waiting.append((ticket, work, exclusive))
        return ticket
    }

    /// Takes back work that has not begun; `nil` if it has, or is unknown.
    mutating func withdraw(_ ticket: Ticket, lane name: String) -> Work? {
        guard var lane = lanes[name], let index = lane.waiting[lane.first...].firstIndex(where: { $0.ticket == ticket }) else { return nil }
        let work = lane.waiting.remove(at: index).work
        put(lane, name)
        return work
    }

    /// The next piece of work that may begin, or `nil`. The lane that is served goes to the end of the line.
    mutating func next() -> (ticket: Ticket, work: Work)? {
        for index in turns.indices {
            let name = turns[index]
            guard var lane = lanes[name], let (ticket, work) = lane.take(most: perLane) else { continue }
            running[ticket] = name
            turns.remove(at: index)
            turns.append(name)
            put(lane, name)
            return (ticket, work)
        }
        return nil
    }

    /// Says that a piece of work has ended, or is given up: its place in the lane is free. A second call does nothing.
    mutating func finish(_ ticket: Ticket) {
        guard let name = running.removeValue(forKey: ticket), var lane = lanes[name] else { return }
        lane.running -= 1
        // If it was exclusive, it was the only one.
        lane.closed = false
        put(lane, name)
    }

    /// Keeps a lane only while it holds something.
    private mutating func put(_ lane: Lane, _ name: String) {
        if lane.isEmpty, lane.running == 0 {
            lanes[name] = nil
            turns.removeAll { $0 == name }
        } else {
            lanes[name] = lane
        }
    }
}
