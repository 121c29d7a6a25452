import Glibc

/// The command line that starts a program within its isolation (R18): `bwrap`, `setpriv` and `prlimit` in front of it, never a shell.
///
/// The builder is a pure function of the definition and of ``Facts`` about this machine.
struct Sandbox {
    /// What has to be known about the machine.
    struct Facts: Hashable {
        /// The folders of the root that hold programs and libraries; with where the link points if it is one.
        var roots: [Root]
        /// The absolute paths of `bwrap`, `setpriv` and `prlimit`, as far as they are there.
        var tools: [String: String]

        struct Root: Hashable {
            var path: String
            var link: String?
        }

        /// What is needed whatever the isolation.
        static let tools = ["setpriv", "prlimit"]

        /// Looks at this machine.
        static func gather() -> Facts {
            let roots = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].compactMap { path -> Root? in
                var status = stat()
                guard lstat(path, &status) == 0 else { return nil }
                guard status.st_mode & S_IFMT == S_IFLNK else { return Root(path: path, link: nil) }
                var buffer = [CChar](repeating: 0, count: 4096)
                let count = readlink(path, &buffer, buffer.count)
                guard count > 0 else { return nil }
                return Root(path: path, link: String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
            let tools = (["bwrap"] + Self.tools).compactMap { name in ProgramProblem.tool(name).map { (name, $0) } }
            return Facts(roots: roots, tools: Dictionary(tools, uniquingKeysWith: { $1 }))
        }
    }

    /// What of `/etc` programs commonly need; none of it is secret.
    private static let settings = [
        "alternatives", "ca-certificates", "group", "hosts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types",
        "nsswitch.conf", "passwd", "pki/tls/certs", "protocols", "resolv.conf", "services", "ssl/certs", "ssl/openssl.cnf", "timezone",
    ].map { "/etc/" + $0 }

    var program: ProgramDefinition
    /// The absolute path of the executable.
    var executable: String
    /// The user to change to; `nil` stays as it is.
    var account: (uid: UInt32, gid: UInt32)?
    /// What must not be seen.
    var hidden: String?
    /// The folder of files that come with events, which it sees at ``AttachmentShelf/inside``.
    var attachments: String?
    var facts: Facts

    /// The executable and its arguments; `nil` if a tool is missing.
    var command: [String]? {
        guard let limits else { return nil }
        switch program.isolation {
        case .bubblewrap:
            guard let bwrap = facts.tools["bwrap"], let drop = account == nil ? [] : privileges(dying: false) else { return nil }
            return [bwrap] + namespaces + view + ["--chdir", program.folder, "--"] + drop + limits
        case .user:
            guard account != nil || program.user != nil else { return nil }
            return privileges(dying: true).map { $0 + limits }
        case .none:
            return privileges(dying: true).map { $0 + limits }
        }
    }

    /// `prlimit` and the program itself.
    private var limits: [String]? {
        guard let prlimit = facts.tools["prlimit"] else { return nil }
        var words = [prlimit, "--core=0"]
        if program.memory > 0 { words.append("--as=\(program.memory)") }
        if program.processes > 0 { words.append("--nproc=\(program.processes)") }
        return words + ["--", executable] + program.command.dropFirst()
    }

    /// `setpriv`: the change of user, and the signal that ends the program when we are gone (bubblewrap has its own).
    private func privileges(dying: Bool) -> [String]? {
        guard let setpriv = facts.tools["setpriv"] else { return nil }
        var words = [setpriv]
        if let account { words += ["--reuid=\(account.uid)", "--regid=\(account.gid)", "--clear-groups"] }
        if program.isolation != .none { words.append("--no-new-privs") }
        if dying { words.append("--pdeathsig=KILL") }
        return words + ["--"]
    }

    /// Namespaces of its own. Root needs none for users: it drops to `account` inside, for which it keeps two capabilities until then.
    private var namespaces: [String] {
        var words = ["--die-with-parent", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"]
        if !program.network { words.append("--unshare-net") }
        words += account == nil ? ["--unshare-user"] : ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        return words
    }

    /// What it sees. All but its home, 16 MiB of `/tmp` and of `/dev/shm` is read-only.
    private var view: [String] {
        var words = ["--ro-bind", "/usr", "/usr"]
        for root in facts.roots {
            if let link = root.link { words += ["--symlink", link, root.path] } else { words += ["--ro-bind", root.path, root.path] }
        }
        for path in Self.settings { words += ["--ro-bind-try", path, path] }
        words += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--size", "16777216", "--tmpfs", "/dev/shm"]
        words += ["--perms", "1777", "--size", "16777216", "--tmpfs", "/tmp"]
        let visible = ["/usr", program.folder] + program.readable
        var mounted = ["/usr", "/etc", "/dev", "/proc"] + facts.roots.map(\.path)
        var made = ["/tmp"]
        /// A bind, and in front of it the folders above it: bubblewrap makes missing ones for its own user only, who is not the program's.
        func bind(_ option: String, _ path: String) -> [String] {
            let missing = Self.foldersAbove(path).filter { above in
                !made.contains(above) && !mounted.contains { ProgramProblem.contains($0, above) }
            }
            made += missing
            mounted.append(path)
            return missing.flatMap { ["--perms", "0755", "--dir", $0] } + [option, path, path]
        }
        for path in [program.folder] + program.readable { words += bind("--ro-bind", path) }
        if !visible.contains(where: { ProgramProblem.contains($0, executable) }) { words += bind("--ro-bind", executable) }
        if let hidden, visible.contains(where: { ProgramProblem.contains($0, hidden) }) {
            words += ["--tmpfs", hidden, "--remount-ro", hidden]
        }
        words += bind("--bind", program.home)
        if let attachments {
            if !(made + mounted).contains("/run") { words += ["--perms", "0755", "--dir", "/run"] }
            words += ["--ro-bind", attachments, AttachmentShelf.inside]
        }
        return words + ["--remount-ro", "/dev", "--remount-ro", "/"]
    }

    /// The folders above a path, from the root's child down.
    private static func foldersAbove(_ path: String) -> [String] {
        let parts = path.split(separator: "/").dropLast()
        return parts.indices.map { "/" + parts[...$0].joined(separator: "/") }
    }
}
