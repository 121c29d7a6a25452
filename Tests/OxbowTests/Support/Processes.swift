import Glibc

/// What tests ask the kernel about processes.
enum Processes {
    /// Whether a process exists and is no zombie.
    static func isRunning(_ pid: Int32) -> Bool {
        guard kill(pid, 0) == 0 else { return false }
        let descriptor = open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { _ = Glibc.close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = read(descriptor, &buffer, buffer.count)
        let text = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
        return !text.contains(") Z")
    }

    /// Waits until a process that was killed is gone: the kernel takes a moment for it.
    static func end(of pid: Int32) async {
        while isRunning(pid) { await Task.yield() }
    }

    struct OpenFailed: Error {}

    /// A descriptor as a careless library would leave it to a child.
    static func openWithoutCloseOnExec(_ path: String) throws -> Int32 {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw OpenFailed() }
        return descriptor
    }

    static func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }
}
