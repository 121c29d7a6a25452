import OpenPGP
import Synchronization

/// Our own certificate for the last mailbox that it was asked for: each message carries it, and making it takes two runs of `gpg`.
final class CertificateCache: Sendable {
    private let last = Mutex<MailCertificate?>(nil)

    subscript(fingerprint: Fingerprint, mailbox: UserIDMailbox) -> MailCertificate? {
        get { last.withLock { $0?.fingerprint == fingerprint && $0?.mailbox == mailbox ? $0 : nil } }
        set { last.withLock { $0 = newValue } }
    }
}
