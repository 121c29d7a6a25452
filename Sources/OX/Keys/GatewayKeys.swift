public import OpenPGP
public import XMPP

/// How the keys of people behind one gateway are found, and which of them count (R16, R20).
public struct GatewayKeys: Sendable {
    /// Which keys count where ``configured`` says nothing.
    public var policy: TrustPolicy
    /// Keys that the configuration names, by the people's bare JIDs: for these people no other key counts.
    public var configured: [Address: Set<Fingerprint>]
    /// Which User IDs bind a key to somebody.
    public var rule: UserIDRule
    /// Where a mail address's own provider publishes keys; `nil` where nobody can be asked.
    public var webKeys: (any WebKeyFetching)?

    /// Describes a gateway's keys.
    public init(
        policy: TrustPolicy = .tofu,
        configured: [Address: Set<Fingerprint>] = [:],
        rule: UserIDRule = .mailbox,
        webKeys: (any WebKeyFetching)? = nil
    ) {
        self.policy = policy
        self.configured = configured
        self.rule = rule
        self.webKeys = webKeys
    }

    /// What counts for somebody: the configuration's own keys come before any rule.
    func policy(for peer: Address) -> TrustPolicy {
        guard let keys = configured[peer], !keys.isEmpty else {
            if case .pinned = policy { return .pinned(configured) }
            return policy
        }
        return .pinned([peer: keys])
    }
}

/// Looks keys up in Web Key Directories (draft-koch-openpgp-webkey-service); `OpenPGP.WebKeyDirectory` says where.
///
/// The answer is used like any other claim: checked, compared with the other sources, pinned. Fetching has time limits of its own.
public protocol WebKeyFetching: Sendable {
    /// The certificate that the directory has for a mailbox, binary; `nil` if the directory says that there is none.
    ///
    /// - Throws: Anything, if the directory can't be asked.
    func certificate(for mailbox: UserIDMailbox) async throws -> [UInt8]?
}

extension UserIDRule {
    /// The rule for people behind mail gateways: exactly one mailbox, and it is the one that the gateway's JID stands for (XEP-0106). Local
    /// parts are compared byte for byte, so that a JID, which is in lower case, never matches a mailbox with capitals in front of the `@`.
    public static let mailbox = UserIDRule { userID, peer in
        guard let wanted = mailbox(of: peer) else { return false }
        return UserIDMailbox(userID: userID) == wanted
    }

    /// The mailbox that the JID of somebody behind a gateway stands for; `nil` if it stands for none.
    static func mailbox(of peer: Address) -> UserIDMailbox? {
        peer.local.flatMap { UserIDMailbox(address: JIDEscaping.unescape($0)) }
    }
}
