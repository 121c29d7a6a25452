import GRE
import OX
import XMPP

/// What went wrong with a message on its way out, in one place for all that can: a name for counters, what can be done about it, and words
/// for the operator.
struct SendProblem: Error, Hashable, CustomStringConvertible {
    /// What can mend it.
    enum Remedy: Hashable {
        /// A key for the recipient, or one of our own: nothing is sent before there is one.
        case key
        /// Time: the same message may get through later.
        case time
        /// The operator: nothing is sent that way before they have looked at it.
        case `operator`
        /// Nothing: the message itself, or the way, is refused.
        case none
        /// The account is being stopped.
        case stopped
    }
    /// The counter's label: a fixed word.
    var reason: String
    /// What can mend it.
    var remedy: Remedy
    /// What happened, and what to do about it. No content.
    var description: String

    /// Finds the name of whatever was thrown on the way out.
    init(_ error: any Error) {
        description = "\(error)"
        switch error {
        case let problem as SendProblem: self = problem
        case let failure as DirectOutbox.Failure: self = SendProblem(failure.cause)
        case let error as SealError:
            // An interrupted look-up is the line's fault, and goes on with it.
            reason = error.code == .interrupted ? "offline" : error.code.description
            remedy =
                switch error.code {
                case .noUsableKey, .noOwnKey: .key
                case .engine, .store, .gatewayUnreachable, .interrupted: .time
                case .policyChanged, .senderChanged, .noGatewayData, .notAGateway, .unsupportedKinds: .operator
                default: .none
                }
        case let error as SessionError where error.code == .tooBig: (reason, remedy) = ("too-big", .none)
        case let refused as Bounces.Refused: (reason, remedy) = ("refused-" + refused.condition, .none)
        case let error as SessionError where error.code == .policy: (reason, remedy) = ("server-policy", .time)
        case is SessionError: (reason, remedy) = ("offline", .time)
        case is CancellationError: (reason, remedy, description) = ("stopped", .stopped, "the account has been stopped")
        default: (reason, remedy) = ("other", .none)
        }
    }

    /// The operator's error.
    var controlError: ControlError {
        switch remedy {
        case .key: ControlError(.noKey, description)
        case .time where reason == "offline": ControlError(.offline, description)
        default: ControlError(.failed, description)
        }
    }
}
