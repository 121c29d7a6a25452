/// Why the account's own key could not be made or announced.
public struct AnnounceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// A short, stable name for counters and logs.
        public let description: String
        private init(_ name: String) { description = name }
        /// The stored key isn't in the keyring, or can't be used. A new one is never made in its place: peers would take it for a fraud.
        public static let ownKey = Code("own-key")
        /// The OpenPGP engine failed.
        public static let engine = Code("engine")
        /// The store can't be read or written.
        public static let store = Code("store")
        /// The account's PEP service refused something.
        public static let service = Code("service")
        /// The service returns something else than what was published.
        public static let readBack = Code("read-back")
        /// The connection failed; worth another try.
        public static let session = Code("session")
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
