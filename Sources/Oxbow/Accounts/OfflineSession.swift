import XML
import XMPP

/// The session of an account that isn't to be connected: whatever is asked of it fails at once.
struct OfflineSession: Session {
    let account: Address

    func request(_ request: Request, timeout: Duration) async throws -> Element? { throw error }
    func send(_ stanza: OutboundStanza, until: HandOver) async throws { throw error }

    private var error: SessionError { SessionError(.offline, "\(account) isn't connected") }
}
