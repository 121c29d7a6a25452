import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The right to use a state directory: one process has it at a time (R14). It ends with the value's last reference, and with the process.
public final class StateLock: Sendable {
    /// The state directory.
    public let directory: String
    private let descriptor: Int32

    private init(directory: String, descriptor: Int32) {
        self.directory = directory
        self.descriptor = descriptor
    }

    deinit {
        // While the lock is still ours: afterwards the file may name another owner.
        ftruncate(descriptor, 0)
        close(descriptor)
    }

    /// Makes the state directory with mode 0700 if it isn't there, and takes its lock. Doesn't wait for a process that has it.
    ///
    /// A lock outlives its owner for as long as a program that the owner was just starting has the owner's descriptors: that is waited for,
    /// two seconds at most. It is told by the file, in which an owner leaves its number only while it has the lock.
    ///
    /// - Throws: ``StateLockError``.
    public static func take(_ directory: String) throws(StateLockError) -> StateLock {
        try prepare(directory)
        let path = directory + "/lock"
        // Not truncated here: until the lock is ours, the file names its owner.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StateLockError(.unusable, "\(path) can't be opened: \(String(cString: strerror(errno)))") }
        var isOurs = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        var reason = errno
        for _ in 0..<100 where !isOurs && reason == EWOULDBLOCK && !isOwnedByTheLiving(descriptor) {
            usleep(20_000)
            isOurs = flock(descriptor, LOCK_EX | LOCK_NB) == 0
            reason = errno
        }
        guard isOurs else {
            let owner = ownerNamed(in: descriptor)
            close(descriptor)
            guard reason == EWOULDBLOCK else {
                throw StateLockError(.unusable, "\(path) can't be locked: \(String(cString: strerror(reason)))")
            }
            let name = owner.map { "process \($0)" } ?? "another process"
            throw StateLockError(
                .owned,
                "the state directory \(directory) is in use by \(name); one process owns it at a time",
                process: owner
            )
        }
        let line = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, line, line.count, 0) == line.count else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw StateLockError(.unusable, "\(path) can't be written: \(reason)")
        }
        return StateLock(directory: directory, descriptor: descriptor)
    }

    /// The process that owns the directory, as the lock's file has it, if that process is alive: for messages. Nothing is locked to find
    /// out, since that could turn away a process which is just starting.
    public static func owner(of directory: String) -> Int32? {
        let descriptor = open(directory + "/lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard let process = ownerNamed(in: descriptor), process > 0 else { return nil }
        return kill(process, 0) == 0 || errno == EPERM ? process : nil
    }

    private static func prepare(_ directory: String) throws(StateLockError) {
        do {
            let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true, attributes: attributes)
        } catch {
            throw StateLockError(.unusable, "\(directory) can't be made: \(error.localizedDescription)")
        }
        var status = stat()
        guard stat(directory, &status) == 0 else {
            throw StateLockError(.unusable, "\(directory) can't be read: \(String(cString: strerror(errno)))")
        }
        guard status.st_uid == geteuid() else {
            throw StateLockError(.foreign, "\(directory) belongs to another user; run Oxbow as that user, or name another state directory")
        }
        // Keys and the control socket lie in it: nobody else may enter.
        guard status.st_mode & 0o077 != 0 else { return }
        // A directory that others use as well is named by mistake; closing it would take it from them.
        guard isOurs(directory) else {
            throw StateLockError(
                .unusable,
                "\(directory) is open to other users and holds other things than Oxbow's: name a directory of its own as `state`, or close it with "
                    + "chmod 700"
            )
        }
        if chmod(directory, 0o700) != 0 {
            throw StateLockError(.unusable, "\(directory) is open to other users and can't be closed: \(String(cString: strerror(errno)))")
        }
    }

    /// Whether a directory is empty, or was a state directory before.
    private static func isOurs(_ directory: String) -> Bool {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return false }
        return names.isEmpty || names.contains("lock") || names.contains("oxbow.sqlite")
    }

    private static func isOwnedByTheLiving(_ descriptor: Int32) -> Bool {
        guard let owner = ownerNamed(in: descriptor), owner > 0 else { return false }
        return kill(owner, 0) == 0 || errno == EPERM
    }

    private static func ownerNamed(in descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes[..<count], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
