/// Why a message has not left, or came back: a class that decides what follows, and words for the operator.
public struct OutboxFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; ``RetryPlan`` has a rule for each.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The recipient has no key that may be encrypted to. Held; mended by a key.
        case noKey = "no-key"
        /// Nothing may be sent that way before the operator has looked at it: a gateway that has gone back on what it said, or with which the
        /// account isn't registered. Held; mended by the operator.
        case needsOperator = "operator"
        /// The recipient can't be reached now: `recipient-unavailable`, `service-unavailable` (R10).
        case recipientUnavailable = "recipient-unavailable"
        /// The recipient's server can't be reached now: `remote-server-not-found`, `remote-server-timeout` (R10).
        case remoteServer = "remote-server"
        /// A server works below its limits: `resource-constraint` (R10), or says that we send too fast.
        case rateLimited = "rate-limited"
        /// Our server does not let it pass; tried a few times.
        case serverPolicy = "server-policy"
        /// A server failed: `internal-server-error` (R10).
        case serverFailure = "server-failure"
        /// The stanza is larger than our server takes (R11). Permanent.
        case tooBig = "too-big"
        /// The account is not online. Not an attempt.
        case offline
        /// Something of ours failed: gpg, its agent, the key ring, the disk.
        case `internal`
        /// A gateway has not confirmed it (R25).
        case noReceipt = "no-receipt"
        /// Its time is over. Permanent.
        case expired
        /// The payload can't be sealed as it is. Permanent.
        case malformed
        /// It came back with a condition that time doesn't mend (R10). Permanent.
        case refused
    }
    /// What kind of failure it is.
    public var kind: Kind
    /// What happened, for a person; never content, never a secret. At most ``wordsLimit`` bytes are kept.
    public var words: String

    /// How many bytes of ``words`` are kept.
    public static let wordsLimit = 1000

    /// Makes a failure; longer words are cut.
    public init(_ kind: Kind, _ words: String) {
        self.kind = kind
        self.words = words.utf8.count <= Self.wordsLimit ? words : String(decoding: words.utf8.prefix(Self.wordsLimit - 3), as: UTF8.self)
    }

    /// What a bounce means, judged by its condition and not by its type (R10).
    ///
    /// - Parameters:
    ///   - condition: The defined condition's local name (RFC 6120 § 8.3.3).
    ///   - text: The text that came with it.
    public init(bounce condition: String, text: String? = nil) {
        let kind: Kind =
            switch condition {
            case "remote-server-not-found", "remote-server-timeout": .remoteServer
            case "service-unavailable", "recipient-unavailable": .recipientUnavailable
            case "resource-constraint": .rateLimited
            case "internal-server-error": .serverFailure
            default: .refused
            }
        // The text is the peer's: no line breaks or other control characters of theirs in our lists.
        let said = String(
            String.UnicodeScalarView((text ?? "").unicodeScalars.prefix(200).filter { $0.properties.generalCategory != .control })
        )
        self.init(kind, said.isEmpty ? "it came back: \(condition)" : "it came back: \(condition) (\(said))")
    }

    /// Class and words.
    public var description: String { "\(kind.rawValue): \(words)" }
}
