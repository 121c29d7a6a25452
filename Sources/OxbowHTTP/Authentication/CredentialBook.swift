import Crypto
import Foundation
import YAMLConfiguration

/// The credentials with their secrets resolved, kept as what a comparison needs: an HMAC of each under a key of this process. Of signatures the
/// secret itself is kept, since it signs.
struct CredentialBook: Sendable {
    /// Somebody who has proved who they are.
    struct Caller: Sendable, Hashable {
        /// The credential's name.
        var name: String
        /// What it may do.
        var may: [HTTPRight]

        /// Whether it may do this.
        func may(_ right: HTTPRight) -> Bool { may.contains { $0.covers(right) } }
    }

    private enum Kind: Hashable {
        case token, password, signature, pathToken
    }
    private struct Entry: Sendable {
        var caller: Caller
        var kind: Kind
        var digest: HMAC<SHA256>.MAC
        var key: SymmetricKey?
    }

    /// The shortest secret, in characters.
    static let shortest = 16
    /// The shortest path token: 22 characters of 64 are 132 bits (R30).
    static let shortestPathToken = 22

    private let processKey = SymmetricKey(size: .bits256)
    private var entries: [Entry] = []

    /// A book without anybody.
    init() {}

    /// Fetches the secrets.
    ///
    /// - Throws: Everything that is wrong: secrets that can't be had, that are too short, or that two credentials share.
    init(_ settings: [HTTPCredentialSettings], environment: [String: String]) async throws(ConfigurationErrors) {
        var errors: [ConfigurationError] = []
        for credential in settings {
            do throws(ConfigurationError) {
                try add(credential, try await credential.proof.secret.resolve(environment: environment))
            } catch {
                errors.append(error)
            }
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
    }

    /// Takes a credential whose secret is known.
    ///
    /// - Throws: What is wrong with the secret, at its place.
    mutating func add(_ credential: HTTPCredentialSettings, _ secret: String) throws(ConfigurationError) {
        do throws(Complaint) { try enter(credential, secret) } catch { throw credential.proof.secret.error(error) }
    }

    private mutating func enter(_ credential: HTTPCredentialSettings, _ secret: String) throws(Complaint) {
        guard secret.unicodeScalars.count >= Self.shortest else {
            throw Complaint(
                "the secret of '\(credential.name)' has fewer than \(Self.shortest) characters",
                hint: "make one with: openssl rand -hex 16"
            )
        }
        guard secret.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
            throw Complaint("the secret of '\(credential.name)' has control characters in it: no header carries them")
        }
        var entry = Entry(
            caller: Caller(name: credential.name, may: credential.may),
            kind: .token,
            digest: digest(secret),
            key: nil
        )
        switch credential.proof {
        case .token: break
        case .password(let user, _):
            entry.kind = .password
            entry.digest = digest(user + ":" + secret)
        case .signature:
            entry.kind = .signature
            entry.key = SymmetricKey(data: Data(secret.utf8))
        case .pathToken:
            entry.kind = .pathToken
            let isPlain = secret.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                case UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
            // Text isn't random by itself; what can be asked for is room for 128 bits.
            let isLong = secret.utf8.count >= (Hex.bytes(secret) == nil ? Self.shortestPathToken : 32)
            guard isPlain, isLong, Set(secret.utf8).count >= 8 else {
                throw Complaint(
                    "the path token of '\(credential.name)' isn't made of at least \(Self.shortestPathToken) random characters of a-z A-Z 0-9 - _",
                    hint: "make one with: openssl rand -hex 16"
                )
            }
        }
        if let other = entries.first(where: { $0.kind == entry.kind && $0.digest == entry.digest }) {
            throw Complaint("'\(credential.name)' has the same secret as '\(other.caller.name)'", hint: "give each its own")
        }
        entries.append(entry)
    }

    private func digest(_ text: String) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: processKey)
    }

    /// Looks at every entry, whichever fits: how long it takes says nothing.
    private func find(_ kind: Kind, _ text: String) -> Caller? {
        let presented = digest(text)
        var found: Caller?
        for entry in entries where entry.kind == kind {
            // swift-crypto compares authentication codes in constant time.
            let isSame = entry.digest == presented
            if isSame, found == nil { found = entry.caller }
        }
        return found
    }

    /// Whether anybody signs.
    var hasSignatures: Bool { entries.contains { $0.kind == .signature } }

    /// Whose token it is.
    func bearer(_ token: String) -> Caller? { find(.token, token) }

    /// Whose name and password they are; or, with an empty name or the credential's own, whose token stands as the password.
    func basic(user: String, password: String) -> Caller? {
        let byPassword = find(.password, user + ":" + password)
        let byToken = find(.token, password)
        if let byPassword { return byPassword }
        return byToken.flatMap { user.isEmpty || user == $0.name ? $0 : nil }
    }

    /// Whose path token it is.
    func pathToken(_ token: String) -> Caller? { find(.pathToken, token) }

    /// Whose secret stands in GitLab's header.
    func plainSecret(_ secret: String) -> Caller? { find(.signature, secret) }

    /// Who signed it.
    func signer(of signed: [UInt8], code: [UInt8]) -> Caller? {
        var found: Caller?
        for entry in entries {
            guard let key = entry.key else { continue }
            let isValid = HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: key)
            if isValid, found == nil { found = entry.caller }
        }
        return found
    }
}
