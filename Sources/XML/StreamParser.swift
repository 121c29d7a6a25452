/// A push parser for one XML stream (RFC 6120 § 4): bytes in, the header and whole stanzas out.
///
/// One owner feeds it. A restarted stream gets a new parser. After an error it stays dead: each further feed throws the same error.
/// How the bytes are cut into feeds makes no difference to what comes out.
public final class StreamParser {
    /// What the parser has seen.
    public enum Event: Hashable, Sendable {
        /// The root's start tag, without content.
        case opened(Element)
        /// A complete child of the root; it comes out as soon as its last `>` is fed.
        case stanza(Element)
        /// The root's end tag. Only white space may follow.
        case closed
    }

    let core: ParserCore

    /// Makes a parser for a new stream.
    public init(limits: ParserLimits = .stream) {
        core = ParserCore(limits: limits, frame: 1)
    }

    /// How many bytes of what was fed lie behind the last event's `>`: at STARTTLS there must be none behind `<proceed/>`.
    public var bytesBehindLastEvent: Int { core.bytesBehindLastEvent }

    /// Reads bytes and appends what they complete; what came before an error is there when it throws.
    public func feed(_ bytes: UnsafeRawBufferPointer, into events: inout [Event]) throws(ParseError) {
        try core.feed(bytes, into: &events)
    }

    /// Reads bytes and appends what they complete; what came before an error is there when it throws.
    public func feed(_ bytes: some Collection<UInt8>, into events: inout [Event]) throws(ParseError) {
        let result = Array(bytes).withUnsafeBytes { bytes in Result { () throws(ParseError) in try core.feed(bytes, into: &events) } }
        try result.get()
    }

    /// Reads bytes and returns what they complete. What the same bytes hold before an error is lost: prefer the form with `into`.
    public func feed(_ bytes: UnsafeRawBufferPointer) throws(ParseError) -> [Event] {
        var events: [Event] = []
        try feed(bytes, into: &events)
        return events
    }

    /// Reads bytes and returns what they complete. What the same bytes hold before an error is lost: prefer the form with `into`.
    public func feed(_ bytes: some Collection<UInt8>) throws(ParseError) -> [Event] {
        var events: [Event] = []
        try feed(bytes, into: &events)
        return events
    }
}

@available(*, unavailable)
extension StreamParser: Sendable {}
