import Foundation

/// A mount namespace of its own, in which file systems can be full or read-only without anybody else's noticing. It ends with the
/// running test; so do the processes in it.
struct Room: Sendable {
    /// What a command is started through, to be in there.
    let door: [String]

    /// Makes one, mounts what a shell script says, and keeps it.
    ///
    /// - Parameter script: Commands of a shell; `$1` is the folder. Mounts end with the namespace.
    init(_ script: String, folder: String) async throws {
        let isRoot = getuid() == 0
        // Somebody else than root is root in a user namespace.
        let holder = try await Leash(
            ["unshare", isRoot ? "-m" : "-Urm", "sh", "-ec", "\(script)\necho ready\nexec cat", "sh", folder],
            input: nil
        )
        Cleanup.after { await holder.stop() }
        try await holder.line(containing: "ready")
        door = ["nsenter", "-t", "\(holder.pid)", "-m"] + (isRoot ? [] : ["-U", "--preserve-credentials"]) + ["--"]
    }

    /// A folder that holds so many KiB.
    static func small(_ folder: String, kibibytes: Int) async throws -> Room {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return try await Room(#"mount -t tmpfs -o size=\#(kibibytes)k,mode=0700 tmpfs "$1""#, folder: folder)
    }

    /// A folder that can't be written to.
    static func readOnly(_ folder: String) async throws -> Room {
        try await Room(#"mount --bind "$1" "$1"; mount -o remount,bind,ro "$1""#, folder: folder)
    }

    /// Runs a command in there, which has to succeed.
    func run(_ command: String...) async throws {
        let end = try await Leash.run(door + command)
        guard end.code == 0 else { throw Trouble("\(command): \(end.err)") }
    }
}
