/// Why a handler could not do what it tried, or why its event has failed. Holds no message content.
public struct HandlerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// A short, stable name for counters and logs.
        public let description: String
        private init(_ name: String) { description = name }
        /// `send_to` doesn't name the address (R18).
        public static let notAllowed = Code("not-allowed")
        /// The event is our own (a schedule's): there is nobody to answer.
        public static let nobody = Code("nobody")
        /// The event is over: done, timed out or cancelled.
        public static let over = Code("over")
        /// The payload may not be sent (R5).
        public static let payload = Code("payload")
        /// The handler can't be had: its module is missing or refused its settings, its program is not running.
        public static let unavailable = Code("unavailable")
        /// The program died, or was ended for breaking the protocol.
        public static let program = Code("program")
    }
    /// What kind of failure it is.
    public let code: Code
    /// What happened, and what to do about it.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
