/// What a peer may make the parser hold. Everything is counted on what was received; exceeding a limit ends the parse with a
/// ``ParseError`` whose code is `tooDeep`, `tooMany` or `tooBig`.
///
/// The limits also bound time: libxml2 compares each attribute of an element with each other one, so the number of attributes is
/// checked before it sees the tag.
public struct ParserLimits: Hashable, Sendable {
    /// How deep elements may nest, the root included.
    public var depth: Int
    /// Elements in one stanza (or document), the outermost included.
    public var elements: Int
    /// Child elements and runs of text in one element.
    public var children: Int
    /// Attributes in one start tag; namespace declarations count.
    public var attributes: Int
    /// Bytes (UTF-8) of one local name, and of one namespace name.
    public var nameBytes: Int
    /// Bytes (UTF-8) of one attribute's value, references resolved.
    public var attributeBytes: Int
    /// Bytes (UTF-8) of one run of text between two tags, references resolved.
    public var textBytes: Int
    /// Bytes as received of one stanza from its `<` to its `>`, of a stream's header, or of a whole document.
    public var stanzaBytes: Int

    /// Makes limits; what isn't given is as for a stream of a client.
    ///
    /// The default of 1 MiB a stanza leaves room above what servers pass on (256 to 512 KiB), since rosters and lists that a
    /// server makes itself aren't held to its own limit.
    public init(
        depth: Int = 64,
        elements: Int = 20_000,
        children: Int = 10_000,
        attributes: Int = 64,
        nameBytes: Int = 1024,
        attributeBytes: Int = 64 * 1024,
        textBytes: Int = 1024 * 1024,
        stanzaBytes: Int = 1024 * 1024
    ) {
        self.depth = depth
        self.elements = elements
        self.children = children
        self.attributes = attributes
        self.nameBytes = nameBytes
        self.attributeBytes = attributeBytes
        self.textBytes = textBytes
        self.stanzaBytes = stanzaBytes
    }

    /// For the streams of a logged-in client.
    public static let stream = ParserLimits()

    /// For a stream whose peer isn't authenticated yet: nothing before the login is large (RFC 6120 § 13.12).
    public static let beforeLogin = ParserLimits(
        depth: 16,
        elements: 256,
        children: 128,
        attributes: 32,
        attributeBytes: 4096,
        textBytes: 16 * 1024,
        stanzaBytes: 64 * 1024
    )

    /// For a decrypted content element (S8).
    public static let content = ParserLimits(depth: 32, elements: 2000, children: 1000)
}
