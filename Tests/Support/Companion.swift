import Subprocess
import SystemPackage

/// A program that serves the tests: it is to end when its standard input does, which is when this object goes, or this process.
public final class Companion: Sendable {
    /// Why there is no companion.
    public struct Failure: Error, CustomStringConvertible {
        /// In words.
        public let description: String
    }

    private let task: Task<Void, Never>

    /// Starts a program that says nothing.
    public convenience init(_ program: String, _ arguments: [String]) { self.init(program, arguments) { _ in } }

    /// Starts a program and waits for the first line that it says, by which it tells that it serves, and where.
    ///
    /// - Throws: ``Failure`` if it ends without a line.
    public static func start(_ program: String, _ arguments: [String]) async throws -> (Companion, line: String) {
        let (lines, said) = AsyncStream.makeStream(of: String?.self)
        let companion = Companion(program, arguments) { said.yield($0) }
        for await line in lines {
            guard let line else { break }
            return (companion, line)
        }
        throw Failure(description: "\(program) \(arguments.joined(separator: " ")) has ended without a word")
    }

    /// - Parameter line: Is given each line, and `nil` at the end.
    private init(_ program: String, _ arguments: [String], line: @escaping @Sendable (String?) -> Void) {
        task = Task {
            _ = try? await Subprocess.run(
                .path(.init(program)),
                arguments: Arguments(arguments),
                input: .inputWriter,
                output: .sequence,
                error: .currentStandardError
            ) { running in
                for try await text in running.standardOutput.strings() { line(text) }
            }
            line(nil)
        }
    }

    deinit { task.cancel() }
}
