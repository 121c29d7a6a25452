internal import CGPGME
internal import Glibc

/// Bytes for `gpg` to read, lent for the duration of `body` without a copy.
func withInput<Value>(_ bytes: [UInt8], _ body: (OpaquePointer) throws -> Value) throws -> Value {
    try bytes.withUnsafeBytes { buffer in
        var data: OpaquePointer?
        let result = gpgme_data_new_from_mem(&data, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, 0)
        guard code(result) == GPG_ERR_NO_ERROR, let data else {
            throw OpenPGPError(.unavailable, "no input for GnuPG: \(describe(result))")
        }
        defer { gpgme_data_release(data) }
        gpgme_data_set_encoding(data, GPGME_DATA_ENCODING_BINARY)
        return try body(data)
    }
}

/// What `gpg` wrote, up to a limit (S9). Past the limit, writing fails, and with it the operation: a bomb costs no memory.
final class BoundedOutput {
    private(set) var bytes: [UInt8] = []
    private(set) var exceeded = false
    private let limit: Int

    /// Makes an empty buffer for at most `limit` bytes.
    init(limit: Int) { self.limit = max(0, limit) }

    fileprivate func take(_ buffer: UnsafeRawBufferPointer) -> Bool {
        guard !exceeded, buffer.count <= limit - bytes.count else {
            exceeded = true
            return false
        }
        bytes.append(contentsOf: buffer)
        return true
    }

    /// Lends `body` the object that GPGME writes to.
    func with<Value>(_ body: (OpaquePointer) throws -> Value) throws -> Value {
        // GPGME keeps the address of the table, so it lives as long as the object.
        let callbacks = UnsafeMutablePointer<gpgme_data_cbs>.allocate(capacity: 1)
        callbacks.initialize(
            to: gpgme_data_cbs(
                read: nil,
                write: { handle, buffer, count in
                    guard let handle, let buffer else { return -1 }
                    let output = Unmanaged<BoundedOutput>.fromOpaque(handle).takeUnretainedValue()
                    guard output.take(UnsafeRawBufferPointer(start: buffer, count: count)) else {
                        errno = EFBIG
                        return -1
                    }
                    return count
                },
                seek: nil,
                release: nil
            )
        )
        defer {
            callbacks.deinitialize(count: 1)
            callbacks.deallocate()
        }
        return try withExtendedLifetime(self) {
            var data: OpaquePointer?
            let result = gpgme_data_new_from_cbs(&data, callbacks, Unmanaged.passUnretained(self).toOpaque())
            guard code(result) == GPG_ERR_NO_ERROR, let data else {
                throw OpenPGPError(.unavailable, "no output for GnuPG: \(describe(result))")
            }
            defer { gpgme_data_release(data) }
            gpgme_data_set_encoding(data, GPGME_DATA_ENCODING_BINARY)
            return try body(data)
        }
    }
}
