/// The URI of an account (RFC 5122), for links and QR codes.
enum XMPPLink {
    /// `xmpp:NODE@DOMAIN` with everything escaped that a URI can't hold.
    static func uri(_ jid: String) -> String {
        "xmpp:" + jid.utf8.map { isPlain($0) ? String(UnicodeScalar($0)) : escape($0) }.joined()
    }

    /// RFC 5122's `nodeallow` and unreserved characters, and what stands between the parts.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-._~!$()*+,;=@".utf8.contains(byte)
        }
    }

    private static func escape(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.count < 2 ? "0" : "") + digits
    }
}
