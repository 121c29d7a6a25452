/// What has to be on disk so that a session can be resumed by another process after a crash (XEP-0198 § 5, R12).
public struct ResumptionRecord: Hashable, Sendable {
    /// The server's name for the session (`previd`), at most 4,000 bytes.
    public var id: String
    /// The full JID of the session.
    public var address: Address
    /// Where the server wants us to reconnect, if it said so: a host, or host and port.
    public var location: String?
    /// How many stanzas of the server are safe here, modulo 2^32 (`h`).
    public var handled: UInt32
    /// The capabilities' `ver` in the presence that the session last sent; if ours differs after a resume, presence is sent again.
    public var capabilities: String?

    /// Makes a record.
    public init(id: String, address: Address, location: String? = nil, handled: UInt32 = 0, capabilities: String? = nil) {
        self.id = id
        self.address = address
        self.location = location
        self.handled = handled
        self.capabilities = capabilities
    }

    /// Whether this is an older count of the same session. Such a record must not replace the other one: a resume whose `h` is below the
    /// last `<a/>` is refused (R12).
    public func isBehind(_ other: ResumptionRecord) -> Bool {
        // Modulo 2^32; half of that is more than any two records of a session lie apart.
        id == other.id && Int32(bitPattern: handled &- other.handled) < 0
    }
}

/// Where the last session of an account is remembered.
public protocol ResumptionMemory: Sendable {
    /// The session that may be resumed, if any.
    func resumption(of account: Address) async throws -> ResumptionRecord?
    /// Remembers a session, or with `nil` that there is none. A record that ``ResumptionRecord/isBehind(_:)`` the one that is there changes
    /// nothing: the session stores its count when its server asks for it, an account with each batch of messages.
    func setResumption(_ record: ResumptionRecord?, of account: Address) async throws
}
