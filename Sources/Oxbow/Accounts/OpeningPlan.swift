import Delivery

/// What follows when a recorded message could not be opened and that is no verdict on it (R2). A value without a clock.
struct OpeningPlan: Hashable, Sendable {
    /// Whose fault it was.
    enum Fault: Hashable, Sendable {
        /// Ours: agent, keyring, store, disk, connection. It says nothing about the message.
        case ours
        /// It can't be told, as with a time-out: a message can be made to take for ever.
        case unclear
    }
    /// What to do.
    enum Verdict: Hashable, Sendable {
        /// Try it again after a pause; what the sender wrote later waits for it.
        case retry(after: Duration)
        /// Give it up: a dead letter.
        case dead
    }
    /// How often a message is tried whose own fault it may be (R2).
    var runs = 5
    /// How long after its arrival a message is tried while the fault is ours, in seconds: as long as a delay may explain its age (R1).
    var patience: Int64

    /// What follows.
    ///
    /// - Parameters:
    ///   - begun: How often it was begun in all for a fault that is unclear, this time included.
    ///   - failures: How often in a row it has failed in this process, this time included.
    ///   - age: How long ago it arrived, in seconds.
    func verdict(_ fault: Fault, begun: Int, failures: Int, age: Int64) -> Verdict {
        switch fault {
        case .ours:
            guard age <= patience else { return .dead }
            return .retry(after: .seconds(min(60, 1 << min(6, max(0, failures - 1)))))
        case .unclear:
            guard begun < runs else { return .dead }
            // Twenty minutes in all: a machine that stands still for a while is over it by then.
            let pauses: [Duration] = [.seconds(5), .seconds(60), .seconds(300), .seconds(900)]
            return .retry(after: pauses[min(pauses.count, max(1, begun)) - 1])
        }
    }
}
