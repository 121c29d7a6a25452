import Foundation
import HTTPTypes

/// Finds out who asks, before the body is read wherever that is possible.
struct Authenticator: Sendable {
    let book: CredentialBook

    /// What is known before the body.
    enum Admission: Sendable {
        /// Who it is.
        case caller(CredentialBook.Caller)
        /// The body says it.
        case signature(Signature)
    }

    /// Judges the head of a request.
    ///
    /// - Parameters:
    ///   - headers: Its headers.
    ///   - pathToken: What stood at the end of a hook's path.
    ///   - isHook: Whether signatures are taken.
    func admit(_ headers: HTTPFields, pathToken: String? = nil, isHook: Bool) throws(AuthenticationFailure) -> Admission {
        let given = headers.values("authorization")
        if let first = given.first {
            // A token in the path besides would stand in logs for nothing (R30).
            guard given.count == 1, pathToken == nil else { throw .malformed }
            return .caller(try authorized(first))
        }
        guard isHook else { throw .missing }
        if let pathToken {
            guard let caller = book.pathToken(pathToken) else { throw .pathToken }
            return .caller(caller)
        }
        let secrets = headers.values(Signature.gitlabHeader)
        if let secret = secrets.first {
            guard secrets.count == 1 else { throw .malformed }
            guard let caller = book.plainSecret(secret) else { throw .token }
            return .caller(caller)
        }
        guard let signature = try Signature.read(headers) else { throw .missing }
        // Nobody's body is read for nothing.
        guard book.hasSignatures else { throw .signature }
        return .signature(signature)
    }

    /// Who signed a body.
    func signer(_ signature: Signature, of body: [UInt8], now: Int64) throws(AuthenticationFailure) -> CredentialBook.Caller {
        guard let caller = book.signer(of: signature.prefix + body, code: signature.code) else { throw .signature }
        if let time = signature.time {
            let (age, overflow) = now.subtractingReportingOverflow(time)
            guard !overflow, (-Signature.tolerance...Signature.tolerance).contains(age) else { throw .stale }
        }
        return caller
    }

    private func authorized(_ value: String) throws(AuthenticationFailure) -> CredentialBook.Caller {
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { throw .malformed }
        let text = parts[1].drop { $0 == " " }
        switch parts[0].lowercased() {
        case "bearer":
            guard let caller = book.bearer(String(text)) else { throw .token }
            return caller
        case "basic":
            guard let data = Data(base64Encoded: String(text)), let pair = String(validating: data, as: UTF8.self),
                let colon = pair.firstIndex(of: ":")
            else { throw .malformed }
            guard let caller = book.basic(user: String(pair[..<colon]), password: String(pair[pair.index(after: colon)...])) else {
                throw .password
            }
            return caller
        default: throw .malformed
        }
    }
}
