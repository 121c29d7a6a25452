/// What OX and GRE need of an OpenPGP implementation: one account's keyring and the operations on it.
///
/// Implementations never ask a network, a keyserver or the ownertrust database, never search a key by User ID, and never block the
/// cooperative pool. Every operation is time-boxed. All of them throw ``OpenPGPError``.
public protocol OpenPGPEngine: Sendable {
    /// Makes a key as P1 asks: ed25519 [SC] primary, cv25519 [E] subkey, one User ID, no expiry; checks it as P2 asks.
    func generateKey(userID: String) async throws -> Fingerprint

    /// Signs with one key and encrypts to all recipients, or throws: never a partial result (E8).
    ///
    /// No compression, no armor. Self-encryption is the caller's choice of `recipients`.
    func seal(_ plaintext: [UInt8], signer: Fingerprint, recipients: [Fingerprint]) async throws -> [UInt8]

    /// Decrypts and verifies one message.
    ///
    /// Accepts binary and (T1) armored messages. Throws unless everything that can be judged without knowing the sender holds: the
    /// message is encrypted with intact integrity protection, within the limits, made of exactly one literal. Signatures are
    /// reported, not judged: the caller holds S2–S4 against them.
    func open(_ message: [UInt8], limits: OpenLimits) async throws -> OpenedData

    /// Judges a detached signature over these very bytes, binary or armored (RFC 3156 § 5, § 6.1).
    ///
    /// All signatures in it are reported, in order, with the same care as those of ``open(_:limits:)``; at least one. `content` is the
    /// signed part as it was signed: mail is signed with CRLF as line end, and a plaintext that ``open(_:limits:)`` gave may have lost the
    /// CRs. A signature over text is only called good if the lines of `content` can't be read in two ways: line ends all alike, no other
    /// carriage return, no endless line.
    /// - Throws: `malformed` if there is anything but signatures over data in it (other packets, anything around the armor), or more than
    ///   16; `tooBig` if it is longer than 64 KiB.
    func verify(_ content: [UInt8], signature: [UInt8]) async throws -> [SignatureInfo]

    /// The key with this fingerprint in the keyring, or `nil`. `fingerprint` is a primary key's.
    func key(_ fingerprint: Fingerprint) async throws -> KeyInfo?

    /// All keys in the keyring.
    func keys() async throws -> [KeyInfo]

    /// Reads key material without importing it, in a throw-away keyring (S11). Throws for secret material, several certificates,
    /// versions other than 4, or more than 64 KiB.
    func inspect(_ material: [UInt8]) async throws -> KeyInfo

    /// Imports a certificate after the checks of ``inspect(_:)`` (S11), reduced to its minimal form and to the User IDs that `keep`
    /// names by exact text, byte for byte; at least one must be on it. Throws if the fingerprint is not `expected`, and if the key can't be
    /// used, unless it is in the keyring already: then what revokes it or lets it expire is taken in, and the result says so.
    func importKey(_ material: [UInt8], expected: Fingerprint, keep: Set<String>) async throws -> KeyInfo

    /// The certificate in minimal, binary form, with only this User ID on it; asserts that there is no secret packet in it (P3).
    func export(_ fingerprint: Fingerprint, userID: String) async throws -> [UInt8]

    /// Puts one more User ID on a key of our own (R16), such as ``UserIDMailbox/userID``; does nothing if it is there already.
    ///
    /// The other User IDs and their signatures stay byte for byte what they are, and so does what is announced:
    /// ``export(_:userID:)`` of one doesn't change by the other.
    /// - Throws: `badKey` if the text can't be a User ID; `unusableKey` if the key isn't ours or can't be used.
    func addUserID(_ userID: String, to fingerprint: Fingerprint) async throws

    /// Removes a certificate (never a key with secret material).
    func delete(_ fingerprint: Fingerprint) async throws
}

/// Bounds for ``OpenPGPEngine/open(_:limits:)``.
public struct OpenLimits: Hashable, Sendable {
    /// The longest plaintext that is accepted, in bytes (S9: compression bombs end here).
    public var plaintextBytes: Int
    /// The longest an operation may run; the time that it waits for others before it isn't counted.
    public var time: Duration

    /// Makes limits; the defaults suit a chat message.
    public init(plaintextBytes: Int = 1 << 20, time: Duration = .seconds(30)) {
        self.plaintextBytes = plaintextBytes
        self.time = time
    }
}

