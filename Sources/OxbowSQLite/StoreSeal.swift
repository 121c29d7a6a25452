import Foundation

/// How a database is sealed: its store key, found where it is kept or made anew (R17).
struct StoreSeal: Sendable {
    /// What the database says about it.
    struct Record: Sendable {
        let salt: Data
        let proof: Data
        let wrapped: Data?
    }

    let vault: Vault
    let salt: Data
    /// The key, encrypted to an OpenPGP key.
    var wrapped: Data?
    /// Whether ``wrapped`` has to be written into a database that is there.
    var isNewlyWrapped = false
    /// Whether the key has lain in a file until now.
    var isLeavingFile = false

    static func establish(path: String, source: StoreKeySource, record: Record?) async throws -> StoreSeal {
        guard let record else { return try await make(path, source) }
        let file = StateDatabase.keyFile(of: path)
        switch source {
        case .given(let key):
            return try fitting(key, record, path, "give the one that it was made with (`store_key`)")
        case .file:
            guard let key = try KeyFile.key(in: file) else {
                let advice = record.wrapped == nil ? "put it back, or give it (`store_key`)" : "it is kept in the database, encrypted"
                throw StoreError(.key, "\(file): the store key is missing; \(advice)")
            }
            return try fitting(key, record, path, "\(file) must hold the one that it was made with")
        case .wrapped(let wrapping):
            if let wrapped = record.wrapped {
                let key = StoreKey(bytes: try await unwrap(wrapped, wrapping, path))
                var seal = try fitting(key, record, path, "its wrapped store key is damaged: restore a backup")
                seal.wrapped = wrapped
                seal.isLeavingFile = true
                return seal
            }
            guard let key = try KeyFile.key(in: file) else {
                throw StoreError(.key, "\(path): was sealed with a store key that was given; give it again (`store_key`)")
            }
            var seal = try fitting(key, record, path, "\(file) must hold the one that it was made with")
            seal.wrapped = try await wrap(key, wrapping, path)
            seal.isNewlyWrapped = true
            seal.isLeavingFile = true
            return seal
        }
    }

    /// For a database that isn't sealed yet.
    private static func make(_ path: String, _ source: StoreKeySource) async throws -> StoreSeal {
        var generator = SystemRandomNumberGenerator()
        let salt = Data((0..<Vault.saltSize).map { _ in UInt8.random(in: 0...255, using: &generator) })
        let file = StateDatabase.keyFile(of: path)
        switch source {
        case .given(let key):
            return StoreSeal(vault: Vault(key: key, salt: salt), salt: salt)
        case .file:
            // It may be there already: the process was killed between the two files.
            let key = try KeyFile.key(in: file) ?? KeyFile.make(file)
            return StoreSeal(vault: Vault(key: key, salt: salt), salt: salt)
        case .wrapped(let wrapping):
            let key = StoreKey.random()
            return StoreSeal(vault: Vault(key: key, salt: salt), salt: salt, wrapped: try await wrap(key, wrapping, path))
        }
    }

    private static func fitting(_ key: StoreKey?, _ record: Record, _ path: String, _ advice: String) throws -> StoreSeal {
        guard let key, case let vault = Vault(key: key, salt: record.salt), Sealing.fits(vault, record.proof) else {
            throw StoreError(.key, "\(path): the store key is not the one that the database was sealed with; \(advice)")
        }
        return StoreSeal(vault: vault, salt: record.salt)
    }

    private static func wrap(_ key: StoreKey, _ wrapping: any StoreKeyWrapping, _ path: String) async throws -> Data {
        do {
            return Data(try await wrapping.wrap(key.bytes))
        } catch {
            throw StoreError(.key, "\(path): the store key can't be encrypted to the account's OpenPGP key: \(error)")
        }
    }

    private static func unwrap(_ wrapped: Data, _ wrapping: any StoreKeyWrapping, _ path: String) async throws -> [UInt8] {
        do {
            return try await wrapping.unwrap(Array(wrapped))
        } catch {
            throw StoreError(.key, "\(path): the store key can't be decrypted with the account's OpenPGP key: \(error)")
        }
    }
}
