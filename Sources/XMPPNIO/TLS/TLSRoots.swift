import Glibc
import NIOSSL
import Synchronization

/// Whose word about certificates is taken.
public struct TLSRoots: Hashable, Sendable, CustomStringConvertible {
    private enum Source: Hashable {
        case system
        case file(String)
    }
    private let source: Source

    /// The certification authorities that the operating system ships.
    public static let system = TLSRoots(source: .system)

    /// Only the authorities in a PEM file.
    public static func file(_ path: String) -> TLSRoots { TLSRoots(source: .file(path)) }

    /// For messages to the operator.
    public var description: String {
        switch source {
        case .system: "the system's certification authorities"
        case .file(let path): path
        }
    }

    /// Where systems keep their authorities as one PEM file.
    static let systemFiles = [
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Alpine, Arch
        "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, RHEL
        "/etc/ssl/ca-bundle.pem",  // openSUSE
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ]

    /// The certificates, parsed once for the process and again only if the file has changed.
    ///
    /// Reads a file of a few hundred kilobytes: not for an event loop.
    /// - Throws: ``TLSRootsError``.
    @concurrent
    func certificates() async throws -> [NIOSSLCertificate] {
        switch source {
        case .file(let path): return try Self.load(path)
        case .system:
            guard let path = Self.systemFiles.first(where: { access($0, R_OK) == 0 }) else {
                throw TLSRootsError(
                    message: "No file with the system's certification authorities was found: install ca-certificates, or set `ca`."
                )
            }
            return try Self.load(path)
        }
    }

    /// What a file contained when it was last read. Every TLS context of every account shares the parsed certificates.
    private struct Entry: Sendable {
        let version: Version
        let certificates: [NIOSSLCertificate]
    }

    private struct Version: Hashable {
        let inode: UInt
        let size: Int
        let seconds: Int
        let nanoseconds: Int
    }

    private static let cache = Mutex<[String: Entry]>([:])

    private static func load(_ path: String) throws -> [NIOSSLCertificate] {
        var information = stat()
        guard stat(path, &information) == 0 else {
            throw TLSRootsError(message: "The certification authorities in \(path) can't be read: \(SystemError.words(errno)).")
        }
        let version = Version(
            inode: UInt(information.st_ino),
            size: Int(information.st_size),
            seconds: information.st_mtim.tv_sec,
            nanoseconds: information.st_mtim.tv_nsec
        )
        return try cache.withLock { cache in
            if let entry = cache[path], entry.version == version { return entry.certificates }
            let certificates: [NIOSSLCertificate]
            do {
                certificates = try NIOSSLCertificate.fromPEMFile(path)
            } catch {
                throw TLSRootsError(message: "\(path) is no readable PEM file with certificates.")
            }
            guard !certificates.isEmpty else { throw TLSRootsError(message: "\(path) contains no certificate.") }
            cache[path] = Entry(version: version, certificates: certificates)
            return certificates
        }
    }
}

/// Why the certification authorities could not be read.
public struct TLSRootsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, where, and what to do about it.
    public let message: String
    /// The message.
    public var description: String { message }
}
