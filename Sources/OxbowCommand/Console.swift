import Foundation

/// Where a command's words go: results to standard output, everything else to standard error.
public struct Console: Sendable {
    private let output: @Sendable (String) -> Void
    private let errors: @Sendable (String) -> Void
    private let input: @Sendable () async throws -> [UInt8]

    /// Makes a console.
    ///
    /// - Parameters:
    ///   - output: Takes results, without the last line break.
    ///   - errors: Takes messages and log lines, without the last line break.
    ///   - input: Standard input to its end.
    public init(
        output: @escaping @Sendable (String) -> Void,
        errors: @escaping @Sendable (String) -> Void,
        input: @escaping @Sendable () async throws -> [UInt8] = { [] }
    ) {
        self.output = output
        self.errors = errors
        self.input = input
    }

    /// The process's own.
    public static let standard = Console(
        output: { write($0, to: .standardOutput) },
        errors: { write($0, to: .standardError) },
        input: { try await StandardInput.read(limit: StandardInput.limit) }
    )

    /// Prints a result.
    func print(_ text: String) { output(text) }

    /// Prints a message or a line of the log.
    func print(error text: String) { errors(text) }

    /// Standard input to its end.
    func read() async throws -> [UInt8] { try await input() }

    /// One call of write(2) a line, so that lines of several threads don't mix. A reader that is gone is no reason to end.
    private static func write(_ text: String, to handle: FileHandle) {
        try? handle.write(contentsOf: Data((text + "\n").utf8))
    }
}

/// The process's standard input.
enum StandardInput {
    /// The most that a command takes, in bytes.
    static let limit = 1 << 20

    /// Reads to the end on a thread of its own: somebody may be typing.
    static func read(limit: Int) async throws -> [UInt8] {
        let result: Result<[UInt8], any Error> = await withCheckedContinuation { continuation in
            let thread = Thread {
                continuation.resume(
                    returning: Result {
                        let data = try FileHandle.standardInput.read(upToCount: limit + 1) ?? Data()
                        guard data.count <= limit else { throw Failure(.usage, "oxbow: standard input is longer than \(limit) bytes") }
                        return Array(data)
                    }
                )
            }
            thread.name = "oxbow-stdin"
            thread.start()
        }
        return try result.get()
    }
}
