#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The file itself, before SQLite sees it.
enum StateFile {
    /// Makes sure that there is a regular file of ours with mode 0600; SQLite gives the files beside it the same mode.
    static func prepare(_ path: String) throws(StoreError) {
        // O_EXCL has no say over a file that exists; O_NOFOLLOW refuses a link that somebody has laid there.
        let file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw refusal(path, errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw refusal(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw StoreError(.path, "\(path): is not a regular file") }
        guard status.st_uid == geteuid() else { throw StoreError(.path, "\(path): belongs to another user; change its owner") }
        guard status.st_mode & 0o7777 == 0o600 || fchmod(file, 0o600) == 0 else { throw refusal(path, errno) }
    }

    /// Where a database is put together before it takes its place.
    static func unfinished(_ path: String) -> String { path + ".restoring" }

    /// While a restore or repair is unfinished nothing may be made in its place.
    static func refuseUnfinished(_ path: String) throws(StoreError) {
        var status = stat()
        guard lstat(unfinished(path), &status) == 0 else { return }
        throw StoreError(
            .path,
            "\(unfinished(path)): a restore or repair was interrupted; run it again, or remove this file if \(path) is as you want it"
        )
    }

    /// A regular file's size; `nil` if there is none.
    static func size(_ path: String) -> Int64? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }

    /// Brings a file's content to disk.
    static func sync(_ path: String) throws(StoreError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw refusal(path, errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw refusal(path, errno) }
    }

    /// Gives a file another name, over what is there.
    static func move(_ from: String, to: String) throws(StoreError) {
        guard rename(from, to) == 0 else { throw refusal(to, errno) }
    }

    /// Removes a database and those beside it.
    static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }

    private static func refusal(_ path: String, _ code: Int32) -> StoreError {
        let cause = String(cString: strerror(code))
        switch code {
        case ENOENT, ENOTDIR:
            return StoreError(.path, "\(path): its directory doesn't exist; make it (mode 0700), or correct `state` (\(cause))")
        case EISDIR: return StoreError(.path, "\(path): is a directory; move it away, or give another `state` directory")
        case ELOOP: return StoreError(.path, "\(path): is a symbolic link; put the file itself there")
        case EROFS, EACCES, EPERM: return StoreError(.readOnly, "\(path): can't be written; check owner and mode, and the mount (\(cause))")
        case ENOSPC, EDQUOT: return StoreError(.full, "\(path): no room on the file system (\(cause))")
        default: return StoreError(.path, "\(path): can't be opened (\(cause))")
        }
    }
}
