internal import Foundation

/// The value of a mail's `Autocrypt` header: a key, and whose it says it is (Autocrypt Level 1 § 2.1, R23, R27).
///
/// Reading checks form only. The key is as trustworthy as the mail; before use it goes through ``OpenPGPEngine/inspect(_:)``, and whether
/// the mail may be believed at all (R27) is the caller's question.
public struct AutocryptHeader: Hashable, Sendable {
    /// `addr`: the mailbox that the key is for.
    public let mailbox: UserIDMailbox
    /// `prefer-encrypt=mutual`: the sender wants encryption with those who want it too.
    public let prefersEncryption: Bool
    /// `keydata`: one certificate in binary form, without secret packets.
    public let keyData: [UInt8]

    /// The longest value that is read, in bytes, folding included. A certificate with RSA keys of 8192 bits fits.
    public static let mostBytes = 16_384

    /// Why a header is ignored. Nothing of the header is in it but an attribute's name.
    public enum Problem: Error, Hashable, Sendable {
        /// Longer than ``AutocryptHeader/mostBytes``.
        case tooLong
        /// Not a list of attributes with `keydata` last, an attribute twice, or characters that don't belong into a header.
        case malformed
        /// `addr` or `keydata` is missing.
        case incomplete
        /// An attribute that we don't know and that may not be skipped: its name doesn't begin with `_`.
        case unknownAttribute(String)
        /// `addr` is not the mail's sender.
        case otherAddress
        /// `keydata` is not base64, or not exactly one certificate.
        case badKey
    }

    /// Makes a header of our own.
    ///
    /// - Parameter keyData: a minimal, binary certificate with one User ID, as ``OpenPGPEngine/mailCertificate(_:mailbox:)`` gives it.
    public init(mailbox: UserIDMailbox, prefersEncryption: Bool, keyData: [UInt8]) {
        self.mailbox = mailbox
        self.prefersEncryption = prefersEncryption
        self.keyData = keyData
    }

    /// Reads a header's value, folded or not.
    ///
    /// - Parameter sender: the only mailbox in the mail's `From`.
    public init(parsing value: String, from sender: UserIDMailbox) throws(Problem) {
        guard value.utf8.count <= Self.mostBytes else { throw .tooLong }
        let text = try Self.unfolded(value)
        // An empty piece is one of no name: what follows keydata, even nothing, is not keydata.
        let pieces = text.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        var found: [String: ArraySlice<UInt8>] = [:]
        for (index, piece) in pieces.enumerated() {
            guard let equals = piece.firstIndex(of: UInt8(ascii: "=")) else { throw .malformed }
            let name = String(decoding: Self.trimmed(piece[..<equals]), as: UTF8.self)
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isName) else { throw .malformed }
            if name.utf8.first == UInt8(ascii: "_") { continue }
            guard ["addr", "prefer-encrypt", "keydata"].contains(name) else { throw .unknownAttribute(name) }
            guard found.updateValue(piece[(equals + 1)...], forKey: name) == nil else { throw .malformed }
            guard name != "keydata" || index == pieces.count - 1 else { throw .malformed }
        }
        guard let address = found["addr"], let digits = found["keydata"] else { throw .incomplete }
        guard UserIDMailbox(address: String(decoding: Self.trimmed(address), as: UTF8.self)) == sender else { throw .otherAddress }
        let key = try Self.decoded(digits)
        guard !ASCIIArmor.isArmored(key), (try? Certificate(reading: key)) != nil else { throw .badKey }
        // Any other value counts as none, says the specification.
        let preference = found["prefer-encrypt"].map { Self.trimmed($0).elementsEqual("mutual".utf8) }
        self.init(mailbox: sender, prefersEncryption: preference ?? false, keyData: key)
    }

    /// The one valid header among all of a mail's; `nil` if there is none, or more than one (Level 1 § 2.3: then none counts).
    public static func only(in values: [String], from sender: UserIDMailbox) -> AutocryptHeader? {
        var valid: AutocryptHeader?
        for value in values {
            guard let header = try? AutocryptHeader(parsing: value, from: sender) else { continue }
            guard valid == nil else { return nil }
            valid = header
        }
        return valid
    }

    // MARK: writing

    /// The header's value in one line.
    public var value: String { attributes + "keydata=" + Data(keyData).base64EncodedString() }

    /// The header's value with the key folded into lines of at most 77 bytes, each begun by CRLF and a blank, as the header stands in a
    /// mail behind `Autocrypt: `.
    public var foldedValue: String {
        let digits = Array(Data(keyData).base64EncodedString())
        let lines = stride(from: 0, to: digits.count, by: 76).map { String(digits[$0..<min($0 + 76, digits.count)]) }
        return ([attributes + "keydata="] + lines).joined(separator: "\r\n ")
    }

    private var attributes: String { "addr=\(mailbox.address); " + (prefersEncryption ? "prefer-encrypt=mutual; " : "") }

    // MARK: reading

    /// Without line ends that are followed by white space; with any other, or another control character, it is not one header.
    private static func unfolded(_ value: String) throws(Problem) -> [UInt8] {
        let bytes = Array(value.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == 13 || bytes[index] == 10 {
                if bytes[index] == 13 { index += 1 }
                guard index + 1 < bytes.count, bytes[index] == 10, isBlank(bytes[index + 1]) else { throw .malformed }
            } else {
                guard bytes[index] >= 32 || bytes[index] == 9, bytes[index] != 127 else { throw .malformed }
                out.append(bytes[index])
            }
            index += 1
        }
        return out
    }

    /// Base64 in its only canonical form, once the white space of folding is out.
    private static func decoded(_ digits: ArraySlice<UInt8>) throws(Problem) -> [UInt8] {
        let digits = Data(digits.filter { !isBlank($0) })
        guard let key = Data(base64Encoded: digits), key.base64EncodedData() == digits else { throw .badKey }
        return Array(key)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

    private static func isName(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 95
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let first = text.first, isBlank(first) { text.removeFirst() }
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }
}
