#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Short attribute values that have been seen lately. On a stream most of them come again and again (types, addresses, namespaces of
/// payloads); to find one here is cheaper than to check its bytes and make a string.
struct ValueCache: ~Copyable {
    /// A power of two.
    private static let count = 128
    private static let longest = 64

    /// A value with its length, beginning and end: up to sixteen bytes these are all of it.
    private struct Slot {
        var key = Key()
        var value = ""
    }
    private struct Key: Equatable {
        var count = 0
        var first: UInt64 = 0
        var last: UInt64 = 0
    }

    private let slots: UnsafeMutablePointer<Slot>

    init() {
        slots = .allocate(capacity: Self.count)
        slots.initialize(repeating: Slot(), count: Self.count)
    }

    deinit {
        slots.deinitialize(count: Self.count)
        slots.deallocate()
    }

    /// The string of these bytes, which are valid UTF-8.
    func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.count <= Self.longest, !bytes.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
        let key = Self.key(UnsafeRawBufferPointer(bytes))
        let slot = slots + Self.place(key)
        if slot.pointee.key == key, key.count <= 16 || Self.holds(slot, bytes) { return slot.pointee.value }
        let value = String(decoding: bytes, as: UTF8.self)
        slot.pointee = Slot(key: key, value: value)
        return value
    }

    private static func key(_ bytes: UnsafeRawBufferPointer) -> Key {
        switch bytes.count {
        case 8...:
            let last = bytes.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self)
            return Key(count: bytes.count, first: bytes.loadUnaligned(as: UInt64.self), last: last)
        case 4...:
            let last = bytes.loadUnaligned(fromByteOffset: bytes.count &- 4, as: UInt32.self)
            return Key(count: bytes.count, first: UInt64(bytes.loadUnaligned(as: UInt32.self)), last: UInt64(last))
        default:
            let last = UInt64(bytes[bytes.count / 2]) &<< 8 | UInt64(bytes[bytes.count &- 1])
            return Key(count: bytes.count, first: UInt64(bytes[0]), last: last)
        }
    }

    /// Spreads well enough for a cache: whoever makes values collide only loses the saving.
    private static func place(_ key: Key) -> Int {
        let mixed = ((key.first ^ UInt64(key.count)) &* 0x9E37_79B9_7F4A_7C15) ^ (key.last &* 0xC2B2_AE3D_27D4_EB4F)
        return Int(truncatingIfNeeded: (mixed ^ (mixed &>> 29)) &>> 32) & (count - 1)
    }

    /// Whether the slot's value, of the same length, has these bytes.
    private static func holds(_ slot: UnsafeMutablePointer<Slot>, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let wanted = bytes.baseAddress else { return false }
        return slot.pointee.value.utf8.withContiguousStorageIfAvailable { found in
            found.count == bytes.count && found.baseAddress.map { memcmp($0, wanted, bytes.count) == 0 } ?? false
        } ?? false
    }
}
