import Foundation
import Synchronization

/// Folders for tests.
public enum Scratch {
    private static let made = Mutex<[String]>([])

    /// Makes a folder that only we may enter, with a path short enough for GnuPG's sockets. It is gone when this process is.
    public static func folder() throws -> String {
        let path = "/tmp/oxt-" + String(UInt32.random(in: .min ... .max), radix: 36)
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
