import Foundation
import Logging
import Oxbow
import OxbowSQLite
import XMPP
import YAMLConfiguration

/// The way to the store of a configuration, with its key (R17).
struct StoreDoor: Sendable {
    let settings: Settings
    let environment: [String: String]
    let logger: Logger
    /// Keyrings that were opened on the way.
    let spares = SpareEngines()

    /// The database.
    var path: String { settings.state + "/oxbow.sqlite" }

    /// Refuses where there is no store: looking after one must not make it, and a backup of nothing must not look like one.
    ///
    /// - Throws: ``ControlError``.
    func requireStore() throws {
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
        guard let size, size > 0 else {
            let what = size == nil ? "there is no store at \(path)" : "\(path) is empty"
            throw ControlError(
                .failed,
                "\(what): `oxbow run` makes a new one; if there was one, put a backup in its place with `oxbow store restore FILE`"
            )
        }
    }

    /// Opens the store, and makes it if there is none. The state directory's lock is held.
    ///
    /// - Throws: ``ControlError`` that says what is wrong and the way out.
    func open() async throws -> StateDatabase {
        warnOfLoss()
        let (source, keeper) = try await source()
        do {
            // Senders' clocks lag, and no message from before a store was made has been handled: a new one's birth is a minute ago.
            let database = try await StateDatabase.open(path: path, now: Self.now() - 60, key: source)
            if let made = await keeper?.made, try await database.ownKey(account: made.account) == nil {
                try await database.setOwnKey(made.fingerprint, account: made.account)
            }
            return database
        } catch {
            await spares.close()
            throw ControlError(.failed, "\(error)")
        }
    }

    /// Says that a new store beside keyrings that are in use looks like a loss. The keys in them aren't taken up: which one is an account's own
    /// is never guessed (S12).
    private func warnOfLoss() {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        let used = settings.accounts.filter { account in
            let keys = account.keyring.home + "/private-keys-v1.d"
            return (try? FileManager.default.contentsOfDirectory(atPath: keys).contains { $0.hasSuffix(".key") }) ?? false
        }
        guard !used.isEmpty else { return }
        logger.warning(
            """
            There is no store at \(path), yet keyrings hold secret keys: a store may have been lost. It is made anew, and accounts get new keys. \
            If there is a backup, stop Oxbow, move \(path) away and run: oxbow store restore FILE
            """,
            metadata: ["accounts": "\(used.map(\.jid.description).joined(separator: " "))"]
        )
    }

    /// Does something with the store, and closes it.
    func use<Value>(_ body: (StateDatabase) async throws -> Value) async throws -> Value {
        let database = try await open()
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(database))
        } catch {
            result = .failure(error)
        }
        try await database.close()
        await spares.close()
        return try result.get()
    }

    /// Where the store key comes from.
    func source() async throws -> (StoreKeySource, StoreGuard?) {
        guard let secret = settings.storeKey else {
            let keeper = StoreGuard(settings: settings, environment: environment, logger: logger, spares: spares)
            return (.wrapped(keeper), keeper)
        }
        do {
            guard let key = StoreKey(text: try await secret.resolve(environment: environment)) else {
                throw ControlError(
                    .configuration,
                    "\(settings.path): store_key: what \(secret) holds is no key: 64 hexadecimal digits are needed, or 32 bytes in base64; "
                        + "openssl rand -hex 32 makes one"
                )
            }
            return (.given(key), nil)
        } catch let error as ConfigurationError {
            throw ControlError(.configuration, "\(error)")
        }
    }

    /// Renews the store: does something with the next full second, and returns once it has come.
    ///
    /// Messages say the second in which they were made. With that birth (R1), whatever was made before this call is stale and whatever is
    /// made after it isn't.
    func renew<Value>(_ body: (_ birth: Int64) async throws -> Value) async throws -> Value {
        let start = Date().timeIntervalSince1970
        let birth = start.rounded(.up)
        let end = ContinuousClock.now + .seconds(birth - start)
        let value = try await body(Int64(birth))
        // A second at the most; whoever interrupts this has renewed it all the same.
        try? await Task.sleep(until: end, clock: .continuous)
        return value
    }

    @Sendable static func now() -> Int64 { Int64(Date().timeIntervalSince1970) }
}
