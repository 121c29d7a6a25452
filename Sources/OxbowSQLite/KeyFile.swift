#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The file beside the database that holds the store key, for ``StoreKeySource/file``.
enum KeyFile {
    /// The key in a file; `nil` if there is none.
    static func key(in path: String) throws(StoreError) -> StoreKey? {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw StoreError(.key, "\(path): the store key can't be read (\(String(cString: strerror(errno))))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid() else {
            throw StoreError(.key, "\(path): is no file of ours; the store key must lie in one")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StoreError(.key, "\(path): others can read the store key; set its mode to 0600 and ask yourself who has done so")
        }
        var buffer = [UInt8](repeating: 0, count: 200)
        let count = read(file, &buffer, buffer.count)
        guard count >= 0, let key = StoreKey(text: String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)) else {
            throw StoreError(.key, "\(path): holds no store key: 64 hexadecimal digits are expected")
        }
        return key
    }

    /// Makes a file with a new key, on disk when it returns.
    static func make(_ path: String) throws(StoreError) -> StoreKey {
        let key = StoreKey.random()
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in key.bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        text.append(10)
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        guard write(file, text, text.count) == text.count, fsync(file) == 0 else {
            let error = failure(path)
            unlink(path)
            throw error
        }
        try syncDirectory(of: path)
        return key
    }

    /// Overwrites and removes the file, if it is there.
    static func remove(_ path: String) {
        let file = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        let zeros = [UInt8](repeating: 0, count: 200)
        _ = write(file, zeros, zeros.count)
        _ = fsync(file)
        unlink(path)
    }

    /// Brings a directory's entries to disk.
    static func syncDirectory(of path: String) throws(StoreError) {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let directory = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure(parent) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure(parent) }
    }

    private static func failure(_ path: String) -> StoreError {
        let cause = String(cString: strerror(errno))
        return switch errno {
        case ENOSPC, EDQUOT: StoreError(.full, "\(path): no room on the file system (\(cause))")
        case EROFS, EACCES, EPERM: StoreError(.readOnly, "\(path): can't be written; check owner and mode, and the mount (\(cause))")
        default: StoreError(.failed, "\(path): can't be written (\(cause))")
        }
    }
}
