public import OpenPGP
public import XMPP

/// The account's own key: made once, remembered by its fingerprint, never searched for (S12).
public enum OwnKey {
    /// The account's key, which is made if none was ever remembered (P1).
    ///
    /// - Throws: ``AnnounceError``: `own-key` if the remembered key is missing from the keyring, can't be used, or lacks the User ID; `engine`
    ///   or `store` if those fail.
    public static func ensure(account: Address, engine: any OpenPGPEngine, pins: any PinStore) async throws(AnnounceError) -> Fingerprint {
        let account = account.bare
        let userID = UserIDRule.userID(for: account)
        do {
            if let stored = try await pins.ownKey(account: account) {
                try check(stored, try await engine.key(stored), userID: userID, account: account)
                return stored
            }
            let made = try await engine.generateKey(userID: userID)
            try await pins.setOwnKey(made, account: account)
            return made
        } catch let error as AnnounceError {
            throw error
        } catch let error as OpenPGPError {
            throw AnnounceError(.engine, "the key of \(account) can't be used: \(error.message)")
        } catch {
            throw AnnounceError(.store, "which key is \(account)'s can't be read or stored: \(error)")
        }
    }

    private static func check(_ fingerprint: Fingerprint, _ key: KeyInfo?, userID: String, account: Address) throws(AnnounceError) {
        guard let key, key.hasSecret else {
            throw AnnounceError(
                .ownKey,
                "the key \(fingerprint) of \(account) is not in its keyring: restore the keyring from a backup; no new key is made"
            )
        }
        if let reason = key.unusable {
            throw AnnounceError(.ownKey, "the key \(fingerprint) of \(account) can't be used: \(reason)")
        }
        guard key.userIDs.contains(where: { $0.utf8.elementsEqual(userID.utf8) }) else {
            throw AnnounceError(.ownKey, "the key \(fingerprint) of \(account) doesn't carry the User ID \(userID)")
        }
    }
}
