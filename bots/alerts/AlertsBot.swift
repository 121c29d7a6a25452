public import Alerting
public import Oxbow
import XMPP

/// Takes commands about alerts: `list`, `ack 12`, `silence 12 2h`. The desk decides and answers, as messages of its own.
///
/// Who may give commands is `alerts.allow` of `config.yaml`, by the verified sender. A message that is handled again after a crash does nothing twice.
public struct AlertsBot: Handler {
    private let desk: AlertDesk

    /// Makes the handler.
    public init(desk: AlertDesk) { self.desk = desk }

    /// Gives one message to the desk.
    public func handle(_ event: Event, _ context: any HandlerContext) async throws {}
}
