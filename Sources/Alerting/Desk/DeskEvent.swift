/// One thing that the desk did, for a log: fixed words, names of the configuration, ids, and never a text of an alert or a message.
public struct DeskEvent: Sendable, Hashable {
    /// How much it asks for somebody.
    public enum Level: String, Sendable, Hashable, CaseIterable {
        /// For those who look for a mistake.
        case debug
        /// The course of things.
        case info
        /// Something didn't work, and is tried again or was told to who asked.
        case warning
        /// Somebody has to do something.
        case error
    }

    /// How much it asks for somebody.
    public var level: Level
    /// What happened, in fixed words.
    public var what: String
    /// What it is about: `account`, `route`, `outcome`, `conversation`, `messages` (their ids), `reason` and the like.
    public var details: [String: String]

    /// Makes an event.
    public init(_ level: Level, _ what: String, _ details: [String: String] = [:]) {
        self.level = level
        self.what = what
        self.details = details
    }
}
