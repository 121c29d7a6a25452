/// Why a mail can't be read or written. No description holds content, an address or a header's value.
public struct MIMEError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// A short, stable name for counters and logs.
        public let description: String
        private init(_ name: String) { description = name }
        /// The structure is broken: no end of a multipart, a header that is none, not exactly two parts where RFC 3156 wants two.
        public static let malformed = Code("malformed")
        /// Two readers could see two different mails in it: a doubled Content-Type that says two things, for example.
        public static let ambiguous = Code("ambiguous")
        /// A size limit of ``MailLimits`` was reached.
        public static let tooBig = Code("too-big")
        /// Parts nest deeper than ``MailLimits/depth``.
        public static let tooDeep = Code("too-deep")
        /// More parts, header fields or recipients than ``MailLimits`` allow.
        public static let tooMany = Code("too-many")
        /// What was to be written can't be: a line break in a subject, an address that is none, an attachment's type that is none.
        public static let invalid = Code("invalid")
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
