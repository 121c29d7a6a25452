public import OX
import XMPP

extension AcceptedGateway {
    /// What a ``OX/KeyDirectory`` has to know about this gateway.
    ///
    /// - Parameter webKeys: Who looks keys up in Web Key Directories, if anybody.
    public func keys(webKeys: (any WebKeyFetching)? = nil) -> GatewayKeys {
        let configured = keys.filter { $0.key.domainAddress == domain && $0.key.isBare }
        let policy: TrustPolicy =
            switch trust {
            case .tofu: .tofu
            case .pinned: .pinned(configured)
            case .blind: .blind
            }
        return GatewayKeys(policy: policy, configured: configured, webKeys: webKeys)
    }
}
