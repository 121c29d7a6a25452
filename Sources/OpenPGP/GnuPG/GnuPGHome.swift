internal import Glibc

/// A directory for `gpg`: ours alone, with the settings that S17 asks for.
struct GnuPGHome: Sendable {
    /// Where it is: absolute, without symbolic links.
    let path: String
    /// Where its agent listens.
    let socket: String
    /// Lines of the operator's that ours stand against, for the log.
    let remarks: [String]

    /// Makes the directory if it is missing, holds its owner and mode against what we need, and writes the settings.
    ///
    /// Blocks; for a worker's thread. - Throws: ``OpenPGPError`` with code `keyring`.
    init(preparing path: String, smartcards: Bool, version: GPGMEContexts.Version) throws {
        guard path.hasPrefix("/"), !path.utf8.contains(0), !path.contains("\n") else {
            throw OpenPGPError(.keyring, "the keyring's home must be an absolute path, not \"\(path)\"")
        }
        try Self.makeDirectory(path)
        guard let resolved = realpath(path, nil) else {
            throw OpenPGPError(.keyring, "\(path): \(errorText(errno))")
        }
        self.path = String(cString: resolved)
        free(resolved)
        try Self.check(self.path)

        if let common = try Self.read(self.path + "/common.conf"), common.contains(where: { $0.hasPrefix("use-keyboxd") }) {
            throw OpenPGPError(
                .keyring,
                "\(self.path)/common.conf says use-keyboxd, which this keyring can't use; "
                    + "export the keys, remove the line, and import them again"
            )
        }
        var remarks = try Self.write(Self.gpgSettings(version), to: self.path + "/gpg.conf", conflicts: Self.gpgConflicts)
        remarks += try Self.write(
            Self.agentSettings + (smartcards ? [] : ["disable-scdaemon"]),
            to: self.path + "/gpg-agent.conf",
            conflicts: ["pinentry-program", "no-allow-loopback-pinentry", "enable-ssh-support", "extra-socket", "browser-socket"]
        )
        self.remarks = remarks
        socket = try Self.socket(of: self.path)
    }

