import Foundation

/// Files for tests.
enum Bytes {
    /// Writes a file.
    static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
    /// Writes a text file with these permissions.
    static func write(_ text: String, to path: String, mode: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
}
