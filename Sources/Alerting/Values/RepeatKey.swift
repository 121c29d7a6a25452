import Crypto

/// How a repeat of a request is told from a further message (R28).
public enum RepeatIdentity: Sendable, Hashable, Codable {
    /// By what is in it: a digest over all its alerts, those beyond ``SourceLimits/alerts`` included. See ``AlertDigest``.
    case alerts(digest: String)
    /// By the id that the sender gave this delivery and gives its repeats.
    case delivery(String)
    /// Not at all: twice the same text is said twice. An `Idempotency-Key` is the HTTP side's.
    case none
}

/// The same within `dedupe` is a retry or a twin of a pair: accepted, and nothing sent (R28).
public struct RepeatKey: Sendable, Hashable, Codable, CustomStringConvertible {
    /// SHA-256 in lower-case hexadecimal.
    public let digest: String

    /// The digest.
    public var description: String { digest }
}

extension Intake {
    /// The key of (route, groupKey, status, set of fingerprint + startsAt + endsAt), or of (route, delivery); `nil` when each request is a message.
    public func repeatKey(route: String) -> RepeatKey? {
        var digest = PartDigest("oxbow repeat 1")
        digest.add(route)
        digest.add(source)
        switch repeats {
        case .none:
            return nil
        case .delivery(let id):
            digest.add("delivery")
            digest.add(id)
        case .alerts(let alerts):
            digest.add("alerts")
            digest.add(groupKey)
            digest.add(status.rawValue)
            digest.add(alerts)
        }
        return RepeatKey(digest: digest.hex())
    }
}

/// A digest over a set of (fingerprint, startsAt, endsAt): the order in which a sender lists them doesn't count, nor does naming one twice.
public struct AlertDigest: Sendable {
    private var members: Set<String> = []

    /// Begins with the empty set.
    public init() {}

    /// Takes one alert in. `starts` and `ends` are compared as the sender wrote them.
    public mutating func add(fingerprint: String, starts: String?, ends: String?) {
        var digest = PartDigest("alert")
        digest.add(fingerprint)
        digest.add(starts ?? "")
        digest.add(ends ?? "")
        members.insert(digest.hex())
    }

    /// The digest, in hexadecimal.
    public func hex() -> String {
        var digest = PartDigest("alerts")
        for member in members.sorted() { digest.add(member) }
        return digest.hex()
    }
}

/// SHA-256 over parts with their lengths, so that no two lists of parts give the same bytes.
struct PartDigest {
    private var hash = SHA256()

    init(_ purpose: String) { add(purpose) }

    mutating func add(_ part: String) {
        let bytes = Array(part.utf8)
        withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { hash.update(bufferPointer: $0) }
        hash.update(data: bytes)
    }

    func hex() -> String {
        let digits = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        for byte in hash.finalize() {
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }
}
