internal import Crypto

/// Where a Web Key Directory has the key of a mailbox (draft-koch-openpgp-webkey-service § 3.1). Names only; fetching is the caller's.
public struct WebKeyDirectory: Hashable, Sendable {
    /// The two places where a directory may be.
    public enum Method: Sendable, CaseIterable {
        /// On the host `openpgpkey.DOMAIN`. It is tried first, and alone if that host has an address.
        case advanced
        /// On the mail domain's own host. It is tried only if there is no host of the advanced method.
        case direct
    }

    /// The mailbox whose key it is.
    public let mailbox: UserIDMailbox

    /// Names the places for a mailbox; `nil` if its domain isn't in ASCII (give it in its `xn--` form), or too long for a host of its own.
    public init?(_ mailbox: UserIDMailbox) {
        guard mailbox.domain.utf8.allSatisfy({ $0 < 0x80 }), "openpgpkey.".utf8.count + mailbox.domain.utf8.count <= 253 else { return nil }
        self.mailbox = mailbox
    }

    /// The file's name: 32 characters, z-base-32 of SHA-1 of the local part, whose ASCII letters count as lower case.
    public var name: String {
        let lowered = mailbox.localPart.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
        return Self.zBase32(Array(Insecure.SHA1.hash(data: lowered)))
    }

    /// The host that is asked, over HTTPS on port 443, certificate checked.
    public func host(_ method: Method) -> String { method == .advanced ? "openpgpkey." + mailbox.domain : mailbox.domain }

    /// The key's file, relative to the web server's root, without a leading slash. It holds the certificate in binary form.
    public func path(_ method: Method) -> String { "\(folder(method))/hu/\(name)" }

    /// The policy file, relative to the web server's root, without a leading slash. It must be there and may be empty.
    public func policyPath(_ method: Method) -> String { "\(folder(method))/policy" }

    /// The key's address. The query tells the server the local part as it is written.
    public func url(_ method: Method) -> String {
        "https://\(host(method))/\(path(method))?l=\(Self.escaped(mailbox.localPart))"
    }

    private func folder(_ method: Method) -> String {
        ".well-known/openpgpkey" + (method == .advanced ? "/" + mailbox.domain : "")
    }

    /// RFC 6189 § 5.1.6, for whole groups of five bits: SHA-1's 160 are 32 of them.
    static func zBase32(_ bytes: [UInt8]) -> String {
        let digits = Array("ybndrfg8ejkmcpqxot1uwisza345h769")
        var text = ""
        var bits = 0
        var value = 0
        for byte in bytes {
            value = value << 8 | Int(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(digits[value >> bits & 31])
                value &= (1 << bits) - 1
            }
        }
        if bits > 0 { text.append(digits[value << (5 - bits) & 31]) }
        return text
    }

    /// RFC 3986 § 2.3: all but the unreserved characters are escaped.
    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.map { byte in
            switch byte {
            case 65...90, 97...122, 48...57, 45, 46, 95, 126: String(Unicode.Scalar(byte))
            default: "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        .joined()
    }
}
