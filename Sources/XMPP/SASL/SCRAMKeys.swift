internal import Crypto
internal import CryptoExtras

/// The hash functions of the SCRAM mechanisms that we speak (RFC 5802, RFC 7677).
public enum SCRAMHash: String, Sendable, CaseIterable {
    /// SCRAM-SHA-1, the one that every server has.
    case sha1 = "SHA-1"
    /// SCRAM-SHA-256.
    case sha256 = "SHA-256"
    /// SCRAM-SHA-512.
    case sha512 = "SHA-512"

    /// The hash of some bytes (`H`).
    func hash(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sha1: Array(Insecure.SHA1.hash(data: bytes))
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha512: Array(SHA512.hash(data: bytes))
        }
    }

    /// The keyed hash of some bytes (`HMAC`).
    func authenticate(_ bytes: [UInt8], _ key: [UInt8]) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return switch self {
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key))
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        case .sha512: Array(HMAC<SHA512>.authenticationCode(for: bytes, using: key))
        }
    }

    /// The length of a hash in bytes.
    var length: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }

    fileprivate var keyDerivation: KDF.Insecure.PBKDF2.HashFunction {
        switch self {
        case .sha1: .insecureSHA1
        case .sha256: .sha256
        case .sha512: .sha512
        }
    }
}

/// A request to derive SCRAM keys from the account's password: up to a million rounds of PBKDF2, so not for an event loop.
public struct SCRAMKeyRequest: Sendable {
    /// The hash function.
    public let hash: SCRAMHash
    /// The salt that the server sent.
    public let salt: [UInt8]
    /// The number of rounds, 4,096 to 1,000,000 (R13).
    public let iterations: Int
    let password: Password

    /// Derives the keys. Takes about a second at the upper limit; call it on a thread that may block.
    ///
    /// - Throws: An error of swift-crypto when memory is short.
    public func derive() throws -> SCRAMKeys {
        let salted = try KDF.Insecure.PBKDF2.deriveKey(
            from: Array(password.text.utf8),
            salt: salt,
            using: hash.keyDerivation,
            outputByteCount: hash.length,
            unsafeUncheckedRounds: iterations
        )
        let bytes = salted.withUnsafeBytes { Array($0) }
        return SCRAMKeys(
            hash: hash,
            salt: salt,
            iterations: iterations,
            clientKey: hash.authenticate(Array("Client Key".utf8), bytes),
            serverKey: hash.authenticate(Array("Server Key".utf8), bytes)
        )
    }
}

extension SCRAMKeyRequest: CustomStringConvertible, CustomReflectable {
    /// What is asked for, without the password.
    public var description: String { "(SCRAM-\(hash.rawValue), \(iterations) rounds)" }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The keys that a password, a salt and a number of rounds come to. They are as good as the password: never log or store them.
public struct SCRAMKeys: Sendable {
    let hash: SCRAMHash
    let salt: [UInt8]
    let iterations: Int
    let clientKey: [UInt8]
    let serverKey: [UInt8]

    /// Whether the keys are the ones that a request asks for. The password isn't compared: forget the keys when it changes.
    public func answer(_ request: SCRAMKeyRequest) -> Bool {
        hash == request.hash && iterations == request.iterations && salt == request.salt
    }
}

extension SCRAMKeys: CustomStringConvertible, CustomReflectable {
    /// A placeholder.
    public var description: String { "(SCRAM keys)" }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
