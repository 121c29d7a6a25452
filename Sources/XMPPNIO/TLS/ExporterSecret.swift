import Crypto
import Glibc
import NIOCore
import Synchronization

/// Catches the exporter secret of one TLS 1.3 connection, and makes its tls-exporter channel binding (RFC 9266).
///
/// NIOSSL has no call for keying material (RFC 5705, RFC 8446 § 7.5). Its key log callback tells the secret from which it is
/// derived, to a callback that belongs to the context: so each connection has a context and one of these. The callback also sees
/// the traffic secrets; only the exporter's is kept, until it is used or the attempt is over, and nothing is ever logged.
final class ExporterSecret: Sendable {
    private let secret = Mutex<[UInt8]>([])

    init() {}

    deinit {
        clear()
    }

    /// Takes a line of the key log: a label, the client random, the secret; the latter two in hexadecimal.
    func receive(_ line: ByteBuffer) {
        let prefix = Array("EXPORTER_SECRET ".utf8)
        let bytes = line.readableBytesView
        guard bytes.starts(with: prefix), let space = bytes.lastIndex(of: UInt8(ascii: " ")) else { return }
        var digits = bytes[(space + 1)...]
        while let last = digits.last, last == UInt8(ascii: "\n") || last == 0 { digits.removeLast() }
        clear()
        secret.withLock { secret in
            // In place: an array that grows leaves copies behind.
            secret.reserveCapacity(digits.count / 2)
            var high: UInt8?
            for digit in digits {
                guard let value = Self.value(digit) else {
                    Self.wipe(&secret)
                    return
                }
                if let first = high {
                    secret.append(first << 4 | value)
                    high = nil
                } else {
                    high = value
                }
            }
        }
    }

    /// The 32 bytes of the binding; `nil` if the connection is not TLS 1.3. The secret is gone afterwards.
    func takeBinding() -> [UInt8]? {
        defer { clear() }
        return secret.withLock { secret in
            // The secret is as long as the output of the cipher suite's hash function.
            switch secret.count {
            case SHA256.byteCount: Self.export(SymmetricKey(data: secret), SHA256.self)
            case SHA384.byteCount: Self.export(SymmetricKey(data: secret), SHA384.self)
            default: nil
            }
        }
    }

    /// Overwrites the secret.
    func clear() {
        secret.withLock { Self.wipe(&$0) }
    }

    private static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { buffer in
            if let base = buffer.baseAddress { explicit_bzero(base, buffer.count) }
        }
        bytes.removeAll()
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// RFC 8446 § 7.5 with the label of RFC 9266 and an empty context.
    private static func export<H: HashFunction>(_ secret: SymmetricKey, _ hash: H.Type) -> [UInt8] {
        let empty = Array(H.hash(data: [UInt8]()))
        let derived = expand(secret, label: "EXPORTER-Channel-Binding", context: empty, count: H.Digest.byteCount, hash)
        let binding = expand(derived, label: "exporter", context: empty, count: 32, hash)
        return binding.withUnsafeBytes { Array($0) }
    }

    /// HKDF-Expand-Label (RFC 8446 § 7.1).
    private static func expand<H: HashFunction>(
        _ secret: SymmetricKey,
        label: String,
        context: [UInt8],
        count: Int,
        _ hash: H.Type
    ) -> SymmetricKey {
        let name = Array("tls13 ".utf8) + Array(label.utf8)
        let info = [UInt8(count >> 8), UInt8(count & 0xFF), UInt8(name.count)] + name + [UInt8(context.count)] + context
        return HKDF<H>.expand(pseudoRandomKey: secret, info: info, outputByteCount: count)
    }
}
