import OpenPGP
import XMPP

/// The door of the keyring: certificates of peers come in after every check of S11 and S3b, and no other way.
struct KeyAdmission: Sendable {
    let engine: any OpenPGPEngine
    let rule: UserIDRule

    /// Checks key material in a throw-away keyring, and imports it if it is what it should be: not secret, one certificate, this
    /// fingerprint (A18), carrying this address (A4, A9), and usable (A20, A21).
    ///
    /// - Parameter isKnown: Whether an older form of it is in the keyring already.
    /// - Throws: ``KeyFetcher/Failure`` if the keyring can't be used now, which says nothing about the key, or took too long, which may.
    func admit(
        _ material: [UInt8],
        as fingerprint: Fingerprint,
        for peer: Address,
        isKnown: Bool
    ) async throws(KeyFetcher.Failure) -> PinBook.Finding {
        do {
            let info = try await engine.inspect(material)
            guard info.fingerprint == fingerprint else { return .failed("it has the fingerprint \(info.fingerprint)") }
            let userIDs = Set(info.userIDs.filter { rule.accepts($0, for: peer) })
            if let reason = info.unusable {
                guard isKnown else { return .failed("it can't be used: \(reason)") }
                return await update(material, fingerprint, for: peer, unusable: reason)
            }
            guard !userIDs.isEmpty else {
                return isKnown ? .spoiled("it no longer carries \(peer)") : .failed("it doesn't carry \(peer)")
            }
            _ = try await engine.importKey(material, expected: fingerprint, keep: userIDs)
            return .current
        } catch let error as OpenPGPError {
            switch error.code {
            case .keyring, .passphrase, .unavailable: throw KeyFetcher.Failure(reason: error.message, isOurs: true)
            // It may be the key's doing, and has cost all who use the keyring a worker for as long: nothing to be tried again at once.
            case .timedOut: throw KeyFetcher.Failure(reason: error.message)
            default: return .failed(error.message)
            }
        } catch is CancellationError {
            throw KeyFetcher.Failure(reason: "cancelled", isOurs: true)
        } catch {
            return .failed("the OpenPGP engine failed")
        }
    }

    /// A known key that has become unusable: its revocation or expiry must reach the keyring, which from then on refuses it by itself. Who
    /// merely strips parts off a certificate changes nothing: GnuPG only ever adds to what it has.
    private func update(
        _ material: [UInt8],
        _ fingerprint: Fingerprint,
        for peer: Address,
        unusable reason: String
    ) async -> PinBook.Finding {
        // A revoked key has no valid User IDs that could be listed here: what it carries is what it came in with.
        let known = try? await engine.key(fingerprint)
        let userIDs = Set((known?.userIDs ?? []).filter { rule.accepts($0, for: peer) } + [UserIDRule.userID(for: peer)])
        let updated = try? await engine.importKey(material, expected: fingerprint, keep: userIDs)
        return updated == nil ? .spoiled(reason) : .current
    }
}
