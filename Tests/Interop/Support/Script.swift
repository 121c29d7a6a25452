import Foundation
import Glibc
import Synchronization

/// One of the Python scripts in Tests/Interop/Peers: JSON lines both ways, ended by closing its stdin.
///
/// A thread of its own reads what it says. Foundation's readability handlers close descriptors that libdispatch still polls; when the next
/// pipe got the same number, that crashed the tests now and then.
final class Script: Sendable {
    /// What it has said.
    let lines = Recording<JSON>()
    private let input: FileHandle
    private let numbers = Mutex(0)
    private let process: Process

    /// Starts `NAME.py`.
    init(_ name: String, _ arguments: [String] = [], in room: Room? = nil) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = (room?.door ?? []) + ["/usr/bin/python3", "-B", "-u", Place.peers + "/\(name).py"] + arguments
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        input = stdin.fileHandleForWriting
        self.process = process
        do { try process.run() } catch { throw Trouble("can't start /usr/bin/python3: \(error). Run scripts/bootstrap --tests.") }
        let (lines, output) = (lines, stdout.fileHandleForReading)
        Thread.detachNewThread { Self.read(output, into: lines) }
    }

    /// Reads lines to the end. By read(2): Foundation's `availableData` ends the process when a signal comes between.
    private static func read(_ output: FileHandle, into lines: Recording<JSON>) {
        var splitter = LineSplitter()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            // Waits for some, not for all that it may hold.
            let count = Glibc.read(output.fileDescriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for line in splitter.take(Data(buffer[..<count])) { lines.append((try? JSON(line: line)) ?? .string(line)) }
        }
        lines.close()
        try? output.close()
    }

    /// Says one line.
    func say(_ order: JSON) throws {
        try input.write(contentsOf: Data((try order.line + "\n").utf8))
    }

    /// Says an order and waits for its answer.
    @discardableResult
    func ask(_ order: [String: JSON], within limit: Duration = .seconds(60)) async throws -> JSON {
        let number = numbers.withLock { number in
            number += 1
            return number
        }
        let start = lines.count
        try say(.object(order.merging(["id": .number(Double(number))]) { $1 }))
        let what = "the answer to \(order["do"]?.string ?? "an order")"
        let answer = try await lines.first(from: start, within: limit, what) { $0["id"]?.int == number }.item
        if let error = answer["error"]?.string { throw Trouble("\(order["do"]?.string ?? "order"): \(error)") }
        return answer
    }

    /// Lets it end and clean up, and waits for that.
    func end() async {
        try? input.close()
        _ = try? await lines.first(from: lines.count, within: .seconds(20), "its end") { _ in false }
    }
}

/// Where things are, seen from this file.
enum Place {
    /// The package's root.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    /// The scripts that play or hold peers.
    static let peers = root + "/Tests/Interop/Peers"
    /// The program that was built together with these tests.
    static let oxbow = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path + "/oxbow"
}
