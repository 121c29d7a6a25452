/// The fingerprint of a version 4 OpenPGP key: 20 bytes (RFC 4880 § 12.2).
public struct Fingerprint: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 40 upper-case hexadecimal digits, without spaces (XEP-0373 § 4.1).
    public let hex: String

    /// Reads 40 hexadecimal digits in either case; anything else (key IDs, v6 fingerprints) is `nil`.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 40, text.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 70) || ($0 >= 97 && $0 <= 102) })
        else { return nil }
        self.hex = text.uppercased()
    }

    /// The hexadecimal digits.
    public var description: String { hex }

    /// Alphabetical order, for output that doesn't change from run to run.
    public static func < (left: Fingerprint, right: Fingerprint) -> Bool { left.hex < right.hex }
}
