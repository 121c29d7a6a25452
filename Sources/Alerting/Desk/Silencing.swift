/// Makes and ends silences in an alert manager. What goes wrong is an outcome with a reason for people; nothing is thrown, so that who asked hears
/// of it.
public protocol Silencing: Sendable {
    /// Makes a silence.
    func silence(_ request: SilenceRequest) async -> SilenceOutcome
    /// Ends silences; done when none of them is there any more.
    func unsilence(_ request: UnsilenceRequest) async -> SilenceOutcome
}
