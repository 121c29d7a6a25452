import Foundation
import XMPP

/// What is looked up in the file system while settings are judged.
enum FileProbe {
    /// Whether there is a regular file (links followed).
    static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    /// Whether there is a folder (links followed).
    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Whether there is anything.
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether we may read it.
    static func isReadable(_ path: String) -> Bool { FileManager.default.isReadableFile(atPath: path) }

    /// What keeps a file from being one of PEM certificates, as far as can be seen from outside; `nil` if nothing does.
    static func problem(ofCertificates path: String) -> String? {
        guard isFile(path), isReadable(path) else { return "there is no file \(path) that we may read" }
        guard let file = FileHandle(forReadingAtPath: path) else { return "\(path) can't be read" }
        defer { try? file.close() }
        let content = (try? file.read(upToCount: 4 << 20)) ?? Data()
        guard content.range(of: Data("-----BEGIN CERTIFICATE-----".utf8)) != nil else { return "\(path) holds no certificate" }
        return nil
    }

    /// Whether there is a program that we may run: at a path, or by its name in PATH.
    static func isProgram(_ name: String, environment: [String: String]) -> Bool {
        func isThere(_ path: String) -> Bool { isFile(path) && FileManager.default.isExecutableFile(atPath: path) }
        if name.contains("/") { return isThere(name) }
        return (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").contains { isThere($0 + "/" + name) }
    }

    /// Whether we may make files in it.
    static func isWritable(_ path: String) -> Bool { FileManager.default.isWritableFile(atPath: path) }

    /// The nearest folder on a path that exists.
    static func nearestFolder(of path: String) -> String {
        var path = path
        while !path.isEmpty, path != "/", !exists(path) { path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }
        return path.isEmpty ? "/" : path
    }

    /// An address as a file name: a JID holds neither slash nor zero.
    static func fileName(_ address: Address) -> String { address.bare.description }

    /// Names of folders in a folder.
    static func folders(in path: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { isFolder(path + "/" + $0) }.sorted()
    }
}
