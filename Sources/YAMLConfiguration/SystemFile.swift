#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What is read from the file system, with limits and without surprises: only regular files, never more than asked for.
enum SystemFile {
    /// A file's content and mode.
    struct Content {
        var bytes: [UInt8]
        var mode: UInt32
    }

    /// Reads a regular file of at most `limit` bytes.
    static func read(_ path: String, limit: Int) throws(Complaint) -> Content {
        // Without O_NONBLOCK a FIFO would hold the caller until somebody writes to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Complaint("can't open \(path): \(reason(errno))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Complaint("can't read \(path): \(reason(errno))") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Complaint("\(path) is no regular file") }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = readSome(descriptor, &chunk)
            if count < 0 {
                if errno == EINTR { continue }
                throw Complaint("can't read \(path): \(reason(errno))")
            }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw Complaint("\(path) is larger than \(limit) bytes") }
        }
        return Content(bytes: bytes, mode: UInt32(status.st_mode))
    }

    /// A file's mode; `nil` if there is none.
    static func mode(_ path: String) -> UInt32? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt32(status.st_mode) : nil
    }
}

/// `read(2)`; a free function, since inside ``SystemFile`` the name means its own.
func readSome(_ descriptor: Int32, _ chunk: inout [UInt8]) -> Int {
    chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
}

/// What an error number says, in lower case.
func reason(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).lowercased()
}

/// The folder that relative paths start from; `/` if it is gone.
func workingDirectory() -> String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
}
