import Oxbow
import YAMLConfiguration

/// Why a command ends early: the lines to print, and the exit status.
struct Failure: Error {
    var status: CommandStatus
    var lines: [String]

    init(_ status: CommandStatus, _ lines: [String]) {
        self.status = status
        self.lines = lines
    }

    init(_ status: CommandStatus, _ line: String) { self.init(status, [line]) }

    init(_ errors: ConfigurationErrors) {
        let lines = errors.errors.map(\.description)
        // Nobody is left without a word, whatever has gone wrong in us.
        self.init(
            .configuration,
            lines.isEmpty ? ["oxbow: the configuration was refused without a reason: that is a fault of Oxbow's"] : lines
        )
    }

    init(_ error: ControlError) { self.init(CommandStatus(error.code), "oxbow: \(error.message)") }

    /// The failure that an error of any kind is.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let errors as ConfigurationErrors: self.init(errors)
        case let error as ConfigurationError: self.init(ConfigurationErrors(error))
        case let error as ControlError: self.init(error)
        default: self.init(.failed, "oxbow: \(error)")
        }
    }
}
