import Subprocess

/// Runs a command-line tool.
enum Tool {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a tool found in PATH; returns what it wrote.
    @discardableResult
    static func run(_ name: String, _ arguments: [String], in folder: String) async throws -> String {
        let result = try await Subprocess.run(
            .name("env"),
            arguments: Arguments(["-C", folder, name] + arguments),
            output: .string(limit: 1 << 20),
            error: .combinedWithOutput
        )
        let text = result.standardOutput
        guard result.terminationStatus.isSuccess else { throw Failed(description: "\(name) \(arguments): \(text)") }
        return text
    }
}
