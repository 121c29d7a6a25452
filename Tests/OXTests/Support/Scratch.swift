import Foundation
import Synchronization

/// Directories with short paths (GnuPG's sockets lie in them) that are gone when the process is.
enum Scratch {
    private static let made = Mutex<[String]>([])

    static func directory() throws -> String {
        let path = "/tmp/oxt-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let isFirst = made.withLock { made in
            made.append(path)
            return made.count == 1
        }
        if isFirst {
            atexit {
                for path in Scratch.made.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
            }
        }
        return path
    }
}

/// Runs a program to its end without blocking a thread.
func run(_ program: String, _ arguments: [String], home: String) async throws -> (status: Int32, log: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": home, "LANG": "C.UTF-8"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let log = home + "/log-\(UInt64.random(in: .min ... .max))"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    defer { try? FileManager.default.removeItem(atPath: log) }
    let status: Int32 = try await withCheckedThrowingContinuation { continuation in
        process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
        do {
            try process.run()
        } catch {
            process.terminationHandler = nil
            continuation.resume(throwing: error)
        }
    }
    return (status, (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
}
