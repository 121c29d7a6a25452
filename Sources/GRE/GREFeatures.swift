import XMPP

/// What an account that talks to gateways announces in disco and caps: the specification's MUST (GRE § Discovering Support, R19).
public enum GREFeatures {
    /// `urn:xmpp:gre:0` and the namespaces of the formatters and encrypters; nothing where no gateway is configured.
    public static func announced(gateways: [AcceptedGateway], formatters: FormatterRegistry, encrypters: EncrypterRegistry) -> [String] {
        guard !gateways.isEmpty else { return [] }
        return [Namespace.gatewayRelay] + formatters.namespaces + encrypters.namespaces
    }

    /// The same for the kinds that come with Oxbow.
    public static func announced(gateways: [AcceptedGateway]) -> [String] {
        guard !gateways.isEmpty else { return [] }
        return [Namespace.gatewayRelay, MIMEFormatter.namespace, OpenPGPEncrypter.namespace]
    }
}