/// What came out of a decrypted message.
public struct OpenedData: Hashable, Sendable {
    /// The content of the one literal packet.
    public var plaintext: [UInt8]
    /// Every signature on it, good or not, in order; empty if it was unsigned.
    public var signatures: [SignatureInfo]

    /// Makes a result.
    public init(plaintext: [UInt8], signatures: [SignatureInfo]) {
        self.plaintext = plaintext
        self.signatures = signatures
    }
}

/// One signature as the engine judged it.
public struct SignatureInfo: Hashable, Sendable {
    /// The verdict; only ``good`` is ever acceptable (S2).
    public enum Verdict: Hashable, Sendable {
        /// Valid, made by a key that is neither expired nor revoked and may sign.
        case good
        /// The key is not in the keyring.
        case unknownKey
        /// The signature does not match the data.
        case bad
        /// The signature or its key has expired.
        case expired
        /// The key is revoked.
        case revoked
        /// Anything else; the text is the engine's and names no content.
        case error(String)
    }
    /// The verdict.
    public var verdict: Verdict
    /// The primary key that the signature belongs to, when the key is in the keyring (the signing subkey is mapped to its primary, T7).
    public var primary: Fingerprint?
    /// The fingerprint or key ID that the signature names, as hexadecimal digits.
    public var signer: String
    /// When it was made, in seconds since 1970.
    public var created: Int64

    /// Makes a signature report.
    public init(verdict: Verdict, primary: Fingerprint?, signer: String, created: Int64) {
        self.verdict = verdict
        self.primary = primary
        self.signer = signer
        self.created = created
    }
}

/// What is known about a certificate.
public struct KeyInfo: Hashable, Sendable {
    /// The primary key's fingerprint.
    public var fingerprint: Fingerprint
    /// The valid (neither revoked nor expired) User IDs, exactly as they stand on the key.
    public var userIDs: [String]
    /// When the primary key was made, in seconds since 1970.
    public var created: Int64
    /// When the primary key or its only encryption subkey expires, in seconds since 1970; `nil` means never.
    public var expires: Int64?
    /// A short name of the primary's algorithm, such as `ed25519` or `rsa4096`.
    public var algorithm: String
    /// Whether the secret key is in the keyring.
    public var hasSecret: Bool
    /// Why the key may not be used, or `nil` if it may: revoked, expired, not yet valid, no encryption key, too weak (S11).
    public var unusable: String?

    /// Makes a description of a key.
    public init(
        fingerprint: Fingerprint,
        userIDs: [String],
        created: Int64,
        expires: Int64?,
        algorithm: String,
        hasSecret: Bool,
        unusable: String?
    ) {
        self.fingerprint = fingerprint
        self.userIDs = userIDs
        self.created = created
        self.expires = expires
        self.algorithm = algorithm
        self.hasSecret = hasSecret
        self.unusable = unusable
    }
}

/// Why an OpenPGP operation failed. No description holds content, key material or a passphrase.
public struct OpenPGPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// A short, stable name for counters and logs.
        public let description: String
        private init(_ name: String) { description = name }
        /// Not an OpenPGP message, truncated, nested wrongly, or more than one literal.
        public static let malformed = Code("malformed")
        /// The data are not encrypted.
        public static let notEncrypted = Code("not-encrypted")
        /// Not encrypted to any of our keys.
        public static let noSecretKey = Code("no-secret-key")
        /// Integrity protection missing or broken (A16).
        public static let integrity = Code("integrity")
        /// Longer than the limit allows (A15).
        public static let tooBig = Code("too-big")
        /// The time limit was reached (A30): whether what was given is made for that can't be told.
        public static let timedOut = Code("timed-out")
        /// Key material that S11 refuses.
        public static let badKey = Code("bad-key")
        /// A recipient's or signer's key can't be used.
        public static let unusableKey = Code("unusable-key")
        /// The passphrase is wrong or missing.
        public static let passphrase = Code("passphrase")
        /// The keyring can't be read or written.
        public static let keyring = Code("keyring")
        /// The engine can't work now, whatever it is given: a program of GnuPG's can't be started or was ended, or the system has no memory,
        /// descriptors or space left. The same operation may succeed later.
        public static let unavailable = Code("unavailable")
        /// The engine failed in another way: what it was given may be the cause, or may not.
        public static let engine = Code("engine")
    }
    /// What kind of failure it is.
    public let code: Code
    /// What happened, and what to do about it.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
