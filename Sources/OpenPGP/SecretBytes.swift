internal import Glibc

/// Bytes that must not be seen: a passphrase, a store key.
///
/// They have no description, are kept in one place of memory that is never copied by Swift, are locked into memory where the system
/// allows it, and are overwritten when the last reference goes.
public final class SecretBytes: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let address: UInt
    /// How many bytes there are.
    public let count: Int

    /// Takes a copy of `bytes`. The caller's own copy is not wiped; prefer ``init(wiping:)``.
    public convenience init(_ bytes: some Collection<UInt8>) {
        var copy = Array(bytes)
        self.init(wiping: &copy)
    }

    /// Takes a copy of `bytes`, then overwrites and empties them.
    public init(wiping bytes: inout [UInt8]) {
        count = bytes.count
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        _ = mlock(memory, max(1, bytes.count))
        bytes.withUnsafeBytes { if let base = $0.baseAddress { memory.copyMemory(from: base, byteCount: $0.count) } }
        bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } }
        bytes.removeAll()
        address = UInt(bitPattern: memory)
    }

    deinit {
        guard let memory = UnsafeMutableRawPointer(bitPattern: address) else { return }
        explicit_bzero(memory, max(1, count))
        _ = munlock(memory, max(1, count))
        memory.deallocate()
    }

    /// Lends the bytes to `body`, which must not keep them.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count))
    }

    /// Never the bytes.
    public var description: String { "(secret)" }
    /// Never the bytes.
    public var debugDescription: String { "(secret)" }
    /// Nothing to reflect.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
