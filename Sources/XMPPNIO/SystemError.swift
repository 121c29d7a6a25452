import Glibc

/// Error numbers of the operating system, in words.
enum SystemError {
    /// The words for an error number. (glibc's `strerror` returns constants and thread-local text.)
    static func words(_ number: Int32) -> String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }
}
