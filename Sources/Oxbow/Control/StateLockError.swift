/// Why a state directory can't be used.
public struct StateLockError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable {
        private enum Known: Hashable { case owned, foreign, unusable }
        private let known: Known
        /// Another process has it.
        public static let owned = Code(known: .owned)
        /// It belongs to another user.
        public static let foreign = Code(known: .foreign)
        /// It can't be made, entered or written.
        public static let unusable = Code(known: .unusable)
    }
    /// What kind of failure it is.
    public let code: Code
    /// What happened, and what to do about it.
    public let message: String
    /// The process that has it, where that is known.
    public let process: Int32?

    /// Makes an error.
    public init(_ code: Code, _ message: String, process: Int32? = nil) {
        self.code = code
        self.message = message
        self.process = process
    }

    /// The message.
    public var description: String { message }
}
