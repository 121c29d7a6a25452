import GRE
import OX
import OpenPGP
import XMPP

/// The operator's verbs about keys, for one account: what `oxbow keys` does.
struct KeyDesk: Sendable {
    let account: Address
    let cryptography: Cryptography
    let pins: any PinStore

    /// The keys of one peer, or of all; each with what keeps it from being used.
    func report(of peer: Address?) async throws -> KeyReport {
        try await controlled {
            var peers: [KeyReport.Peer] = []
            for known in try await cryptography.directory.list() where peer == nil || known.peer == peer?.bare {
                peers.append(try await report(known.peer, known.keys))
            }
            return KeyReport(account: account.description, own: try await pins.ownKey(account: account)?.hex, peers: peers)
        }
    }

    /// Trusts a key, or with `nil` all that the peer announces now.
    func trust(_ fingerprint: String?, of peer: Address) async throws -> KeyReport {
        try await controlled {
            let directory = cryptography.directory
            if let fingerprint {
                try await directory.trust(try parse(fingerprint), of: peer)
            } else {
                if let problem = await directory.refresh(peer) {
                    throw ControlError(.failed, "the list of keys of \(peer) can't be read: \(problem)")
                }
                let announced = try await directory.keys(of: peer).pins.filter(\.announced)
                guard !announced.isEmpty else { throw ControlError(.noKey, "\(peer) announces no key that could be trusted") }
                for pin in announced { try await directory.trust(pin.fingerprint, of: peer) }
            }
            return try await report(of: peer)
        }
    }

    /// Refuses a key, or with `nil` all that are known.
    func untrust(_ fingerprint: String?, of peer: Address) async throws -> KeyReport {
        try await controlled {
            let directory = cryptography.directory
            if let fingerprint {
                try await directory.untrust(try parse(fingerprint), of: peer)
            } else {
                let known = try await directory.keys(of: peer).pins
                guard !known.isEmpty else { throw ControlError(.failed, "no key of \(peer) is known") }
                for pin in known { try await directory.untrust(pin.fingerprint, of: peer) }
            }
            return try await report(of: peer)
        }
    }

    /// A certificate as ASCII armor: a peer's, or the account's own.
    func export(of peer: Address?, fingerprint: String?) async throws -> String {
        try await controlled {
            let owner = peer ?? account
            let chosen: Fingerprint
            if let fingerprint {
                chosen = try parse(fingerprint)
            } else if peer == nil {
                guard let own = try await pins.ownKey(account: account) else {
                    throw ControlError(.noKey, "\(account) has no key yet: it is made when the account first comes online")
                }
                chosen = own
            } else {
                let trusted = try await cryptography.directory.keys(of: owner).pins.filter { $0.standing == .trusted }
                guard let only = trusted.first, trusted.count == 1 else {
                    throw ControlError(.usage, "\(owner) has \(trusted.count) trusted keys: name one by its fingerprint")
                }
                chosen = only.fingerprint
            }
            let rule: UserIDRule = cryptography.gateways?.covers(owner) == true ? .mailbox : .xmpp
            guard let info = try await cryptography.engine.key(chosen),
                let userID = info.userIDs.first(where: { rule.accepts($0, for: owner) })
            else { throw ControlError(.noKey, "\(chosen) is not in the keyring of \(account) as a key of \(owner)") }
            return ASCIIArmor.encode(try await cryptography.engine.export(chosen, userID: userID), as: .publicKey)
        }
    }

    /// The account's own certificate with the one User ID that a gateway has given it (R16, R23), as ASCII armor.
    func exportMail(via gateway: Address?, gateways: [Address], policies: any PolicyMemory) async throws -> String {
        try await controlled {
            var names: [String] = []
            for known in gateways where gateway == nil || known == gateway {
                if let name = try await policies.gatewayRecord(account: account, gateway: known)?.senderID { names.append(name) }
            }
            if names.isEmpty, let name = try await askWhoWeAre(at: gateways.filter { gateway == nil || $0 == gateway }) { names = [name] }
            guard let name = names.first else {
                let who = gateway.map { "\($0) hasn't" } ?? "no gateway has"
                let remedy = "it is asked once somebody behind it is known: import their key, or send them something"
                throw ControlError(.failed, "\(who) said yet who \(account) is on the other network: \(remedy)")
            }
            guard names.count == 1 else {
                throw ControlError(.usage, "\(account) is known through several gateways: name one with --via")
            }
            guard let own = try await pins.ownKey(account: account), let mailbox = UserIDMailbox(address: name) else {
                throw ControlError(.noKey, "\(account) has no key yet, or \(name) is no mail address")
            }
            if let info = try await cryptography.engine.key(own), info.userIDs(for: mailbox).isEmpty {
                try await cryptography.engine.addUserID(mailbox.userID, to: own)
            }
            return try await cryptography.engine.mailCertificate(own, mailbox: mailbox).armored
        }
    }

    /// Asks the first of these gateways behind which we know somebody: the question is always about a recipient.
    private func askWhoWeAre(at gateways: [Address]) async throws -> String? {
        guard let gre = cryptography.gateways else { return nil }
        let known = try await cryptography.directory.list().map(\.peer) + gre.accepted.flatMap(\.keys.keys)
        guard let peer = known.first(where: { gateways.contains($0.domainAddress) }) else { return nil }
        let agreement = try await gre.directory.agreement(for: peer)
        return try await gre.directory.data(for: peer, agreement).senderID
    }

    /// Imports a peer's certificate and trusts it.
    func `import`(_ material: [UInt8], for peer: Address) async throws -> KeyReport {
        try await controlled {
            try await cryptography.directory.importKey(material, for: peer)
            return try await report(of: peer)
        }
    }

    private func report(_ peer: Address, _ keys: PeerKeys) async throws -> KeyReport.Peer {
        var entries: [KeyReport.Key] = []
        for pin in keys.pins {
            let info = try await cryptography.engine.key(pin.fingerprint)
            entries.append(KeyReport.Key(pin, unusable: info.map(\.unusable) ?? "not in the keyring"))
        }
        return KeyReport.Peer(jid: peer.description, lastRead: keys.lastRead, keys: entries)
    }

    private func parse(_ text: String) throws -> Fingerprint {
        guard let fingerprint = Fingerprint(text.filter { !$0.isWhitespace }) else {
            throw ControlError(.usage, "'\(text)' is no fingerprint: 40 hexadecimal digits are expected")
        }
        return fingerprint
    }

    /// Turns the errors of the floors below into the operator's.
    private func controlled<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as ControlError {
            throw error
        } catch let error as KeyDirectoryError {
            throw ControlError(error.code == .notFound ? .noKey : .failed, error.message)
        } catch {
            throw ControlError(.failed, "\(error)")
        }
    }
}
