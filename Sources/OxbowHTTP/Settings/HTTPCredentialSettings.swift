public import YAMLConfiguration

/// Who may do what over HTTP: an entry of `http.credentials`.
public struct HTTPCredentialSettings: Sendable {
    /// How they prove who they are.
    public enum Proof: Sendable {
        /// `Authorization: Bearer TOKEN`; also Basic with the token as password, as ntfy's tools send it.
        case token(Secret)
        /// `Authorization: Basic`.
        case password(user: String, Secret)
        /// A signature of the body with a shared secret, or GitLab's secret in a header.
        case signature(Secret)
        /// A token at the end of the hook's path, for senders that can do nothing better (R30).
        case pathToken(Secret)

        /// Where the secret comes from.
        public var secret: Secret {
            switch self {
            case .token(let secret), .password(_, let secret), .signature(let secret), .pathToken(let secret): secret
            }
        }
    }

    /// Its name, for the log.
    public var name: String
    /// How they prove who they are.
    public var proof: Proof
    /// What they may do.
    public var may: [HTTPRight]
    /// Where the entry stands, for errors.
    public var position: Position
    /// The key path of the entry.
    public var path: String

    /// Makes a credential.
    public init(
        name: String,
        proof: Proof,
        may: [HTTPRight],
        position: Position = Position(file: "", line: 1, column: 1),
        path: String = "http.credentials"
    ) {
        self.name = name
        self.proof = proof
        self.may = may
        self.position = position
        self.path = path
    }
}
