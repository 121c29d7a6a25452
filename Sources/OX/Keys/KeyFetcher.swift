import OpenPGP
import XML
import XMPP

/// Fetches lists and keys from peers' PEP services and has the keys admitted to the keyring.
struct KeyFetcher: Sendable {
    /// Why a list could not be had.
    struct Failure: Error, Hashable, Sendable {
        var reason: String
        /// Whether it is our own connection that failed: that says nothing about the peer.
        var isOurs = false
    }

    let pep: PEP
    let admission: KeyAdmission

    /// A peer's list. A node that doesn't exist, that we may not read, or that holds no list is a failure (T12): only an explicit list says
    /// that keys are gone.
    func list(of peer: Address) async throws(Failure) -> PublicKeysList {
        let item: Element?
        do {
            item = try await pep.newestItem(of: KeyNode.list, owner: peer)
        } catch let error as StanzaError {
            throw Failure(reason: "\(peer) publishes no list that we may read (\(error.condition))")
        } catch let error as SessionError {
            throw Failure(reason: error.message, isOurs: error.code == .offline)
        } catch is CancellationError {
            throw Failure(reason: "cancelled", isOurs: true)
        } catch {
            throw Failure(reason: "the request failed")
        }
        guard let item else { throw Failure(reason: "\(peer) publishes no list of keys") }
        guard let list = PublicKeysList(item) else { throw Failure(reason: "what \(peer) publishes is no list of keys") }
        return list
    }

    /// The key material on a peer's data node, unchecked; asked for as the list spells it, then in upper, then in lower case (T9).
    func material(_ fingerprint: Fingerprint, spelling: String, of peer: Address) async throws(Failure) -> [UInt8] {
        var names = [spelling]
        for other in [fingerprint.hex, fingerprint.hex.lowercased()] where !names.contains(other) { names.append(other) }
        var reason = ""
        for name in names {
            do {
                guard let item = try await pep.newestItem(of: KeyNode.data(name), owner: peer) else {
                    reason = "its node is empty"
                    continue
                }
                guard let key = PublicKeyItem(item) else { throw Failure(reason: "its node holds no readable key") }
                return key.material
            } catch let failure as Failure {
                throw failure
            } catch let error as StanzaError {
                reason = "its node can't be read (\(error.condition))"
            } catch let error as SessionError {
                throw Failure(reason: error.message, isOurs: error.code == .offline)
            } catch {
                throw Failure(reason: "the request failed", isOurs: true)
            }
        }
        throw Failure(reason: reason)
    }

    /// Brings a key into the keyring as the peer publishes it now.
    ///
    /// - Parameter isKnown: Whether an older form of it is in the keyring already.
    /// - Throws: ``Failure`` if something of ours failed, or the key took too long to look at: the list then counts as not read, or the key
    ///   would be missed for an hour.
    func bring(
        _ fingerprint: Fingerprint,
        spelling: String,
        of peer: Address,
        isKnown: Bool
    ) async throws(Failure) -> PinBook.Finding {
        let material: [UInt8]
        do {
            material = try await self.material(fingerprint, spelling: spelling, of: peer)
        } catch {
            if error.isOurs { throw error }
            return .failed(error.reason)
        }
        return try await admission.admit(material, as: fingerprint, for: peer, isKnown: isKnown)
    }
}
