import FoundationEssentials
import Glibc
import YAMLConfiguration

/// Reads the files that a program wants to send: from its own folders only, and no file that it only points to.
struct ProgramFiles: Sendable {
    /// Where relative paths start: the program's working directory.
    var folder: String
    /// The folders that files may lie in.
    var roots: [String]

    init(_ definition: ProgramDefinition) {
        folder = definition.folder
        roots = [definition.home, definition.folder]
    }

    /// Reads an answer's files. Blocks while it reads.
    func read(_ files: [ProgramOutput.File]) throws(Complaint) -> [FileAttachment] {
        var attachments: [FileAttachment] = []
        var room = FileAttachment.limit
        for file in files {
            let bytes: [UInt8]
            if let path = file.path {
                bytes = try read(path, limit: room)
            } else if let data = Data(base64Encoded: file.data ?? "") {
                bytes = Array(data)
            } else {
                throw Complaint("an attachment's data is no base64")
            }
            room -= bytes.count
            guard room >= 0 else { throw Complaint("an answer's attachments have more than \(FileAttachment.limit) bytes") }
            let name = file.name ?? file.path.flatMap { $0.split(separator: "/").last.map(String.init) }
            attachments.append(FileAttachment(name: name, type: file.type ?? "application/octet-stream", bytes: bytes))
        }
        return attachments
    }

    private func read(_ path: String, limit: Int) throws(Complaint) -> [UInt8] {
        let absolute = path.hasPrefix("/") ? path : folder + "/" + path
        let parts = absolute.split(separator: "/", omittingEmptySubsequences: true)
        guard !parts.contains(".."), !path.utf8.contains(0),
            let root = roots.first(where: { ProgramProblem.contains($0, absolute) && $0 != absolute })
        else { throw Complaint("an attachment lies outside of the program's folders") }
        let below = parts.dropFirst(root.split(separator: "/").count).filter { $0 != "." }
        guard let leaf = below.last else { throw Complaint("an attachment is no file") }
        // Name by name, so that no link on the way leads out: the program may change its folder while we look.
        var here = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        for name in below.dropLast() where here >= 0 {
            let next = openat(here, String(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            close(here)
            here = next
        }
        guard here >= 0 else { throw Complaint("an attachment's folder is not there, or is a link") }
        defer { close(here) }
        // Not waiting: a named pipe would keep us for ever.
        let file = openat(here, String(leaf), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw Complaint("an attachment is not there, is a link, or can't be read") }
        defer { close(file) }
        var facts = stat()
        // A second name of a file can be one of a file that isn't the program's to read.
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_nlink == 1 else {
            throw Complaint("an attachment is no plain file with one name")
        }
        return try read(file, limit: limit)
    }

    private func read(_ file: Int32, limit: Int) throws(Complaint) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count >= 0 else { throw Complaint("an attachment can't be read") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw Complaint("an answer's attachments have more than \(FileAttachment.limit) bytes") }
        }
    }
}
