import Glibc
import YAMLConfiguration

/// Why a program can't be started here.
enum ProgramProblem {
    /// The first thing that keeps a program from running; `nil` if nothing is seen. Looks at the file system only.
    static func find(in program: ProgramDefinition, stateFolder: String?) -> Complaint? {
        do throws(Complaint) {
            _ = try executable(program)
            _ = try account(program)
            if let stateFolder { try checkReach(program, stateFolder) }
            for path in program.readable where access(path, F_OK) != 0 {
                throw Complaint("readable names \(path), which is not there")
            }
            if program.isolation == .bubblewrap, tool("bwrap") == nil {
                throw Complaint(
                    "bubblewrap is not installed",
                    hint: "install it, or give isolation: user with user: NAME, or isolation: none"
                )
            }
            if !Sandbox.Facts.tools.allSatisfy({ tool($0) != nil }) {
                throw Complaint("setpriv or prlimit is missing", hint: "install util-linux")
            }
            return nil
        } catch {
            return error
        }
    }

    /// The absolute path of the executable.
    static func executable(_ program: ProgramDefinition) throws(Complaint) -> String {
        guard let name = program.command.first else { throw Complaint("names no program") }
        guard name.contains("/") else {
            guard let path = tool(name) else {
                throw Complaint("there is no program '\(name)' in \(ProgramDefinition.path.joined(separator: ", "))", hint: "give its path")
            }
            return path
        }
        var status = stat()
        guard stat(name, &status) == 0 else {
            throw Complaint("there is no program \(name)", hint: "check the path: it starts at the bot's folder")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Complaint("\(name) is no file that can be run") }
        guard access(name, X_OK) == 0 else { throw Complaint("\(name) may not be executed", hint: "chmod +x \(name)") }
        if let problem = problem(ofScript: name) { throw problem }
        return name
    }

    /// What is wrong with a script's first line; `nil` if nothing is, or if it is no script.
    static func problem(ofScript path: String) -> Complaint? {
        guard let interpreter = interpreter(of: path) else { return nil }
        if let words = interpreter, tool(in: words) != nil { return nil }
        let what = interpreter.map { "'\($0.joined(separator: " "))'" } ?? "nothing"
        return Complaint("the first line of \(path) names \(what) as its interpreter, which isn't there", hint: "install it")
    }

    /// The words of a script's first line behind `#!`; `nil` for what is no script, and inside that `nil` for a line that makes no sense.
    private static func interpreter(of script: String) -> [String]?? {
        let descriptor = open(script, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // As much as the kernel looks at (BINPRM_BUF_SIZE).
        var start = [UInt8](repeating: 0, count: 256)
        let count = start.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count > 2, start[0] == UInt8(ascii: "#"), start[1] == UInt8(ascii: "!") else { return nil }
        let line = start[2..<count].prefix { $0 != UInt8(ascii: "\n") }
        let words = String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\t" }.map(String.init)
        return .some(words.isEmpty ? nil : words)
    }

    /// The interpreter that a first line means: its path, or through `env` the program that env would find.
    private static func tool(in words: [String]) -> String? {
        guard let path = words.first, access(path, X_OK) == 0 else { return nil }
        guard path.hasSuffix("/env"), let name = words.dropFirst().first(where: { !$0.hasPrefix("-") && !$0.contains("=") }) else {
            return path
        }
        return name.contains("/") ? (access(name, X_OK) == 0 ? name : nil) : tool(name)
    }

    /// The path of a program that is named without a slash.
    static func tool(_ name: String) -> String? {
        ProgramDefinition.path.map { $0 + "/" + name }.first { access($0, X_OK) == 0 }
    }

    /// The user and group that the program is to run as; `nil` for our own.
    ///
    /// A program of a root daemon never runs as root: under bubblewrap without `user:` it is `nobody`.
    static func account(_ program: ProgramDefinition) throws(Complaint) -> (uid: UInt32, gid: UInt32)? {
        let isRoot = geteuid() == 0
        guard let name = program.user ?? (isRoot && program.isolation == .bubblewrap ? "nobody" : nil) else { return nil }
        guard let found = lookUp(name) else { throw Complaint("there is no user '\(name)'", hint: "make one: useradd --system \(name)") }
        guard isRoot || found.uid == geteuid() else {
            throw Complaint("only root can run it as '\(name)'", hint: "start Oxbow as root, or leave user out to have bubblewrap")
        }
        guard found.uid != 0 else { throw Complaint("must not run as root", hint: "make a user for it: useradd --system NAME") }
        return isRoot ? found : nil
    }

    private static func lookUp(_ name: String) -> (uid: UInt32, gid: UInt32)? {
        var entry = passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        if let number = UInt32(name) {
            guard getpwuid_r(number, &entry, &buffer, buffer.count, &result) == 0, result != nil else { return (number, number) }
        } else {
            guard getpwnam_r(name, &entry, &buffer, buffer.count, &result) == 0, result != nil else { return nil }
        }
        return (entry.pw_uid, entry.pw_gid)
    }

    /// Refuses what would put the state folder into a program's sight.
    private static func checkReach(_ program: ProgramDefinition, _ state: String) throws(Complaint) {
        for path in [program.folder, program.home] + program.readable where contains(state, path) {
            throw Complaint("\(path) is inside the state folder \(state), which programs must not reach", hint: "move it")
        }
        if contains(program.home, state) {
            throw Complaint("its home \(program.home) contains the state folder \(state)", hint: "give another home:")
        }
    }

    /// Whether a folder is, or contains, a path. Both are absolute and tidy.
    static func contains(_ folder: String, _ path: String) -> Bool {
        path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
    }
}
