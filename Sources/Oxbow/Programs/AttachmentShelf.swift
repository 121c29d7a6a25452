import CHost
import Glibc
import YAMLConfiguration

/// Where a program finds the files that come with its events: a folder in memory (tmpfs), ours and the program's only, a tray in it for each
/// event, gone when the event is over. What was encrypted on its way never lies on a disk in the clear (R17).
struct AttachmentShelf: Sendable {
    /// The folder, as this process sees it.
    let path: String
    /// The same, as a program under bubblewrap sees it: read-only.
    static let inside = "/run/attachments"

    /// Names a folder; it is made by ``prepare()``. `nil` where no folder in memory is to be had.
    init?() {
        guard let base = Self.base else { return nil }
        path = base + "/" + Self.prefix + "\(getpid())-" + Identifier.random()
    }

    /// Makes the folder if it isn't there. Blocks for a moment.
    func prepare() throws(Complaint) {
        Self.sweep()
        // Passable, since trays may belong to a program's own user; its name is not to be guessed, nor can it be listed.
        guard mkdir(path, 0o711) == 0 || errno == EEXIST, chmod(path, 0o711) == 0 else {
            throw Complaint("the folder for attachments \(path) can't be made: \(String(cString: strerror(errno)))")
        }
    }

    /// Removes the folder with all trays. Blocks for a moment.
    func remove() { Self.remove(path) }

    /// Lays files out for one event.
    ///
    /// - Parameters:
    ///   - owner: The user that the program runs as, if it isn't ours.
    ///   - isSandboxed: Whether the program sees the folder at ``inside``.
    func tray(_ files: [FileAttachment], owner: (uid: UInt32, gid: UInt32)?, isSandboxed: Bool) throws(Complaint) -> Tray {
        try prepare()
        let name = Identifier.random()
        let folder = path + "/" + name
        do throws(Complaint) {
            guard mkdir(folder, 0o700) == 0 else { throw Complaint("a folder for attachments can't be made: \(Self.reason)") }
            var laid: [ProgramInput.File] = []
            for (index, file) in files.enumerated() {
                let leaf = "\(index + 1)" + Self.suffix(of: file.name)
                try Self.write(file.bytes, to: folder + "/" + leaf, owner: owner)
                let seen = (isSandboxed ? Self.inside : path) + "/" + name + "/" + leaf
                laid.append(ProgramInput.File(name: file.name, type: file.type, size: file.bytes.count, path: seen))
            }
            if let owner, chown(folder, owner.uid, owner.gid) != 0 {
                throw Complaint("a folder for attachments can't be given to the program's user: \(Self.reason)")
            }
            return Tray(folder: folder, files: laid)
        } catch {
            Self.remove(folder)
            throw error
        }
    }

    /// The files of one event.
    struct Tray: Sendable {
        fileprivate let folder: String
        /// What the program is told about them.
        let files: [ProgramInput.File]

        /// Removes them. Blocks for a moment.
        func clear() { AttachmentShelf.remove(folder) }
    }

    private static let prefix = "oxbow-"

    /// A file system in memory: `/dev/shm`, else the user's runtime folder.
    private static var base: String? {
        let runtime = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) }
        return ["/dev/shm", runtime].compactMap(\.self).first { path in
            path.hasPrefix("/") && oxbow_is_in_memory(path) == 1 && access(path, W_OK) == 0
        }
    }

    /// What a crash left: folders of ours whose process is gone.
    private static func sweep() {
        guard let base, let handle = opendir(base) else { return }
        defer { closedir(handle) }
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasPrefix(prefix), let process = pid_t(name.dropFirst(prefix.count).prefix { $0 != "-" }), process > 0 else {
                continue
            }
            var facts = stat()
            guard lstat(base + "/" + name, &facts) == 0, facts.st_uid == geteuid(), facts.st_mode & S_IFMT == S_IFDIR,
                kill(process, 0) != 0, errno == ESRCH
            else { continue }
            remove(base + "/" + name)
        }
    }

    private static func write(_ bytes: [UInt8], to path: String, owner: (uid: UInt32, gid: UInt32)?) throws(Complaint) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o400)
        guard file >= 0 else { throw Complaint("an attachment can't be written: \(reason)") }
        defer { close(file) }
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Complaint("an attachment can't be written: \(reason)") }
            start += count
        }
        if let owner, fchown(file, owner.uid, owner.gid) != 0 {
            throw Complaint("an attachment can't be given to the program's user: \(reason)")
        }
    }

    /// Removes a folder and the folders in it, two floors deep; links are removed, not followed.
    private static func remove(_ path: String, depth: Int = 0) {
        guard let handle = opendir(path) else { return }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        closedir(handle)
        for name in names where unlink(path + "/" + name) != 0 && depth < 2 { remove(path + "/" + name, depth: depth + 1) }
        rmdir(path)
    }

    /// A file's ending, as far as it is harmless: programs go by it.
    private static func suffix(of name: String?) -> String {
        guard let name, let dot = name.lastIndex(of: ".") else { return "" }
        let ending = name[name.index(after: dot)...]
        let isHarmless = (1...8).contains(ending.utf8.count) && ending.utf8.allSatisfy { ($0 | 0x20).isLetter || (48...57).contains($0) }
        return isHarmless ? "." + ending : ""
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (97...122).contains(self) }
}
