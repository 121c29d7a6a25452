import CHost

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The service manager that has started us, and is told how we do: sd_notify(3), a datagram a message. systemd's, or whoever speaks the same.
struct ServiceManager: Sendable {
    /// Where it listens: a path, or an abstract name with `@` in front.
    let socket: String
    /// Within which time it wants to hear that we live; `nil` if it doesn't ask.
    let watchdog: Duration?

    /// What it says to the process it has started, and to nobody whom that starts.
    static let variables: Set<String> = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]

    /// Reads the variables; `nil` if nobody listens.
    init?(environment: [String: String], process: Int32 = getpid()) {
        guard let socket = environment["NOTIFY_SOCKET"], socket.hasPrefix("/") || socket.hasPrefix("@") else { return nil }
        self.socket = socket
        let isOurs = environment["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
        watchdog = isOurs ? environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap { $0 > 0 ? .microseconds($0) : nil } : nil
    }

    /// Sends one message: assignments, one a line. Never waits.
    ///
    /// - Returns: Whether it has got there.
    @discardableResult
    func tell(_ assignments: [Assignment]) -> Bool {
        let bytes = Array(assignments.map(\.line).joined(separator: "\n").utf8)
        return bytes.withUnsafeBytes { oxbow_notify(socket, $0.baseAddress, $0.count) } == 0
    }

    /// What can be said.
    enum Assignment: Hashable, Sendable {
        /// The start is done, or a reload.
        case ready
        /// A reload begins, at a time of CLOCK_MONOTONIC in microseconds.
        case reloading(Int64)
        /// The end begins.
        case stopping
        /// We live.
        case watchdog
        /// How we do, for people.
        case status(String)

        var line: String {
            switch self {
            case .ready: "READY=1"
            case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time)"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            // One line: a line break would begin another assignment.
            case .status(let text): "STATUS=" + String(text.map { $0.isNewline ? " " : $0 })
            }
        }
    }
}
