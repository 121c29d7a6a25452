import XMPP

/// What an account that speaks OX announces in disco and caps (P9).
public enum OXFeatures {
    /// `urn:xmpp:openpgp:im:0`: the account takes part in XEP-0374. DinoX falls back to XEP-0027 where it is missing.
    public static let messaging = Namespace.openPGPMessaging
    /// `urn:xmpp:openpgp:0:public-keys+notify`: the account wants to hear of changed lists (XEP-0373 § 4.5).
    public static let keyNotifications = KeyNode.list + "+notify"
    /// Both.
    public static let all = [messaging, keyNotifications]
}

/// The names of the PEP nodes of XEP-0373 § 4.
enum KeyNode {
    /// The metadata node: the list of keys.
    static let list = "urn:xmpp:openpgp:0:public-keys"
    /// The data node of one key. `fingerprint` is written as the list writes it, upper-case when it is ours (P4).
    static func data(_ fingerprint: String) -> String { list + ":" + fingerprint }
}
