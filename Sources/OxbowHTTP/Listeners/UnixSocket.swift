import Glibc
import YAMLConfiguration

/// A Unix socket's file: made so that nobody can connect before its mode is right, and removed only if it is still ours.
struct UnixSocket: Sendable {
    let path: String
    private let device: UInt64
    private let inode: UInt64

    /// Makes a socket with mode 0660 that listens.
    ///
    /// A socket of our own user that nobody listens at any more is replaced; anything else at that path is left alone.
    static func listen(_ path: String) throws(Complaint) -> (descriptor: CInt, file: UnixSocket) {
        try clear(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw Complaint("no socket can be made: \(words(errno))") }
        var isDone = false
        defer { if !isDone { close(descriptor) } }
        guard withAddress(path, { bind(descriptor, $0, $1) }) == 0 else { throw Complaint("\(path) can't be made: \(words(errno))") }
        // Nobody can connect before listen(2), so nobody sees the mode that the process's umask made.
        guard chmod(path, 0o660) == 0, Glibc.listen(descriptor, 256) == 0, let file = UnixSocket(path) else {
            let reason = words(errno)
            unlink(path)
            throw Complaint("\(path) can't be made: \(reason)")
        }
        isDone = true
        return (descriptor, file)
    }

    /// What can be told without listening; `nil` for nothing. Who owns a socket and whether somebody listens isn't: it may be the daemon's, and the
    /// folder may be one that the service manager makes.
    static func problem(_ path: String) -> Complaint? {
        var info = stat()
        guard lstat(path, &info) == 0, info.st_mode & S_IFMT != S_IFSOCK else { return nil }
        return Complaint("\(path) is there and is no socket", hint: "remove it, or name another")
    }

    private static func clear(_ path: String) throws(Complaint) {
        var info = stat()
        guard lstat(path, &info) == 0 else { return }
        if let problem = problem(path) { throw problem }
        guard info.st_uid == geteuid() else {
            throw Complaint("\(path) is a socket of another user", hint: "remove it, or name another")
        }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { throw Complaint("no socket can be made: \(words(errno))") }
        defer { close(probe) }
        let result = withAddress(path) { connect(probe, $0, $1) }
        guard result != 0, errno == ECONNREFUSED else {
            throw Complaint("another process listens at \(path)", hint: "stop it, or name another")
        }
        unlink(path)
    }

    /// What stands at a path; `nil` for nothing.
    private init?(_ path: String) {
        var info = stat()
        guard lstat(path, &info) == 0 else { return nil }
        self.path = path
        device = UInt64(info.st_dev)
        inode = UInt64(info.st_ino)
    }

    /// Removes the file, unless another has taken its place.
    func remove() {
        guard let now = UnixSocket(path), now.device == device, now.inode == inode else { return }
        unlink(path)
    }

    private static func words(_ code: CInt) -> String { String(cString: strerror(code)) }

    private static func withAddress<R>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
