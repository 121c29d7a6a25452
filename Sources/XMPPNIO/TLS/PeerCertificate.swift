import Crypto
import FoundationEssentials
import Glibc
import NIOSSL
import SwiftASN1
import X509

/// What we need to know about a server's certificate beyond what TLS has checked.
struct PeerCertificate {
    private let der: [UInt8]
    private let certificate: Certificate

    /// Reads the certificate; `nil` if it can't be read.
    init?(_ certificate: NIOSSLCertificate?) {
        guard let der = try? certificate?.toDERBytes(), let parsed = try? Certificate(derEncoded: der) else { return nil }
        self.der = der
        self.certificate = parsed
    }

    /// The tls-server-end-point channel binding (RFC 5929 § 4.1): the certificate, hashed with its signature's hash function, or
    /// with SHA-256 in place of MD5 and SHA-1; `nil` where the RFC defines none.
    var serverEndPoint: [UInt8]? {
        switch certificate.signatureAlgorithm {
        case .sha1WithRSAEncryption, .sha256WithRSAEncryption, .ecdsaWithSHA256: Array(SHA256.hash(data: der))
        case .sha384WithRSAEncryption, .ecdsaWithSHA384: Array(SHA384.hash(data: der))
        case .sha512WithRSAEncryption, .ecdsaWithSHA512: Array(SHA512.hash(data: der))
        default: nil
        }
    }

    var notValidBefore: Date { certificate.notValidBefore }
    var notValidAfter: Date { certificate.notValidAfter }
    /// Whether nobody but its own key vouches for it.
    var isSelfSigned: Bool { certificate.issuer == certificate.subject }
    /// Who vouches for it, in words.
    var issuer: String { Self.printable(certificate.issuer.description) }

    /// The host names and addresses that it is for, at most six of them.
    var names: [String] {
        let names = (try? certificate.extensions.subjectAlternativeNames) ?? SubjectAlternativeNames()
        return names.compactMap { name in
            switch name {
            case .dnsName(let name): Self.printable(name)
            case .ipAddress(let address): Self.text(Array(address.bytes))
            default: nil
            }
        }.prefix(6).map { $0 }
    }

    /// Whether it is for an IP address (RFC 6125 § 1.7.2 leaves that out; RFC 9525 § 6.5: an iPAddress identifier, byte for byte).
    func isFor(ip text: String) -> Bool {
        guard let wanted = Self.bytes(text), let names = try? certificate.extensions.subjectAlternativeNames else { return false }
        return names.contains { if case .ipAddress(let address) = $0 { Array(address.bytes) == wanted } else { false } }
    }

    /// The bytes of an IP address in text form; `nil` if it is none.
    static func bytes(_ text: String) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &buffer) == 1 { return Array(buffer[..<4]) }
        if inet_pton(AF_INET6, text, &buffer) == 1 { return buffer }
        return nil
    }

    private static func text(_ bytes: [UInt8]) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Text of the peer for a message to the operator: short, without control characters.
    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }.prefix(200)))
    }
}
