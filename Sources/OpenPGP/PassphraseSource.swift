/// Where the passphrase of an account's secret key comes from: a file, the environment, a command, or a test.
///
/// It is asked only when GnuPG's agent needs the passphrase, which is once after each start of the agent; the bytes are not kept between.
public struct PassphraseSource: Sendable {
    private let read: @Sendable () async throws -> SecretBytes

    /// Makes a source. `read` may be called again and again and from several tasks; what it throws ends up as the cause of an
    /// ``OpenPGPError`` with code ``OpenPGPError/Code/passphrase``, of which only the description is shown.
    public init(_ read: @escaping @Sendable () async throws -> SecretBytes) { self.read = read }

    /// A source that always gives these bytes.
    public static func constant(_ bytes: SecretBytes) -> PassphraseSource { PassphraseSource { bytes } }

    func passphrase() async throws -> SecretBytes { try await read() }
}
