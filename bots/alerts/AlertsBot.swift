public import Alerting
public import Oxbow
import XMPP

/// Takes commands about alerts: `list`, `ack 12`, `silence 12 2h`. The desk decides and answers, as messages of its own.
///
/// Who may give commands is `alerts.allow` of `config.yaml`, by the verified sender. A message that is handled again after a crash does nothing twice.
public struct AlertsBot: Handler {
    private let desk: AlertDesk
    private let pause: @Sendable (_ attempt: Int) async throws -> Void

    /// How often a command is brought to a desk that can't take it.
    static let attempts = 5

    /// Makes the handler.
    public init(desk: AlertDesk) {
        self.init(desk: desk) { attempt in try await Task.sleep(for: .seconds(attempt)) }
    }

    /// The same with a test's own pauses.
    init(desk: AlertDesk, pause: @escaping @Sendable (_ attempt: Int) async throws -> Void) {
        self.desk = desk
        self.pause = pause
    }

    /// Gives one message to the desk.
    ///
    /// - Throws: when the desk can't take it, also after some tries, and when the account tells no alerts.
    public func handle(_ event: Event, _ context: any HandlerContext) async throws {
        // A program isn't answered (R22), and doesn't give commands.
        guard !event.isAutomatic, event.isVerified else { return }
        for attempt in 1... {
            do throws(HookError) {
                // Those of the signature, and the stanza's: together they stay the same, and tell two messages of one second apart.
                try await desk.command(
                    event.text,
                    from: event.sender.bare,
                    thread: event.thread,
                    id: "\(event.time)/\(event.messageID ?? "")",
                    account: event.account
                )
                return
            } catch {
                guard error.code == .unavailable, attempt < Self.attempts else { throw error }
            }
            try await pause(attempt)
        }
    }
}
