/// Why an operator's word about keys could not be carried out.
public struct KeyDirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// A short, stable name for counters and logs.
        public let description: String
        private init(_ name: String) { description = name }
        /// There is no such key in the keyring, and the peer publishes none.
        public static let notFound = Code("not-found")
        /// The key is not acceptable (S11), or doesn't carry the peer's address (S3b).
        public static let rejected = Code("rejected")
        /// The account's trust policy leaves this to the configuration.
        public static let policy = Code("policy")
        /// The store or the keyring failed.
        public static let store = Code("store")
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
