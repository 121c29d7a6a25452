import Crypto
import Foundation
import Synchronization

/// Seals and opens what is stored, and makes the marks that it is found by (R17).
///
/// AES-256-GCM with random nonces; the additional data name table, column and row, so that a value opens only where it was written. Marks
/// are HMAC-SHA-256, cut to 128 bits. Both keys are derived from the store key by HKDF-SHA-256 with a salt of the store's own. With random
/// nonces a key may seal 2^32 values (NIST SP 800-38D § 8.3): a message takes three or four of them.
struct Vault: Sendable {
    static let saltSize = 32
    private static let version: UInt8 = 1

    private let sealing: SymmetricKey
    /// With the key taken in already: marks begin as copies of it.
    private let marking: HMAC<SHA256>
    private let frequent = FrequentMarks()

    init(key: StoreKey, salt: Data) {
        func derived(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(inputKeyMaterial: key.secret, salt: salt, info: Data(purpose.utf8), outputByteCount: 32)
        }
        sealing = derived("oxbow store 1: seal")
        marking = HMAC(key: derived("oxbow store 1: mark"))
    }

    /// A place in the database.
    struct Place {
        fileprivate let bytes: [UInt8]

        /// A column of a row that has a number.
        init(_ table: String, _ column: String, row: Int64) {
            self.init(table, column, key: withUnsafeBytes(of: row.bigEndian) { Array($0) })
        }

        /// A column of a row that has a key.
        init(_ table: String, _ column: String, key: some Collection<UInt8>) {
            bytes = Array(table.utf8) + [0] + Array(column.utf8) + [0] + key
        }
    }

    func seal(_ content: some DataProtocol, at place: Place) throws -> Data {
        // Without a nonce given it is random, 96 bits.
        guard let sealed = try AES.GCM.seal(content, using: sealing, authenticating: place.bytes).combined else { throw Unreadable.value }
        var data = Data(capacity: sealed.count + 1)
        data.append(Self.version)
        data.append(sealed)
        return data
    }

    func open(_ sealed: Data, at place: Place) throws -> Data {
        guard sealed.first == Self.version else { throw Unreadable.value }
        do {
            return try AES.GCM.open(AES.GCM.SealedBox(combined: sealed.dropFirst()), using: sealing, authenticating: place.bytes)
        } catch {
            throw Unreadable.value
        }
    }

    /// What a value is found by, without saying what it is. Values of another purpose have other marks.
    func mark(_ purpose: String, _ values: String...) -> Data {
        mark([purpose] + values)
    }

    /// ``mark(_:_:)`` of what is asked for again and again: an account, a recipient.
    func frequentMark(_ purpose: String, _ value: String) -> Data {
        frequent.mark(purpose, value) { mark([purpose, value]) }
    }

    private func mark(_ fields: [String]) -> Data {
        var code = marking
        code.update(data: Fields.bytes(fields))
        return Data(code.finalize().prefix(16))
    }
}

/// Marks that were made lately. A mark depends on nothing but the key and its values, so one that is kept is never wrong.
private final class FrequentMarks: Sendable {
    private struct Name: Hashable {
        let purpose: String
        let value: String
    }

    private let limit = 256
    private let marks = Mutex<[Name: Data]>([:])

    func mark(_ purpose: String, _ value: String, _ make: () -> Data) -> Data {
        let name = Name(purpose: purpose, value: value)
        if let mark = marks.withLock({ $0[name] }) { return mark }
        let mark = make()
        marks.withLock { marks in
            if marks.count >= limit { marks.removeAll(keepingCapacity: true) }
            marks[name] = mark
        }
        return mark
    }
}

/// Some texts in one value, each with its length.
enum Fields {
    static func packed(_ fields: [String?]) -> Data { Data(bytes(fields)) }

    static func bytes(_ fields: [String?]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(fields.reduce(0) { $0 + 4 + ($1?.utf8.count ?? 0) })
        for field in fields {
            let length = field.map { UInt32(clamping: $0.utf8.count) } ?? .max
            withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
            if let field { bytes.append(contentsOf: field.utf8) }
        }
        return bytes
    }

    static func unpacked(_ data: Data) throws -> [String?] {
        var fields: [String?] = []
        var rest = data[...]
        while !rest.isEmpty {
            guard rest.count >= 4 else { throw Unreadable.value }
            let length = rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            rest = rest.dropFirst(4)
            guard length != .max else {
                fields.append(nil)
                continue
            }
            guard rest.count >= Int(length), let text = String(validating: rest.prefix(Int(length)), as: UTF8.self) else {
                throw Unreadable.value
            }
            fields.append(text)
            rest = rest.dropFirst(Int(length))
        }
        return fields
    }
}
