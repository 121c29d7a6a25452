import Crypto
import Foundation
import HTTPTypes

/// What a sender gives a request and its repeats, so that they count once.
enum IdempotencyKey {
    /// Longer than ``limit``, empty, several, or with other bytes than visible ASCII.
    struct Malformed: Error {}

    /// The longest key, in bytes.
    static let limit = 255

    /// The key of a request; `nil` when it has none.
    static func read(_ headers: HTTPFields) throws(Malformed) -> String? {
        let given = headers.values("idempotency-key")
        guard let key = given.first else { return nil }
        guard given.count == 1, (1...limit).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Malformed()
        }
        return key
    }

    /// The key of a request to send, so that nobody's meets another's; short enough for every name of a credential.
    static func scoped(_ key: String, to caller: String) -> String {
        let digits = SHA256.hash(data: Data(key.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return caller + ":" + (key.utf8.count <= digits.utf8.count ? key : "sha256:" + digits)
    }

    static let refusal = Answer.refusal(
        .badRequest,
        "idempotency-key",
        "Idempotency-Key has 1 to \(limit) visible ASCII characters, and is given once"
    )
}
