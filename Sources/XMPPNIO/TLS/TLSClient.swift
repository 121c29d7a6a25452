import FoundationEssentials
import NIOCore
import NIOSSL
import XMPP

/// TLS for one connection attempt: what is expected of the server, and what the connection is bound to.
///
/// The certificate is checked for the account's domain, never for the host that was connected to (R13).
struct TLSClient: Sendable {
    /// The account's domain in its ASCII form, or an IP address without brackets.
    let domain: String
    private let roots: TLSRoots
    private let verifies: Bool
    private let context: NIOSSLContext
    private let exporter: ExporterSecret

    /// Makes the context for an attempt.
    ///
    /// - Throws: ``TLSRootsError``, or an error of NIOSSL.
    @concurrent
    static func make(domain: String, roots: TLSRoots, insecureSkipVerify: Bool, directTLS: Bool) async throws -> TLSClient {
        let exporter = ExporterSecret()
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if insecureSkipVerify {
            configuration.certificateVerification = .none
        } else {
            configuration.trustRoots = .certificates(try await roots.certificates())
            // For an address NIOSSL would look at where we connected to; ``verifyName(_:)`` looks at the domain instead.
            configuration.certificateVerification = PeerCertificate.bytes(domain) == nil ? .fullVerification : .noHostnameVerification
        }
        if directTLS { configuration.applicationProtocols = ["xmpp-client"] }
        configuration.keyLogCallback = { [exporter] in exporter.receive($0) }
        return TLSClient(
            domain: domain,
            roots: roots,
            verifies: !insecureSkipVerify,
            context: try NIOSSLContext(configuration: configuration),
            exporter: exporter
        )
    }

    /// The handler to put in front of the pipeline.
    func makeHandler() throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: context, serverHostname: PeerCertificate.bytes(domain) == nil ? domain : nil)
    }

    /// Checks what NIOSSL doesn't: that the certificate is for the domain if that is an IP address.
    ///
    /// - Returns: What is wrong, or `nil`.
    func verifyName(_ handler: NIOSSLHandler) -> SessionFailure? {
        guard verifies, PeerCertificate.bytes(domain) != nil else { return nil }
        guard let certificate = PeerCertificate(handler.peerCertificate), certificate.isFor(ip: domain) else {
            return failure(NIOSSLExtraError.failedToValidateHostname, handler.peerCertificate)
        }
        return nil
    }

    /// The channel bindings of a connection whose handshake is complete. The exporter's secret is gone afterwards.
    func bindings(_ handler: NIOSSLHandler) -> [ChannelBinding] {
        var bindings: [ChannelBinding] = []
        if let bytes = exporter.takeBinding() { bindings.append(ChannelBinding(.exporter, bytes)) }
        if let bytes = PeerCertificate(handler.peerCertificate)?.serverEndPoint { bindings.append(ChannelBinding(.serverEndPoint, bytes)) }
        return bindings
    }

    /// Forgets the secret of an attempt that has failed.
    func discard() {
        exporter.clear()
    }

    /// One line for the operator about a handshake that failed.
    ///
    /// BoringSSL only says that verification failed, so the certificate that the server showed is looked at once more for the reason.
    func failure(_ error: any Error, _ certificate: NIOSSLCertificate?, now: Date = Date()) -> SessionFailure {
        let server = "the server of \(domain)"
        let peer = PeerCertificate(certificate)
        let words = String(describing: error)
        if let error = error as? IOError {
            return SessionFailure(
                .network,
                "The connection to \(server) broke in the TLS handshake: \(SystemError.words(error.errnoCode))."
            )
        }
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            let names = peer?.names ?? []
            let list = names.isEmpty ? "no host name" : names.joined(separator: ", ")
            return SessionFailure(
                .tls,
                "The certificate of \(server) is for \(list), not for \(domain): the server needs one for the domain of its accounts."
            )
        }
        guard words.contains("CERTIFICATE_VERIFY_FAILED") else {
            return SessionFailure(.tls, "The TLS handshake with \(server) failed: \(Self.reason(words)).")
        }
        guard let peer else {
            return SessionFailure(.tls, "The certificate of \(server) can't be verified against \(roots).")
        }
        if peer.notValidAfter < now {
            let day = Self.day(peer.notValidAfter)
            return SessionFailure(.tls, "The certificate of \(server) expired on \(day): the server's operator has to renew it.")
        }
        if peer.notValidBefore > now {
            let day = Self.day(peer.notValidBefore)
            return SessionFailure(.tls, "The certificate of \(server) is valid only from \(day) on: check this machine's clock.")
        }
        let issuer = peer.isSelfSigned ? "is self-signed and not among \(roots)" : "comes from \(peer.issuer), which is not among \(roots)"
        return SessionFailure(.tls, "The certificate of \(server) \(issuer): if that authority is yours, set `ca` to its PEM file.")
    }

    private static func day(_ date: Date) -> String {
        date.formatted(.iso8601.year().month().day())
    }

    /// The part of BoringSSL's words that means something: `…:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER at …`.
    private static func reason(_ words: String) -> String {
        if words.contains("EOF during handshake") { return "the server closed the connection" }
        for part in words.split(whereSeparator: { ":;, ()[]\"".contains($0) })
        where part.count > 6 && part.allSatisfy({ $0.isUppercase || $0.isNumber || $0 == "_" }) && !part.allSatisfy(\.isNumber) {
            switch part {
            case "WRONG_VERSION_NUMBER", "HTTP_REQUEST":
                return "what answers there doesn't speak TLS; direct TLS and STARTTLS have different ports"
            case "OPENSSL_internal": continue
            default: return part.lowercased().split(separator: "_").joined(separator: " ")
            }
        }
        return String(words.prefix(200))
    }
}
