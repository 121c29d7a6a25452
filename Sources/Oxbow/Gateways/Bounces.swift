import GRE
import Synchronization
import XMPP

/// Errors that come back for messages which were sent just now, for those who still wait.
///
/// A server's acknowledgement says nothing about a gateway. A gateway that refuses a message says so in an error stanza, most often at once: who
/// has sent something through one waits for that a moment, until an answer to a request that was sent behind the message is there.
final class Bounces: Sendable {
    /// A gateway, or a server on the way, has refused a message.
    struct Refused: Error, CustomStringConvertible {
        /// The condition, if it is one that RFC 6120 knows.
        var condition: String
        /// What it means, and what to do about it.
        var description: String
    }

    private let account: Address
    private let waiting = Mutex<[String: AsyncStream<Refused?>.Continuation]>([:])

    init(account: Address) { self.account = account }

    /// Sends, then waits until the message bounces or `barrier` ends.
    ///
    /// - Throws: ``Refused``, and what `sending` throws.
    func watch(_ id: String, sending: () async throws -> Void, barrier: @escaping @Sendable () async -> Void) async throws {
        let (news, tell) = AsyncStream<Refused?>.makeStream(bufferingPolicy: .bufferingOldest(1))
        waiting.withLock { $0[id] = tell }
        defer { waiting.withLock { _ = $0.removeValue(forKey: id) } }
        try await sending()
        let refused: Refused? = await withDiscardingTaskGroup { group in
            group.addTask {
                await barrier()
                tell.yield(nil)
            }
            defer { group.cancelAll() }
            for await found in news { return found }
            return nil
        }
        if let refused { throw refused }
    }

    /// An error stanza has come. Returns what it says.
    @discardableResult
    func take(_ message: Message) -> Refused {
        let error = StanzaError(from: message.element)
        let known = Self.conditions.contains(error.condition) ? error.condition : "other"
        let refused = Refused(condition: known, description: GatewayRefusal.words(error, from: message.from.bare, account: account))
        if let id = message.id { waiting.withLock { $0[id] }?.yield(refused) }
        return refused
    }

    /// RFC 6120 § 8.3.3: what may become a counter's label.
    private static let conditions: Set<String> = [
        "bad-request", "conflict", "feature-not-implemented", "forbidden", "gone", "internal-server-error", "item-not-found",
        "jid-malformed", "not-acceptable", "not-allowed", "not-authorized", "policy-violation", "recipient-unavailable", "redirect",
        "registration-required", "remote-server-not-found", "remote-server-timeout", "resource-constraint", "service-unavailable",
        "subscription-required", "undefined-condition", "unexpected-request",
    ]
}
