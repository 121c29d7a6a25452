import Oxbow

/// How a command ends.
public struct CommandStatus: Hashable, Sendable, RawRepresentable {
    /// The process's exit code.
    public let rawValue: Int32
    /// Makes a status.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// It was done.
    public static let done = CommandStatus(rawValue: 0)
    /// It failed.
    public static let failed = CommandStatus(rawValue: 1)
    /// The command line makes no sense.
    public static let usage = CommandStatus(rawValue: 2)
    /// The configuration is wrong.
    public static let configuration = CommandStatus(rawValue: 3)
    /// There is no usable key for the recipient.
    public static let noKey = CommandStatus(rawValue: 4)
    /// No connection, or no login.
    public static let offline = CommandStatus(rawValue: 5)
}

extension CommandStatus {
    /// The status of a failure that the runtime reports.
    init(_ code: ControlError.Code) {
        switch code {
        case .usage: self = .usage
        case .configuration: self = .configuration
        case .noKey: self = .noKey
        case .offline: self = .offline
        default: self = .failed
        }
    }
}
