/// Why XML was refused. It holds no content of what was received.
public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of refusal it is; more may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// A short, stable name for counters and logs.
        public let description: String
        /// The stream error condition of RFC 6120 § 4.9.3 that tells the peer: a local name in `urn:ietf:params:xml:ns:xmpp-streams`.
        public let streamErrorCondition: String

        private init(_ name: String, _ condition: String) {
            description = name
            streamErrorCondition = condition
        }

        /// Not well-formed XML, or not well-formed as to namespaces.
        public static let malformed = Code("malformed", "not-well-formed")
        /// The input ended inside of the root.
        public static let incomplete = Code("incomplete", "not-well-formed")
        /// Something other than white space follows the root (A14).
        public static let trailingContent = Code("trailing-content", "not-well-formed")
        /// A comment, a processing instruction, a DTD, or a reference to an entity that isn't one of the five (RFC 6120 § 11.1).
        public static let restricted = Code("restricted", "restricted-xml")
        /// A prefix without a declaration.
        public static let unboundPrefix = Code("unbound-prefix", "bad-namespace-prefix")
        /// Not UTF-8, a declaration that says so, a byte order mark, or a NUL (RFC 6120 § 11.6).
        public static let badEncoding = Code("bad-encoding", "unsupported-encoding")
        /// Text directly inside of a stream's root.
        public static let strayText = Code("stray-text", "bad-format")
        /// Nested deeper than ``ParserLimits/depth``.
        public static let tooDeep = Code("too-deep", "policy-violation")
        /// More than ``ParserLimits/elements``, ``ParserLimits/children`` or ``ParserLimits/attributes``.
        public static let tooMany = Code("too-many", "policy-violation")
        /// A name, an attribute, a text or a stanza longer than its limit.
        public static let tooBig = Code("too-big", "policy-violation")
        /// The parser could not get memory.
        public static let noMemory = Code("no-memory", "resource-constraint")
    }

    /// What kind of refusal it is.
    public let code: Code
    /// What was wrong, in words without any content.
    public let message: String
    /// How many bytes had been read when it was noticed.
    public let offset: Int

    /// Makes an error.
    public init(_ code: Code, _ message: String, offset: Int = 0) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    /// The stream error condition of RFC 6120 § 4.9.3 that tells the peer, such as `not-well-formed`.
    public var streamErrorCondition: String { code.streamErrorCondition }

    /// The message, and where.
    public var description: String { "\(message), at byte \(offset)" }
}
