/// What ties a login to the TLS connection that it runs over (RFC 5056), as the transport has computed it.
///
/// Its bytes are not secret, but they identify the connection; they don't belong into logs.
public struct ChannelBinding: Hashable, Sendable {
    /// A type by its registered unique prefix. `tls-unique` isn't supported: it is undefined for TLS 1.3 and weak before.
    public enum Kind: String, Sendable, CaseIterable {
        /// RFC 9266: 32 bytes of keying material exported with the label `EXPORTER-Channel-Binding`.
        case exporter = "tls-exporter"
        /// RFC 5929 § 4: the hash of the server's certificate.
        case serverEndPoint = "tls-server-end-point"
    }
    /// The type.
    public let kind: Kind
    /// The binding's bytes.
    public let bytes: [UInt8]

    /// Makes a binding.
    public init(_ kind: Kind, _ bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }
}

extension ChannelBinding: CustomStringConvertible {
    /// The type; never the bytes.
    public var description: String { kind.rawValue }
}
