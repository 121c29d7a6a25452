import Foundation
import Synchronization

/// Directories with short paths (GnuPG's sockets lie in them) that are gone when the process is.
enum Scratch {
    private static let made = Mutex<[String]>([])

    static func directory() throws -> String {
        let path = "/tmp/oxg-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let isFirst = made.withLock { made in
            made.append(path)
            return made.count == 1
        }
        if isFirst {
            atexit {
                for path in Scratch.made.withLock({ $0 }) {
                    // An agent that ends takes its own files away meanwhile, which ends an attempt.
                    for _ in 0..<50 where FileManager.default.fileExists(atPath: path) { try? FileManager.default.removeItem(atPath: path) }
                }
            }
        }
        return path
    }
}

/// Runs a program to its end without blocking a thread; what it says goes into a file.
func run(_ program: String, _ arguments: [String], log: String) async throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    return try await withCheckedThrowingContinuation { continuation in
        process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
        do {
            try process.run()
        } catch {
            process.terminationHandler = nil
            continuation.resume(throwing: error)
        }
    }
}
