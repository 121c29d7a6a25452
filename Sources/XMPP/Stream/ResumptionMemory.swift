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
}

/// Where the last session of an account is remembered.
public protocol ResumptionMemory: Sendable {
    /// The session that may be resumed, if any.
    func resumption(of account: Address) async throws -> ResumptionRecord?
    /// Remembers a session, or with `nil` that there is none.
    func setResumption(_ record: ResumptionRecord?, of account: Address) async throws
}
