import DequeModule
import XMPP

/// What waits to be opened, in order for each sender: its numbers in the journal, and of what has just come, as far as there is room, the
/// message itself. What has no room is read from the journal again when its turn comes.
///
/// A sender costs memory only while something of theirs waits.
struct OpeningLanes<Content: Sendable>: Sendable {
    /// An entry whose turn it is.
    struct Turn: Sendable {
        let number: Int64
        /// Whether it came while we were online, and not by way of an archive or offline storage.
        let isLive: Bool
        /// The message; `nil` if it has to be read from the journal.
        let content: Content?
    }

    private struct Entry {
        let number: Int64
        let isLive: Bool
        var content: (value: Content, bytes: Int)?
    }

    private var lanes: [Address: Deque<Entry>] = [:]
    /// How many messages are kept in memory at most, and how many bytes of them.
    private let limits: (messages: Int, bytes: Int)
    /// How many messages are in memory, and how many bytes of them.
    private(set) var held: (messages: Int, bytes: Int) = (0, 0)
    /// How many entries wait.
    private(set) var count = 0

    init(messages: Int, bytes: Int) {
        limits = (messages, bytes)
    }

    /// Puts an entry behind those of its sender.
    ///
    /// - Returns: Whether the sender had none, so that somebody has to begin with theirs.
    mutating func add(_ number: Int64, from sender: Address, isLive: Bool = false, content: Content? = nil, bytes: Int = 0) -> Bool {
        var entry = Entry(number: number, isLive: isLive)
        if let content, held.messages < limits.messages, held.bytes + bytes <= limits.bytes {
            entry.content = (content, bytes)
            held.messages += 1
            held.bytes += bytes
        }
        count += 1
        let isFirst = lanes[sender] == nil
        lanes[sender, default: []].append(entry)
        return isFirst
    }

    /// Whether an entry of a sender's waits.
    func contains(_ number: Int64, from sender: Address) -> Bool {
        lanes[sender]?.contains { $0.number == number } ?? false
    }

    /// Whose turn it is among a sender's. What is in memory of it leaves with the answer. `nil` if nothing waits any more: the next
    /// ``add(_:from:isLive:content:bytes:)`` begins anew.
    mutating func turn(of sender: Address) -> Turn? {
        guard let entry = lanes[sender]?.first else {
            lanes[sender] = nil
            return nil
        }
        release(sender, 0)
        return Turn(number: entry.number, isLive: entry.isLive, content: entry.content?.value)
    }

    /// Says that the entry whose turn it was has been dealt with.
    mutating func finished(_ sender: Address) {
        guard lanes[sender]?.isEmpty == false else { return }
        release(sender, 0)
        lanes[sender]?.removeFirst()
        count -= 1
    }

    /// Says that a sender's entries have to wait for long: others need the room more.
    mutating func unload(_ sender: Address) {
        for index in lanes[sender]?.indices ?? 0..<0 { release(sender, index) }
    }

    private mutating func release(_ sender: Address, _ index: Int) {
        guard let bytes = lanes[sender]?[index].content?.bytes else { return }
        lanes[sender]?[index].content = nil
        held.messages -= 1
        held.bytes -= bytes
    }
}
