import XMPP

/// The name of a formatter or encrypter: a short name and a version, which make a namespace and a feature in disco (GRE § Formatter,
/// § Encrypter).
public struct KindName: Hashable, Sendable, CustomStringConvertible {
    /// The two things that an encrypted message is made by.
    public enum Role: Hashable, Sendable {
        /// Arranges content before it is encrypted.
        case formatter
        /// Encrypts and signs what a formatter has made.
        case encrypter
    }

    /// Which of the two.
    public let role: Role
    /// The short name, such as `mime`.
    public let name: String
    /// The version of the specification.
    public let version: Int

    /// Makes a name.
    public init(_ role: Role, _ name: String, _ version: Int) {
        self.role = role
        self.name = name
        self.version = version
    }

    /// Reads a namespace, such as `urn:xmpp:gre:formatter:mime:0`; `nil` if it is none of the two kinds, or not in the one form that a
    /// version has.
    public init?(_ namespace: String) {
        for (role, prefix) in [(Role.formatter, Namespace.gatewayFormatterPrefix), (.encrypter, Namespace.gatewayEncrypterPrefix)] {
            guard namespace.hasPrefix(prefix) else { continue }
            let rest = namespace.dropFirst(prefix.count)
            guard let colon = rest.lastIndex(of: ":"), colon != rest.startIndex else { return nil }
            let digits = rest[rest.index(after: colon)...]
            guard digits.utf8.count <= 9, let version = Int(digits), version >= 0, String(version) == digits else { return nil }
            self.init(role, String(rest[..<colon]), version)
            return
        }
        return nil
    }

    /// The namespace, which is also the feature.
    public var namespace: String {
        let prefix = role == .formatter ? Namespace.gatewayFormatterPrefix : Namespace.gatewayEncrypterPrefix
        return "\(prefix)\(name):\(version)"
    }

    /// The namespace.
    public var description: String { namespace }
}
