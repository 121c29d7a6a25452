import HTTPTypes

/// A signature that came with a request: which header it stood in, and what it is of besides the body.
struct Signature: Hashable, Sendable {
    /// The ways to sign, each with its header.
    enum Scheme: String, CaseIterable, Sendable {
        /// `sha256=` and the HMAC of the body: GitHub, Gitea, Forgejo.
        case github = "x-hub-signature-256"
        /// The HMAC of the body; of the time, a colon and the body when a header gives a time: Grafana 12 and later.
        case grafana = "x-grafana-alerting-signature"
        /// The HMAC of the body, with or without `sha256=`, for scripts.
        case generic = "x-signature-256"

        /// Whether requests of a source are signed so.
        func fits(source: String) -> Bool {
            switch self {
            case .github: source != "grafana" && source != "gitlab"
            case .grafana: source == "grafana"
            case .generic: true
            }
        }
    }

    /// What it was in.
    var scheme: Scheme
    /// The code.
    var code: [UInt8]
    /// What is signed before the body.
    var prefix: [UInt8] = []
    /// When it was made, if it says so, in seconds since 1970.
    var time: Int64?

    /// How far a signature's time may be from ours, in seconds. Wide, since a refused alert is a lost one: repeats are told from each other by R28.
    static let tolerance: Int64 = 15 * 60
    /// Grafana's header for the time has whatever name its settings give it; these are the two of its documentation.
    static let timeHeaders = ["x-grafana-alerting-signature-timestamp", "x-grafana-alerting-timestamp"]
    /// GitLab's header, which holds the secret itself.
    static let gitlabHeader = "x-gitlab-token"

    /// The signature of a request; `nil` when it has none.
    ///
    /// - Throws: ``AuthenticationFailure/malformed`` for one that can't be read, or several.
    static func read(_ headers: HTTPFields) throws(AuthenticationFailure) -> Signature? {
        let offered = Scheme.allCases.flatMap { scheme in headers.values(scheme.rawValue).map { (scheme, $0) } }
        guard let (scheme, text) = offered.first else { return nil }
        guard offered.count == 1 else { throw .malformed }
        var digits = text[...]
        if scheme != .grafana, digits.hasPrefix("sha256=") {
            digits = digits.dropFirst("sha256=".count)
        } else if scheme == .github {
            throw .malformed
        }
        guard digits.utf8.count == 64, let code = Hex.bytes(digits) else { throw .malformed }
        var signature = Signature(scheme: scheme, code: code)
        let times = timeHeaders.flatMap { headers.values($0) }
        guard scheme == .grafana, let time = times.first else { return signature }
        guard times.count == 1, let seconds = Int64(time), seconds > 0 else { throw .malformed }
        signature.time = seconds
        signature.prefix = Array((time + ":").utf8)
        return signature
    }
}
