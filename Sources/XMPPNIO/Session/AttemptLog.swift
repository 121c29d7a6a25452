import XMPP

/// Of all failures of one round through a plan, the one that tells the operator most.
///
/// A server that refuses the password says more than a second address that can't be reached.
struct AttemptLog {
    private(set) var best: SessionFailure?

    /// Notes a failure; the first of equal weight stays, since the first target is the one that the domain prefers.
    mutating func note(_ failure: SessionFailure) {
        guard let best, Self.weight(best.code) >= Self.weight(failure.code) else { return self.best = failure }
    }

    private static func weight(_ code: SessionFailure.Code) -> Int {
        switch code {
        case .login, .conflict, .stopped: 5
        case .tls: 4
        case .protocol, .policy: 3
        case .server: 2
        case .network: 1
        default: 0
        }
    }
}
