/// Why a message could not be sealed. Nothing has been sent, and nothing is ever sent in the clear instead (S14).
public struct SealError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// A short, stable name for counters and logs.
        public let description: String
        /// Makes a code; floors above this one have codes of their own.
        public init(_ name: String) { description = name }
        /// There is no key of the recipient that may be used; ``SealError/problems`` says why for each.
        public static let noUsableKey = Code("no-usable-key")
        /// The account has no key of its own (yet).
        public static let noOwnKey = Code("no-own-key")
        /// The payload is empty, or holds an element that a payload must not hold (R5).
        public static let payload = Code("payload")
        /// The keys aren't known, and could not be looked up because of something of ours: the connection to our own server above all. That
        /// says nothing about the recipient, and time mends it.
        public static let interrupted = Code("interrupted")
        /// The OpenPGP engine failed.
        public static let engine = Code("engine")
        /// The store of trusted keys can't be read.
        public static let store = Code("store")
    }
    /// What kind of failure it is.
    public let code: Code
    /// What happened, and what to do about it.
    public let message: String
    /// For ``Code/noUsableKey``: what is wrong with each key, or with the list.
    public let problems: [String]

    /// Makes an error.
    public init(_ code: Code, _ message: String, problems: [String] = []) {
        self.code = code
        self.message = message
        self.problems = problems
    }

    /// The message and the problems.
    public var description: String {
        problems.isEmpty ? message : message + " (" + problems.joined(separator: "; ") + ")"
    }
}
