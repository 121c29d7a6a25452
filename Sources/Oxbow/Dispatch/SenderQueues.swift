import DequeModule
import XMPP

/// What waits and what runs, by sender: one at a time for each, in order; senders take turns when not all can be served at once.
///
/// A sender costs memory only while something of theirs waits or runs.
struct SenderQueues<Item> {
    private var waiting: [Address: Deque<Item>] = [:]
    private var ready: Deque<Address> = []
    private var running: Set<Address> = []
    /// How many senders may be served at a time.
    let limit: Int
    /// How many items wait or run.
    private(set) var count = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// How many items of a sender wait or run.
    func count(of sender: Address) -> Int { (waiting[sender]?.count ?? 0) + (running.contains(sender) ? 1 : 0) }

    /// How many items run.
    var runningCount: Int { running.count }

    /// Puts an item behind those of its sender.
    mutating func add(_ item: Item, from sender: Address) {
        if waiting[sender] == nil, !running.contains(sender) { ready.append(sender) }
        waiting[sender, default: []].append(item)
        count += 1
    }

    /// Takes the next item that may start now. ``finished(_:)`` is owed for its sender.
    mutating func next() -> (sender: Address, item: Item)? {
        guard running.count < limit, let sender = ready.popFirst(), let item = waiting[sender]?.popFirst() else { return nil }
        if waiting[sender]?.isEmpty == true { waiting[sender] = nil }
        running.insert(sender)
        return (sender, item)
    }

    /// Says that a sender's item has been dealt with.
    mutating func finished(_ sender: Address) {
        guard running.remove(sender) != nil else { return }
        count -= 1
        if waiting[sender] != nil { ready.append(sender) }
    }
}
