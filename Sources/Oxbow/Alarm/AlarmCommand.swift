import Subprocess
import SystemPackage
import YAMLConfiguration

/// Runs the program of `alarm: {command: …}`: without a shell, with nothing of ours but the text on its standard input.
enum AlarmCommand {
    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - text: What it gets on its standard input, with a line break at the end.
    ///   - command: The program and its arguments.
    ///   - environment: Ours, of which it gets PATH, HOME and LANG.
    ///   - clock: The clock of its time limit.
    /// - Throws: `Complaint` if it can't be started, fails, or takes too long.
    static func run(_ text: String, _ command: [String], environment: [String: String], clock: any Clock<Duration>) async throws {
        guard let program = command.first else { return }
        Host.ignoreBrokenPipes()
        var variables: [Environment.Key: String] = [:]
        for name in ["PATH", "HOME", "LANG"] {
            if let key = Environment.Key(rawValue: name), let value = environment[name] { variables[key] = value }
        }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        let configuration = Subprocess.Configuration(
            executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(Array(command.dropFirst())),
            environment: .custom(variables),
            workingDirectory: FilePath("/"),
            platformOptions: options
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Written by us and not by the package: that ends the process if a command leaves without reading.
                let result = try await Subprocess.run(configuration, input: .inputWriter, output: .discarded, error: .discarded) {
                    running in
                    _ = try? await running.standardInputWriter.write(text + "\n")
                    try? await running.standardInputWriter.finish()
                }
                guard result.terminationStatus.isSuccess else {
                    throw Complaint("the alarm command \(program) failed (\(result.terminationStatus))", hint: "run it by hand to see why")
                }
            }
            group.addTask {
                try await clock.sleep(for: AlarmSettings.commandTime)
                throw Complaint("the alarm command \(program) took longer than \(AlarmSettings.commandTime) and was ended")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
