extension Login {
    /// What a `<failure/>` means to the operator (RFC 6120 § 6.5).
    static func failure(_ condition: String, _ text: String?, account: Address) -> SessionFailure {
        let said = text.flatMap { $0.isEmpty ? nil : " It says: \(Printable.text($0))" } ?? ""
        switch condition {
        case "not-authorized":
            return SessionFailure(.login, "The server refused the name or the password of \(account). Check the password.\(said)")
        case "account-disabled": return SessionFailure(.login, "The account \(account) is disabled on its server.\(said)")
        case "credentials-expired": return SessionFailure(.login, "The password of \(account) has expired; set a new one.\(said)")
        case "temporary-auth-failure": return SessionFailure(.server, "The server can't check passwords for the moment.\(said)")
        default: return SessionFailure(.login, "The server refused the login of \(account): \(Printable.text(condition)).\(said)")
        }
    }

    /// What a broken exchange means to the operator.
    static func message(_ failure: SCRAM.Failure, account: Address) -> String {
        switch failure {
        case .malformed(let what): "The server of \(account) broke off the login: it sent \(what)."
        case .iterations(let count):
            "The server of \(account) wants \(count) rounds of hashing; we take \(SCRAM.iterationLimits.lowerBound) to "
                + "\(SCRAM.iterationLimits.upperBound). Its operator has to set another number."
        case .downgraded:
            "What the server of \(account) offered for the login was changed on its way: somebody is between us and the server."
        case .unproven:
            "The server of \(account) has bound logins to the connection before and now doesn't, or lists no binding that we have, "
                + "without a proof that it meant to: somebody may be between us and the server. If its operator confirms the change, forget "
                + "the login pins of this account."
        case .serverUnproven:
            "The server could not prove that it knows the account \(account): it may not be the account's server. Nothing was sent to it."
        case .refused(let reason): "The server refused the login of \(account): \(Printable.text(reason)). Check the password."
        }
    }
}
