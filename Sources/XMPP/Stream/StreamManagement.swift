/// XEP-0198 for one session, which may outlive the connections that carry it: what was sent and not acknowledged, and how much of
/// what came has been processed.
///
/// A value without IO. ``ClientStream`` owns it while a stream is up and hands it back in ``ClientStream/End/resumption``.
public struct StreamManagement: Sendable {
    /// An outbound stanza's name in this machine; the caller chooses it.
    public typealias Token = UInt64

    /// A place in the order of arrival; comes with every counted inbound stanza and goes back once, when the stanza is safe.
    public struct Ticket: Hashable, Sendable {
        let session: UInt64
        let number: UInt64
    }

    /// An outbound stanza that the server hasn't acknowledged.
    public struct Outstanding: Hashable, Sendable {
        /// The name under which it was sent; `nil` for a stanza whose fate nobody waits for.
        public let token: Token?
        /// The stanza as it was written.
        public let text: String
    }

    /// How much may be unacknowledged before sending is refused.
    public struct Limits: Hashable, Sendable {
        /// Stanzas.
        public var stanzas: Int
        /// Bytes of their text in UTF-8.
        public var bytes: Int

        /// Makes limits.
        public init(stanzas: Int = 1_000, bytes: Int = 8 << 20) {
            self.stanzas = stanzas
            self.bytes = bytes
        }
    }
}
