import Foundation
import Logging
import OX
import OpenPGP
import Oxbow
import OxbowSQLite
import XMPP
import YAMLConfiguration

/// Keeps the store key encrypted to an account's OpenPGP key (R17): encrypts to the first account's that has a usable keyring, decrypts with whichever account can.
///
/// The message is also signed by that key, and only a signature of one of our own keys counts: nobody else can put a key in its place.
actor StoreGuard: StoreKeyWrapping {
    /// A key that had to be made, since the account had none.
    private(set) var made: (account: Address, fingerprint: Fingerprint)?
    private let settings: Settings
    private let environment: [String: String]
    private let logger: Logger
    /// Where keyrings go that were opened here.
    private let spares: SpareEngines

    init(settings: Settings, environment: [String: String], logger: Logger, spares: SpareEngines) {
        self.settings = settings
        self.environment = environment
        self.logger = logger
        self.spares = spares
    }

    func wrap(_ key: [UInt8]) async throws -> [UInt8] {
        var failures: [String] = []
        // One account's broken keyring must not keep the others from running.
        for account in settings.accounts {
            do {
                return try await wrap(key, account)
            } catch let error as CancellationError {
                throw error
            } catch {
                failures.append("\(account.jid): \(error)")
            }
        }
        throw StoreGuardError("no account has a key for it: \(failures.joined(separator: "; ")); mend a keyring, or give store_key")
    }

    private func wrap(_ key: [UInt8], _ account: AccountSettings) async throws -> [UInt8] {
        let engine = try await engine(home: account.keyring.home, account)
        do {
            let userID = UserIDRule.userID(for: account.jid)
            // Of our own secret keys: nothing is believed about anybody here.
            let found = try await engine.keys().first { $0.hasSecret && $0.unusable == nil && $0.userIDs.contains(userID) }
            let fingerprint: Fingerprint
            if let found {
                fingerprint = found.fingerprint
            } else {
                fingerprint = try await engine.generateKey(userID: userID)
            }
            let wrapped = try await engine.seal(key, signer: fingerprint, recipients: [fingerprint])
            if found == nil { made = (account.jid, fingerprint) }
            spares.put(engine, home: account.keyring.home)
            return wrapped
        } catch {
            await engine.close()
            throw error
        }
    }

    func unwrap(_ wrapped: [UInt8]) async throws -> [UInt8] {
        var failures: [String] = []
        for (home, account) in homes() {
            do {
                let engine = try await engine(home: home, account)
                do {
                    let key = try await open(wrapped, engine)
                    if account != nil { spares.put(engine, home: home) } else { await engine.close() }
                    return key
                } catch {
                    await engine.close()
                    throw error
                }
            } catch let error as CancellationError {
                throw error
            } catch {
                failures.append("\(home): \(error)")
            }
        }
        guard !failures.isEmpty else {
            throw StoreGuardError("no account has a keyring; put the keyrings back, from a backup, or give store_key if there was one")
        }
        throw StoreGuardError("no keyring can decrypt it: " + failures.joined(separator: "; "))
    }

    private func open(_ wrapped: [UInt8], _ engine: GPGMEEngine) async throws -> [UInt8] {
        let opened = try await engine.open(wrapped, limits: OpenLimits(plaintextBytes: 1024))
        for signature in opened.signatures {
            guard signature.verdict == .good, let signer = signature.primary else { continue }
            if try await engine.key(signer)?.hasSecret == true { return opened.plaintext }
        }
        throw StoreGuardError("it isn't signed by a key of ours")
    }

    /// The keyrings that are there: those of the accounts, then those that accounts have left behind.
    private func homes() -> [(home: String, account: AccountSettings?)] {
        let files = FileManager.default
        var homes: [(String, AccountSettings?)] = settings.accounts.map { ($0.keyring.home, $0) }
        let folder = settings.state + "/keyrings"
        for name in ((try? files.contentsOfDirectory(atPath: folder)) ?? []).sorted() {
            let home = folder + "/" + name
            if !homes.contains(where: { $0.0 == home }) { homes.append((home, nil)) }
        }
        return homes.filter { files.fileExists(atPath: $0.0) }
    }

    private func engine(home: String, _ account: AccountSettings?) async throws -> GPGMEEngine {
        let environment = self.environment
        let passphrase = account?.keyring.passphrase.map { secret in
            PassphraseSource { SecretBytes(Array(try await secret.resolve(environment: environment).utf8)) }
        }
        return try await GPGMEEngine(home: home, passphrase: passphrase, logger: logger)
    }
}

/// Why the store key can't be kept or had.
struct StoreGuardError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
