/// Something that recurs: a message to people, or an event for a handler.
public struct Schedule: Sendable, Hashable {
    /// What happens.
    public enum Work: Sendable, Hashable {
        /// This text goes to these people, each alone (R8).
        case message(String, to: [Person])
        /// A handler of the bot gets an event with the schedule's name.
        case handler(String)
    }

    /// Its name.
    public var name: String
    /// When.
    public var clock: ScheduleClock
    /// What.
    public var work: Work
    /// How late it may be made up for after the process was down, in seconds; what is older is left out.
    public var grace: Int64

    /// Makes a schedule.
    public init(name: String, clock: ScheduleClock, work: Work, grace: Int64 = 3600) {
        self.name = name
        self.clock = clock
        self.work = work
        self.grace = max(grace, 0)
    }
}
