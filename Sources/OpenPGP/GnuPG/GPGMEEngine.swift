public import Logging

/// ``OpenPGPEngine`` over GPGME: one account's ordinary GnuPG home, worked by GnuPG's own `gpg` and `gpg-agent`.
///
/// Every operation runs on a thread of our own pool, at most two at a time for one home, and ends at its time limit.
/// The agent is started when a secret key is needed, stopped when idle, and ends with this process, however that ends.
public final class GPGMEEngine: OpenPGPEngine {
    /// What may be chosen.
    public struct Options: Hashable, Sendable {
        /// How long the agent stays after its last use. A start costs about 20 ms, an agent about 3 MB.
        public var agentIdle: Duration
        /// The longest that operations without a limit of their own may run.
        public var time: Duration
        /// Whether the agent may talk to smartcards.
        public var smartcards: Bool

        /// Makes options.
        public init(agentIdle: Duration = .seconds(60), time: Duration = .seconds(30), smartcards: Bool = false) {
            self.agentIdle = agentIdle
            self.time = time
            self.smartcards = smartcards
        }
    }

    /// Opens the GnuPG home at `home` (an absolute path), which is made with mode 0700 if it is missing.
    ///
    /// With a `passphrase`, keys that are made are protected by it, and keys that are protected by it can be used.
    /// - Throws: ``OpenPGPError`` with code `keyring` if the home is not ours alone, can't be made, or its path is too long for a socket;
    ///   `engine` if GnuPG is missing or too old.
    public init(home: String, passphrase: PassphraseSource? = nil, options: Options = Options(), logger: Logger) async throws {
        throw OpenPGPError(.engine, "to come")
    }

    /// Stops the agent. Operations after this throw.
    public func close() async {}

    public func generateKey(userID: String) async throws -> Fingerprint { throw OpenPGPError(.engine, "to come") }
    public func seal(_ plaintext: [UInt8], signer: Fingerprint, recipients: [Fingerprint]) async throws -> [UInt8] {
        throw OpenPGPError(.engine, "to come")
    }
    public func open(_ message: [UInt8], limits: OpenLimits) async throws -> OpenedData { throw OpenPGPError(.engine, "to come") }
    public func key(_ fingerprint: Fingerprint) async throws -> KeyInfo? { throw OpenPGPError(.engine, "to come") }
    public func keys() async throws -> [KeyInfo] { throw OpenPGPError(.engine, "to come") }
    public func inspect(_ material: [UInt8]) async throws -> KeyInfo { throw OpenPGPError(.engine, "to come") }
    public func importKey(_ material: [UInt8], expected: Fingerprint, keep: Set<String>) async throws -> KeyInfo {
        throw OpenPGPError(.engine, "to come")
    }
    public func export(_ fingerprint: Fingerprint, userID: String) async throws -> [UInt8] { throw OpenPGPError(.engine, "to come") }
    public func delete(_ fingerprint: Fingerprint) async throws { throw OpenPGPError(.engine, "to come") }
}
