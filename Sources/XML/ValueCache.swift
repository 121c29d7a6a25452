#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Short attribute values that have been seen lately. On a stream most of them come again and again (types, addresses, namespaces of
/// payloads); to find one here is cheaper than to check its bytes and make a string.
struct ValueCache: ~Copyable {
    /// A power of two.
    private static let slots = 128
    private static let longest = 64

    private let values: UnsafeMutablePointer<String>

    init() {
        values = .allocate(capacity: Self.slots)
        values.initialize(repeating: "", count: Self.slots)
    }

    deinit {
        values.deinitialize(count: Self.slots)
        values.deallocate()
    }

    /// The string of these bytes, which are valid UTF-8.
    func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.count <= Self.longest, !bytes.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
        let slot = values + Self.hash(bytes)
        if Self.holds(slot, bytes) { return slot.pointee }
        let value = String(decoding: bytes, as: UTF8.self)
        slot.pointee = value
        return value
    }

    /// Of the length, the beginning and the end. Spreads well enough for a cache: whoever makes values collide only loses the saving.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        let (first, last): (UInt64, UInt64)
        switch raw.count {
        case 8...:
            first = raw.loadUnaligned(as: UInt64.self)
            last = raw.loadUnaligned(fromByteOffset: raw.count &- 8, as: UInt64.self)
        case 4...:
            first = UInt64(raw.loadUnaligned(as: UInt32.self))
            last = UInt64(raw.loadUnaligned(fromByteOffset: raw.count &- 4, as: UInt32.self))
        default:
            first = UInt64(raw[0])
            last = UInt64(raw[raw.count / 2]) &<< 8 | UInt64(raw[raw.count &- 1])
        }
        let mixed = ((first ^ UInt64(raw.count)) &* 0x9E37_79B9_7F4A_7C15) ^ (last &* 0xC2B2_AE3D_27D4_EB4F)
        return Int(truncatingIfNeeded: (mixed ^ (mixed &>> 29)) &>> 32) & (slots - 1)
    }

    private static func holds(_ slot: UnsafeMutablePointer<String>, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let wanted = bytes.baseAddress, slot.pointee.utf8.count == bytes.count else { return false }
        return slot.pointee.utf8.withContiguousStorageIfAvailable { found in
            found.baseAddress.map { memcmp($0, wanted, bytes.count) == 0 } ?? false
        } ?? false
    }
}
