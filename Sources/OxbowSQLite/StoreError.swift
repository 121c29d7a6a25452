import GRDB

/// Why the state database can't be opened, read or written, and what to do about it. It holds nothing of what is stored.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// A short, stable name for logs.
        public let description: String
        private init(_ name: String) { description = name }

        /// The file, or a value in it, is not what was written there.
        public static let damaged = Code("damaged")
        /// Another process holds the database.
        public static let locked = Code("locked")
        /// No room on the file system.
        public static let full = Code("full")
        /// The file or its file system can't be written.
        public static let readOnly = Code("read-only")
        /// The path can't be used: the directory is missing, it isn't ours, or it isn't a file.
        public static let path = Code("path")
        /// The file holds something else than Oxbow's state.
        public static let foreign = Code("foreign")
        /// The file was written by a newer version.
        public static let newer = Code("newer")
        /// The store key (R17) is missing, can't be used, or isn't the one that the database was sealed with.
        public static let key = Code("key")
        /// A value is larger than what is stored.
        public static let tooBig = Code("too-big")
        /// The database has been closed.
        public static let closed = Code("closed")
        /// Reading or writing the file failed in another way.
        public static let failed = Code("failed")
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened, to which file, and what to do.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether waiting may mend it: it is worth trying the same again. Nothing of what was refused has been written.
    public var isTransient: Bool { [.locked, .full, .readOnly, .failed].contains(code) }

    /// The message.
    public var description: String { message }
}

extension StoreError {
    /// The meaning of an error of GRDB. Its own text is left out: it can quote statements.
    init(_ error: any Error, path: String) {
        if let known = error as? StoreError {
            self = known
            return
        }
        if error is Unreadable {
            self = .damaged(path, "a value can't be read")
            return
        }
        guard let database = error as? DatabaseError else {
            self.init(.failed, "\(path): \(type(of: error))")
            return
        }
        let cause = "SQLite \(database.extendedResultCode.rawValue)"
        switch database.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self = .damaged(path, cause)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.locked, "\(path): another process holds the database; end it, or give this one another `state` directory (\(cause))")
        case .SQLITE_FULL:
            self.init(.full, "\(path): no room on the file system; nothing is accepted until there is some (\(cause))")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(.readOnly, "\(path): can't be written; check owner and mode of the file and its directory, and the mount (\(cause))")
        case .SQLITE_CANTOPEN:
            self.init(.path, "\(path): can't be opened; check that it is a file of this user in a directory that can be written (\(cause))")
        case .SQLITE_MISUSE:
            self.init(.closed, "\(path): the database is closed (\(cause))")
        case .SQLITE_IOERR:
            self.init(.failed, "\(path): the file system failed; look into the kernel's log (\(cause))")
        default:
            self.init(.failed, "\(path): a statement failed (\(cause))")
        }
    }

    static func damaged(_ path: String, _ cause: String) -> StoreError {
        StoreError(
            .damaged,
            """
            \(path): the database is damaged (\(cause)). Stop Oxbow and run `oxbow store repair`, which moves the file aside and takes over \
            what can still be read, or `oxbow store restore FILE` with a backup; after either, what was sent to you before counts as stale
            """
        )
    }
}
