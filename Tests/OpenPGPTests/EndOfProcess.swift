import Foundation
import Glibc

/// Waits for a process's end without looking again and again.
enum EndOfProcess {
    /// Returns when nobody listens on an agent's socket any more, and every connection to it is closed.
    static func agent(at path: String) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                while let descriptor = connected(path) {
                    var buffer = [UInt8](repeating: 0, count: 256)
                    // The agent greets, then says nothing until it ends.
                    while read(descriptor, &buffer, buffer.count) > 0 {}
                    close(descriptor)
                }
                continuation.resume()
            }
        }
    }

    private static func connected(_ path: String) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
