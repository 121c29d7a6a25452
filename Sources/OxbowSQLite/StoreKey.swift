import Crypto
import Foundation

/// The secret that everything stored is sealed with (R17): 256 bits. It is never shown.
public struct StoreKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// How many bytes a key has.
    public static let size = 32

    let secret: SymmetricKey

    /// A new key, of the system's random source.
    public static func random() -> StoreKey { StoreKey(secret: SymmetricKey(size: .bits256)) }

    private init(secret: SymmetricKey) {
        self.secret = secret
    }

    /// A key of exactly ``size`` bytes; `nil` for any other number of them.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        secret = SymmetricKey(data: bytes)
    }

    /// A key as text, with white space around it: 64 hexadecimal digits, or 32 bytes in base64. What is neither gives `nil`: a
    /// passphrase is no key.
    public init?(text: String) {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if text.utf8.count == 2 * Self.size {
            let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
            guard digits.count == 2 * Self.size else { return nil }
            self.init(bytes: stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
        } else {
            guard let data = Data(base64Encoded: text) else { return nil }
            self.init(bytes: Array(data))
        }
    }

    /// The key itself, for whoever wraps it.
    var bytes: [UInt8] { secret.withUnsafeBytes { Array($0) } }

    /// Nothing of the key.
    public var description: String { "StoreKey" }
    /// Nothing of the key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Encrypts a store key to an account's OpenPGP key, and decrypts it again (R17).
public protocol StoreKeyWrapping: Sendable {
    /// Encrypts; what it returns is kept in the store, and in its backups.
    func wrap(_ key: [UInt8]) async throws -> [UInt8]
    /// Decrypts what ``wrap(_:)`` has returned.
    func unwrap(_ wrapped: [UInt8]) async throws -> [UInt8]
}

/// Where the store key comes from (R17).
public enum StoreKeySource: Sendable {
    /// It is given: `store_key: {file|command|env}`.
    case given(StoreKey)
    /// It was made at first start, and is kept in the store, encrypted to an OpenPGP key. A key that lay in a file is wrapped, and the
    /// file removed.
    case wrapped(any StoreKeyWrapping)
    /// It lies in a file beside the database, ``StateDatabase/keyFile(of:)``, which is made if the store is new. It protects backups, not
    /// the state directory: `check` warns of it.
    case file
}
