import Glibc

/// Rules for the file name of a Unix-domain socket, and for what is said over it.
public enum LocalSocketPath {
    /// The longest path that fits into `sockaddr_un` with its closing zero (unix(7)), in bytes.
    public static let maximumLength = 107
    /// The longest line that is accepted in either direction, in bytes, without its line feed.
    public static let maximumLineLength = 32 << 20

    /// Checks that a path can name a socket; `check` calls it before anything is started.
    ///
    /// - Throws: ``LocalSocketError`` (`.path`).
    public static func validate(_ path: String) throws {
        let length = path.utf8.count
        guard length > 0, !path.utf8.contains(0) else {
            throw LocalSocketError(.path, "the path of a local socket must not be empty or contain a zero byte")
        }
        guard length <= maximumLength else {
            throw LocalSocketError(
                .path,
                "\(path): a socket's path may have \(maximumLength) bytes, this one has \(length); choose a shorter state directory"
            )
        }
    }

    /// The address as the system calls want it. The path has been validated.
    static func withAddress<R>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(maximumLength)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
