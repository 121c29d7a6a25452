/// What a mail may make the reader hold and compute. Exceeding a limit is a ``MIMEError`` with the code `tooBig`, `tooDeep` or `tooMany`.
public struct MailLimits: Hashable, Sendable {
    /// Bytes of the whole mail as received.
    public var bytes: Int
    /// How deep parts may nest, the root included.
    public var depth: Int
    /// Parts in all, the root and multiparts included.
    public var parts: Int
    /// Header fields in one part.
    public var fields: Int
    /// Bytes of one header field, its continuation lines included.
    public var fieldBytes: Int
    /// Bytes of the header of one part.
    public var headerBytes: Int
    /// Mailboxes in one field, and Message-IDs in one field.
    public var addresses: Int
    /// Bytes (UTF-8) of the text.
    public var textBytes: Int
    /// Bytes of one attachment, decoded.
    public var attachmentBytes: Int
    /// Attachments.
    public var attachments: Int
    /// Bytes of text and attachments together, decoded.
    public var decodedBytes: Int

    /// Makes limits.
    public init(
        bytes: Int = 32 * 1024 * 1024,
        depth: Int = 16,
        parts: Int = 256,
        fields: Int = 256,
        fieldBytes: Int = 64 * 1024,
        headerBytes: Int = 256 * 1024,
        addresses: Int = 256,
        textBytes: Int = 1024 * 1024,
        attachmentBytes: Int = 24 * 1024 * 1024,
        attachments: Int = 64,
        decodedBytes: Int = 32 * 1024 * 1024
    ) {
        self.bytes = bytes
        self.depth = depth
        self.parts = parts
        self.fields = fields
        self.fieldBytes = fieldBytes
        self.headerBytes = headerBytes
        self.addresses = addresses
        self.textBytes = textBytes
        self.attachmentBytes = attachmentBytes
        self.attachments = attachments
        self.decodedBytes = decodedBytes
    }
}
