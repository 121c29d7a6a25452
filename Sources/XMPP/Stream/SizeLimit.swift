internal import XML

/// The largest stanza that a server takes, and how we know.
public struct SizeLimit: Hashable, Sendable, CustomStringConvertible {
    /// How a limit came to be known.
    public enum Source: Hashable, Sendable {
        /// The server says so (XEP-0478).
        case announced
        /// The server has ended a stream over a larger stanza (R11).
        case learnt
        /// The operator says so.
        case configured
    }
    /// The size of the largest stanza that may pass, in bytes of its text.
    public var bytes: Int
    /// How it came to be known.
    public var source: Source

    /// Makes a limit.
    public init(_ bytes: Int, _ source: Source) {
        self.bytes = bytes
        self.source = source
    }

    /// The limit in words.
    public var description: String {
        switch source {
        case .announced: "\(bytes) bytes, as the server says"
        case .learnt: "\(bytes) bytes, learnt when the server ended the stream over a larger stanza"
        case .configured: "\(bytes) bytes, as max_stanza says"
        }
    }
}

extension OutboundStanza {
    /// How many bytes the stanza has on the stream; presence without its capabilities.
    public var byteCount: Int { element().serialized(inheriting: Namespace.client).utf8.count }
}