    /// Tells a keyring that has gone from one that has no such key.
    func checkPresence() throws {
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
            throw OpenPGPError(.keyring, "the keyring's home \(path) has gone")
        }
    }

    /// Tells keys that can't be read from keys that aren't there: gpg says the same of both.
    func checkKeys() throws {
        let rings = ["pubring.kbx", "pubring.gpg"].filter { access("\(path)/\($0)", F_OK) == 0 }
        guard !rings.isEmpty, rings.allSatisfy({ access("\(path)/\($0)", R_OK) == 0 }) else {
            throw OpenPGPError(.keyring, "the public keys in the keyring's home \(path) can't be read, or have gone")
        }
        let secrets = path + "/private-keys-v1.d"
        guard access(secrets, R_OK | X_OK) == 0, Leftovers.names(in: secrets).contains(where: { $0.hasSuffix(".key") }) else {
            throw OpenPGPError(.keyring, "the secret keys in the keyring's home \(path) can't be read, or have gone")
        }
    }

    /// Tells a full disk from a bad key: gpg says the same of both.
    func checkSpace() throws {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return }
        guard facts.f_bavail * facts.f_frsize >= 65_536 else {
            throw OpenPGPError(.keyring, "there is no space left for the keyring's home \(path)")
        }
    }

    // MARK: settings

    private static func gpgSettings(_ version: GPGMEContexts.Version) -> [String] {
        [
            // Not "batch": gpg would then stop at the first signature that is not good, and we could not tell which it was.
            "no-tty", "no-greeting",
            // The agent is ours to start, so that it ends with us.
            "no-autostart",
            // Nothing here ever asks a network (S17).
            "no-auto-key-retrieve", "no-auto-key-locate", "disable-dirmngr",
            // Keys are chosen by fingerprint and pinned by the caller; ownertrust is not consulted.
            "trust-model always", "no-auto-check-trustdb", "no-encrypt-to", "no-default-recipient",
            "require-cross-certification", "no-symkey-cache",
            // S11: neither signatures nor keys that rest on SHA-1.
            "weak-digest SHA1",
            // New keys promise SEIPD version 1 only (P2). GnuPG 2.4 would promise AEAD, which peers can't read, unless told; 2.2 does not
            // know the word.
            "default-preference-list AES256 AES192 AES SHA512 SHA384 SHA256 SHA224 ZLIB BZIP2 ZIP Uncompressed mdc no-ks-modify"
                + (version < GPGMEContexts.Version(2, 4, 0) ? "" : " no-aead"),
            "personal-digest-preferences SHA512 SHA384 SHA256",
        ]
    }
    private static let gpgConflicts = [
        "use-agent", "autostart", "keyserver", "auto-key-locate", "auto-key-retrieve", "encrypt-to", "hidden-encrypt-to", "group",
        "default-key", "trust-model", "keyring", "primary-keyring", "secret-keyring", "no-default-keyring", "allow-weak-digest-algos",
        "ignore-mdc-error", "allow-multiple-messages", "rfc1991", "rfc2440", "pgp6", "pgp7", "pgp8", "comment", "default-recipient",
        "no-require-cross-certification", "ignore-time-conflict", "ignore-valid-from", "faked-system-time",
        "allow-weak-key-signatures", "try-all-secrets", "homedir", "load-extension", "pinentry-mode", "passphrase", "sig-notation",
    ]
    private static let agentSettings = [
        "allow-loopback-pinentry",
        // The agent lives only while it is used; until then it need not ask again.
        "default-cache-ttl 34560000", "max-cache-ttl 34560000",
        "no-grab",
    ]
    private static let begin = "# --- oxbow: written at every start, put your own lines above"
    private static let end = "# --- oxbow: end"

    /// Writes our block at the end of a file, where it wins over what stands above it, and leaves the rest alone.
    private static func write(_ settings: [String], to path: String, conflicts: [String]) throws -> [String] {
        let old = try read(path)
        var own: [String] = []
        var inside = false
        for line in old ?? [] {
            if line == begin { inside = true }
            if !inside { own.append(line) }
            if line == end { inside = false }
        }
        while own.last?.isEmpty == true { own.removeLast() }
        let lines = own + [begin] + settings + [end]
        if lines != old.map({ $0.last == "" ? Array($0.dropLast()) : $0 }) {
            try replace(path, with: Array((lines.joined(separator: "\n") + "\n").utf8))
        }
        return own.compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "=" })
            guard let word = words.first else { return nil }
            let name = word.hasPrefix("--") ? String(word.dropFirst(2)) : String(word)
            return conflicts.contains(name) ? "\(path) has a line \"\(name)\" of your own; it may weaken or break this keyring" : nil
        }
    }

    // MARK: files

    private static func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            let parent = String(path[..<slash])
            try makeDirectory(parent)
            if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        }
        throw OpenPGPError(.keyring, "the keyring's home \(path) can't be made: \(errorText(errno))")
    }

    private static func check(_ path: String) throws {
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw OpenPGPError(.keyring, "\(path): \(errorText(errno))") }
        guard facts.st_mode & S_IFMT == S_IFDIR else {
            throw OpenPGPError(.keyring, "the keyring's home \(path) is not a directory")
        }
        guard facts.st_uid == geteuid() else {
            throw OpenPGPError(
                .keyring,
                "the keyring's home \(path) belongs to user \(facts.st_uid), not to us (\(geteuid())); change its owner or run as that user"
            )
        }
        guard facts.st_mode & 0o077 == 0 else {
            let mode = String(facts.st_mode & 0o7777, radix: 8)
            throw OpenPGPError(.keyring, "the keyring's home \(path) is open to other users (mode \(mode)); run: chmod 700 \(path)")
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            throw OpenPGPError(.keyring, "the keyring's home \(path) can't be read and written: \(errorText(errno))")
        }
    }

    /// The lines of a small file; `nil` if it is missing.
    private static func read(_ path: String) throws -> [String]? {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw OpenPGPError(.keyring, "\(path) can't be read: \(errorText(errno))")
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw OpenPGPError(.keyring, "\(path) can't be read: \(errorText(errno))") }
            if count == 0 { break }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= 1 << 20 else { throw OpenPGPError(.keyring, "\(path) is too long for a settings file") }
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func replace(_ path: String, with bytes: [UInt8]) throws {
        let temporary = path + ".new"
        let file = Glibc.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw OpenPGPError(.keyring, "\(path) can't be written: \(errorText(errno))") }
        let written = Glibc.write(file, bytes, bytes.count)
        let problem = errno
        close(file)
        guard written == bytes.count else {
            unlink(temporary)
            throw OpenPGPError(.keyring, "\(path) can't be written: \(written < 0 ? errorText(problem) : "the disk is full")")
        }
        guard rename(temporary, path) == 0 else { throw OpenPGPError(.keyring, "\(path) can't be written: \(errorText(errno))") }
    }

    // MARK: the socket

    /// Where the agent of this home listens: GnuPG decides that (below /run/user where that exists, else in the home).
    private static func socket(of path: String) throws -> String {
        guard let bytes = try ChildProcess.output(["gpgconf", "--homedir", path, "--list-dirs", "agent-socket"]) else {
            throw OpenPGPError(.engine, "gpgconf failed for \(path); is GnuPG installed?")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let socket = text.split(separator: "\n").first.map { unescape(String($0)) } ?? ""
        guard socket.hasPrefix("/") else { throw OpenPGPError(.engine, "gpgconf named no agent socket for \(path)") }
        guard socket.utf8.count <= AgentSocket.longestPath else {
            throw OpenPGPError(
                .keyring,
                "the path of the agent's socket, \(socket), is \(socket.utf8.count) bytes long and the system allows "
                    + "\(AgentSocket.longestPath); choose a shorter path for the keyring's home"
            )
        }
        return socket
    }

    /// gpgconf writes some characters as %XX.
    private static func unescape(_ text: String) -> String {
        var out: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == 37, rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                out.append(value)
                rest = rest.dropFirst(2)
            } else {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
