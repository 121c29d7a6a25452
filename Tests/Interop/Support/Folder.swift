import Foundation

/// Temporary folders with short paths, since GnuPG's sockets lie in such.
enum Folder {
    /// Makes one, mode 0700.
    ///
    /// - Parameter forNobody: Whether it belongs to `nobody` when the tests run as root.
    static func make(forNobody: Bool = false) throws -> String {
        let path = "/tmp/ox" + String(UUID().uuidString.prefix(8))
        var attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        if forNobody, getuid() == 0 {
            attributes[.ownerAccountID] = 65534
            attributes[.groupOwnerAccountID] = 65534
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: attributes)
        return path
    }

    static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Makes one that is gone after the running test.
    static func temporary(forNobody: Bool = false) throws -> String {
        let path = try make(forNobody: forNobody)
        Cleanup.after { remove(path) }
        return path
    }

    static func write(_ text: String, to path: String, mode: Int = 0o600) throws {
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
}
