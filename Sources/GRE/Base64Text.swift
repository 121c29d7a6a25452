import Foundation

/// Base64 (RFC 4648 § 4) with padding, as it stands in elements.
enum Base64Text {
    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// The bytes behind a text; white space in it is tolerated (Libervia's clients wrap lines), anything else that isn't base64 is not.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.filter { $0 != 32 && !(9...13).contains($0) }
        return Data(base64Encoded: Data(digits)).map(Array.init)
    }
}
