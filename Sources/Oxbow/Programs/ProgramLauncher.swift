import Subprocess
import SystemPackage
import YAMLConfiguration

/// Turns a program's definition into what swift-subprocess is to start: command line, environment, folder.
struct ProgramLauncher: Sendable {
    var definition: ProgramDefinition
    /// What the program must not see.
    var stateFolder: String?
    /// Where it finds the files that come with events; `nil` where there is no file system in memory.
    let shelf = AttachmentShelf()

    /// Looks at the machine, makes the program's home, and gives the command line.
    ///
    /// - Throws: What keeps the program from being started, and what to do about it.
    func prepare() async throws(Complaint) -> Subprocess.Configuration {
        let (definition, stateFolder, shelf) = (definition, stateFolder, shelf)
        let command = try await offPool { () throws(Complaint) in
            if let problem = ProgramProblem.find(in: definition, stateFolder: stateFolder) { throw problem }
            let account = try ProgramProblem.account(definition)
            try ProgramHome.prepare(definition.home, owner: account)
            try shelf?.prepare()
            let sandbox = Sandbox(
                program: definition,
                executable: try ProgramProblem.executable(definition),
                account: account,
                hidden: stateFolder,
                attachments: shelf?.path,
                facts: .gather()
            )
            guard let command = sandbox.command else {
                throw Complaint("bwrap, setpriv or prlimit is missing", hint: "install bubblewrap and util-linux")
            }
            return command
        }
        return configuration(command)
    }

    /// Tries whether bubblewrap works here, with everything but the program itself.
    func probe() async throws(Complaint) {
        guard definition.isolation == .bubblewrap, let harmless = ProgramProblem.tool("true") else { return }
        var trial = self
        trial.definition.command = [harmless]
        let configuration = try await trial.prepare()
        let hint = "let it (user namespaces may be off), or give isolation: user with user: NAME, or isolation: none"
        do {
            let result = try await Subprocess.run(configuration, output: .discarded, error: .string(limit: 4096))
            guard result.terminationStatus.isSuccess else {
                let said = String(result.standardError.prefix { !$0.isNewline }.prefix(200))
                throw Complaint("bubblewrap does not work here: \(LogText.clean(said))", hint: hint)
            }
        } catch let complaint as Complaint {
            throw complaint
        } catch {
            throw Complaint("bubblewrap can't be started: \(error)", hint: hint)
        }
    }

    private func configuration(_ command: [String]) -> Subprocess.Configuration {
        var variables = definition.environment
        variables["PATH"] = variables["PATH"] ?? ProgramDefinition.path.joined(separator: ":")
        variables["LANG"] = variables["LANG"] ?? "C.UTF-8"
        variables["HOME"] = definition.home
        var environment: [Environment.Key: String] = [:]
        for (name, value) in variables {
            if let key = Environment.Key(rawValue: name) { environment[key] = value }
        }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        return Subprocess.Configuration(
            executable: .path(FilePath(command.first ?? "")),
            arguments: Arguments(Array(command.dropFirst())),
            environment: .custom(environment),
            workingDirectory: FilePath(definition.isolation == .bubblewrap ? "/" : definition.folder),
            platformOptions: options
        )
    }
}
