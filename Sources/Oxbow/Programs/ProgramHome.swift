import Glibc
import Synchronization
import YAMLConfiguration

/// The folder that a program has for itself, or the programs of a bot together.
enum ProgramHome {
    /// One at a time: the programs of a bot start together, and each must see the home as it is when it is done.
    private static let turn = Mutex(())

    /// Makes the folder if it is missing (0700, the program's user's), and checks that it is a folder and that user's.
    static func prepare(_ path: String, owner: (uid: UInt32, gid: UInt32)?) throws(Complaint) {
        try turn.withLock { _ throws(Complaint) in try make(path, owner) }
    }

    private static func make(_ path: String, _ owner: (uid: UInt32, gid: UInt32)?) throws(Complaint) {
        var status = stat()
        if lstat(path, &status) != 0 {
            guard errno == ENOENT else { throw Complaint("can't look at its home \(path)", hint: "give another home:") }
            guard mkdir(path, 0o700) == 0 else {
                throw Complaint("can't make its home \(path)", hint: "make it, or give another home: that Oxbow may make")
            }
            if let owner, lchown(path, owner.uid, owner.gid) != 0 { throw Complaint("can't give its home \(path) to its user") }
            guard lstat(path, &status) == 0 else { throw Complaint("its home \(path) has vanished") }
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw Complaint("its home \(path) is no folder", hint: "give another home:") }
        let uid = owner?.uid ?? geteuid()
        guard status.st_uid == uid else {
            throw Complaint("its home \(path) belongs to another user than the program's", hint: "chown -R \(uid) \(path)")
        }
    }
}
