import Glibc

/// The file that a Unix-domain socket is reached by, told apart from another one of the same name.
struct LocalSocketFile: Equatable {
    private let device: dev_t
    private let inode: ino_t

    /// What lies at a path, if it is a socket.
    init?(_ path: String) {
        var information = stat()
        guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFSOCK else { return nil }
        device = information.st_dev
        inode = information.st_ino
    }

    /// Removes a socket file that nobody listens on.
    ///
    /// - Throws: ``LocalSocketError`` (`.busy`, `.path`, `.denied`, `.system`).
    static func removeStale(_ path: String) throws {
        var information = stat()
        guard lstat(path, &information) == 0 else { return }
        guard information.st_mode & S_IFMT == S_IFSOCK else {
            throw LocalSocketError(.path, "\(path) exists and is no socket; move it away or choose another state directory")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw failure("can't look who listens at", path) }
        defer { close(descriptor) }
        let result = LocalSocketPath.withAddress(path) { connect(descriptor, $0, $1) }
        // EAGAIN: somebody listens, but has too many callers waiting.
        guard result != 0, errno != EAGAIN else {
            throw LocalSocketError(.busy, "another process already listens at \(path)")
        }
        guard errno == ECONNREFUSED else { throw failure("can't look who listens at", path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("can't remove the stale socket", path) }
    }

    /// Makes a listening socket with mode 0600.
    static func listen(_ path: String) throws -> CInt {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw failure("can't make a socket for", path) }
        // On Linux the file gets the mode that the descriptor has when it is bound (less the umask), so there is no moment at
        // which others could connect. The umask itself belongs to the whole process and stays alone.
        guard fchmod(descriptor, 0o600) == 0, LocalSocketPath.withAddress(path, { bind(descriptor, $0, $1) }) == 0 else {
            let error = failure("can't listen at", path)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// An error for an error number.
    static func failure(_ what: String, _ path: String, _ number: Int32 = errno) -> LocalSocketError {
        let code: LocalSocketError.Code =
            switch number {
            case EACCES, EPERM: .denied
            case ENOENT, ECONNREFUSED: .absent
            case EADDRINUSE: .busy
            default: .system
            }
        return LocalSocketError(code, "\(what) \(path): \(SystemError.words(number))")
    }
}
