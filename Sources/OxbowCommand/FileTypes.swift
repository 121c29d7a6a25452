import Foundation
import Oxbow

/// The media types of common files by their endings, so that a mail program knows what to open them with.
enum FileTypes {
    /// The type for a name; `application/octet-stream` for one that isn't known.
    static func type(of name: String) -> String {
        let ending = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        return types[ending] ?? "application/octet-stream"
    }

    private static let types = [
        "asc": "application/pgp-keys", "csv": "text/csv", "gif": "image/gif", "gz": "application/gzip", "htm": "text/html",
        "html": "text/html", "ics": "text/calendar", "jpeg": "image/jpeg", "jpg": "image/jpeg", "json": "application/json",
        "log": "text/plain", "md": "text/markdown", "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml",
        "tar": "application/x-tar", "txt": "text/plain", "webp": "image/webp", "xml": "application/xml", "yaml": "application/yaml",
        "yml": "application/yaml", "zip": "application/zip",
    ]
}

/// The files that `--attach` names.
enum AttachedFiles {
    /// Reads a file on a thread of its own: it may be on a slow disk.
    ///
    /// - Throws: ``Failure`` if it can't be read, is no plain file, or has more than `room` bytes.
    static func read(_ path: String, room: Int) async throws -> [UInt8] {
        let result: Result<[UInt8], any Error> = await withCheckedContinuation { continuation in
            let thread = Thread {
                continuation.resume(
                    returning: Result {
                        var isFolder: ObjCBool = false
                        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
                            let file = FileHandle(forReadingAtPath: path)
                        else { throw Failure(.usage, "oxbow: --attach: there is no file \(path) that we may read") }
                        defer { try? file.close() }
                        let data = try file.read(upToCount: room + 1) ?? Data()
                        guard data.count <= room else {
                            throw Failure(.usage, "oxbow: --attach: the files have more than \(FileAttachment.limit) bytes together")
                        }
                        return Array(data)
                    }
                )
            }
            thread.name = "oxbow-attach"
            thread.start()
        }
        return try result.get()
    }
}
