internal import Glibc

/// A line to a running agent: the few words of its protocol that tell who it is and ask it to end.
struct AgentSocket {
    private let descriptor: Int32

    /// The longest path that fits the system's socket address, without its final zero.
    static let longestPath = 107

    /// Connects, or `nil` if nobody listens there or it doesn't greet within a second.
    init?(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count <= Self.longestPath else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
        var timeout = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0, answer()?.last?.hasPrefix("OK") == true else {
            close()
            return nil
        }
    }

    func close() { _ = Glibc.close(descriptor) }

    /// The agent's process id.
    func processID() -> pid_t? {
        guard let lines = ask("GETINFO pid"), lines.last?.hasPrefix("OK") == true, let data = lines.first(where: { $0.hasPrefix("D ") })
        else { return nil }
        return pid_t(data.dropFirst(2))
    }

    /// Asks the agent to end. It may take a moment.
    func kill() { _ = ask("KILLAGENT") }

    private func ask(_ command: String) -> [String]? {
        let line = Array((command + "\n").utf8)
        guard send(descriptor, line, line.count, Int32(MSG_NOSIGNAL)) == line.count else { return nil }
        return answer()
    }

    /// Lines up to and with the first OK or ERR; `nil` on a time-out or a cut.
    private func answer() -> [String]? {
        var lines: [String] = []
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while lines.count < 64, line.count < 1024 {
            let count = recv(descriptor, &byte, 1, 0)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return nil }
            guard byte == 10 else {
                line.append(byte)
                continue
            }
            let text = String(decoding: line, as: UTF8.self)
            lines.append(text)
            if text.hasPrefix("OK") || text.hasPrefix("ERR") { return lines }
            line.removeAll()
        }
        return nil
    }
}
