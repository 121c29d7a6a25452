import NIOPosix
import NIOSSL
import YAMLConfiguration

/// The server's certificate, read from its files.
enum Certificates {
    /// Reads certificate and key. TLS 1.2 and later.
    ///
    /// - Throws: What is wrong with the files, at the place of the section.
    static func read(_ settings: HTTPSettings.TLS) async throws(ConfigurationErrors) -> NIOSSLContext {
        do {
            return try await NIOThreadPool.singleton.runIfActive { try context(settings) }
        } catch {
            throw ConfigurationErrors(unusable(settings, error))
        }
    }

    /// What ``read(_:)`` would refuse; `nil` for nothing. Blocks for the time of reading two files.
    static func problem(_ settings: HTTPSettings.TLS) -> ConfigurationError? {
        do {
            _ = try context(settings)
            return nil
        } catch {
            return unusable(settings, error)
        }
    }

    private static func context(_ settings: HTTPSettings.TLS) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(settings.certificate)
        let key = try NIOSSLPrivateKey(file: settings.key, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // The context finds out whether they belong together.
        return try NIOSSLContext(configuration: configuration)
    }

    private static func unusable(_ settings: HTTPSettings.TLS, _ error: any Error) -> ConfigurationError {
        ConfigurationError(
            at: settings.position,
            path: settings.path,
            "\(settings.certificate) and \(settings.key) can't be used as certificate and key: \(error)",
            hint: "both are PEM files that we may read; the key is the certificate's and has no passphrase"
        )
    }
}
