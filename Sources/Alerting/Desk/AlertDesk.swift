public import XMPP

/// The desk of the process: requests, commands and the passing of time become messages, account by account.
///
/// Each account's events are handled one after the other, in the order in which they came, and what follows from one is accepted in one batch by the
/// ``AlertCarrier``. If that fails, it is as if the event had never been: whoever brought it hears ``HookError/Code/unavailable``, and may bring
/// it again. Accounts don't wait for each other.
///
/// Nothing is handled before ``run()`` runs; what comes earlier waits, up to ``waitingLimit`` events an account.
public actor AlertDesk: HookDesk {
    /// How many events of an account may wait; more are ``HookError/Code/unavailable``.
    public static let waitingLimit = 1000

    /// Makes a desk without routes.
    ///
    /// - Parameters:
    ///   - carrier: What takes messages and changes.
    ///   - book: Where they come from at the start.
    ///   - isOnline: Whether an account can send: heartbeats go out only then.
    ///   - random: Where seeds of ids come from.
    ///   - now: The time, in seconds since 1970.
    ///   - count: Counts one of a metric with its labels; fixed words and names of the configuration only.
    ///   - log: Hears of each event.
    public init(
        carrier: any AlertCarrier,
        book: any AlertBook,
        isOnline: @escaping @Sendable (Address) async -> Bool,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        now: @escaping @Sendable () -> Int64 = AlertDesk.systemTime,
        count: @escaping @Sendable (_ name: String, _ labels: [String: String]) -> Void = { _, _ in },
        log: @escaping @Sendable (DeskEvent) -> Void = { _ in }
    ) {}

    /// The system's time, in seconds since 1970.
    public static let systemTime: @Sendable () -> Int64 = { 0 }

    /// Takes a configuration, at the start and after each reload; what is open goes on by the new one. When it returns, requests are held against it.
    public func configure(_ configuration: DeskConfiguration) {}

    /// Handles events, does what is due, sends heartbeats; returns when its task is cancelled. To be called once. What waits then is
    /// ``HookError/Code/unavailable``.
    public func run() async {}

    /// The route of this name.
    public func hook(_ route: String) async -> HookDescription? { nil }

    /// One request, as ``HookDesk`` says.
    public func receive(_ route: String, _ request: SourceRequest, delivery: String?) async throws(HookError) -> HookOutcome {
        throw HookError(.unavailable, "not yet")
    }

    /// Somebody writes in chat; the caller has verified who it is. Answers go out as messages. When it returns they're on disk, and the silence
    /// that was asked for is made or isn't.
    ///
    /// - Parameters:
    ///   - sender: Who wrote it.
    ///   - thread: The message's thread.
    ///   - id: What tells this message from the sender's others, and stays the same when it is handled again: then nothing is done twice.
    ///   - account: Who got it.
    /// - Throws: ``HookError/Code/unavailable``: bring it again.
    public func command(_ text: String, from sender: Address, thread: String?, id: String, account: Address) async throws(HookError) {}

    /// The outbox gave a message up, or holds it for the operator: the person's next address gets it, or the next people do. Tried until it is
    /// accepted or the desk ends; doesn't wait for it.
    public func failed(id: String, to contact: Address, account: Address) {}

    /// Something that isn't an alert was sent to somebody by the account: what was said before isn't the last message any more (R29).
    public func otherMessage(to contact: Address, account: Address) {}

    /// What there is to see now.
    public func report() async -> AlertsReport { AlertsReport(at: 0) }
}
