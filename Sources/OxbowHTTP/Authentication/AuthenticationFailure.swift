/// Why somebody isn't let in: fixed words for the log and the counters.
enum AuthenticationFailure: String, Error, Hashable, Sendable, CaseIterable {
    /// Nothing was presented.
    case missing = "no-credential"
    /// What was presented can't be read, or is several things.
    case malformed = "malformed-credential"
    /// No such token.
    case token = "unknown-token"
    /// No such user, or another password.
    case password = "unknown-password"
    /// No such path token.
    case pathToken = "unknown-path-token"
    /// Nobody signs so.
    case signature = "bad-signature"
    /// Signed too long ago, or in the future.
    case stale = "stale-signature"
    /// The credential is good, and may not do this.
    case right = "not-allowed"
    /// A web page of another site sent it with a browser's credentials.
    case crossSite = "cross-site"
}
