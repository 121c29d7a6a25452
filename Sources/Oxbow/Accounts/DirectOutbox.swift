import Logging
import Synchronization
import XML
import XMPP

/// The way out of one account: seals at the last moment, in order for each recipient, and waits for the server's acknowledgement.
///
/// While the account is offline a message waits, for a time; it is lost with the process. What has been sealed is sent again unchanged
/// while its time is young, else sealed anew under the same id (R9).
final class DirectOutbox: Outgoing {
    /// How long a message waits for the account to come online.
    static let patience = Duration.seconds(600)
    /// How old sealed bytes may be when they are sent again, in seconds (R9).
    static let freshness: Int64 = 300
    /// How long a gateway may take to refuse a message after it has answered what was sent behind it.
    static let grace = Duration.seconds(1)

    /// Why a message was not acknowledged.
    struct Failure: Error, CustomStringConvertible {
        /// Whether it was handed over, so that nobody knows whether it arrived (R14).
        var mayHaveLeft: Bool
        /// What went wrong.
        var cause: any Error

        var description: String { "\(cause)" }
    }

    /// How far one message got, for whoever gives up waiting for it.
    private final class Mark: Sendable {
        let isHandedOver = Atomic(false)
    }

    private let account: Address
    private let sealer: any MessageSealing
    private let session: any Session
    private let online: OnlineGate
    private let house: House
    private let makeID: @Sendable () -> String
    /// Errors that come back for messages which people wait for.
    let bounces: Bounces
    private let sendings = KeyedQueue<Address>()

    init(
        sealer: any MessageSealing,
        session: any Session,
        online: OnlineGate,
        house: House,
        makeID: @escaping @Sendable () -> String = Identifier.random
    ) {
        self.account = session.account
        self.sealer = sealer
        self.session = session
        self.online = online
        self.house = house
        self.makeID = makeID
        bounces = Bounces(account: session.account)
    }

    /// Sends until it is cancelled.
    func run() async {
        await sendings.run()
    }

    func send(payload: [Element], to recipient: Address, thread: String?, account: Address) async throws {
        var payload = payload
        if let thread { payload.append(Element("thread", Namespace.client, text: thread)) }
        try await send(payload, to: recipient, within: Self.patience)
    }

    /// Sends a payload and waits until the server has acknowledged it.
    ///
    /// - Throws: ``Failure``; `CancellationError` once the account has stopped.
    func send(_ payload: [Element], to recipient: Address, within limit: Duration) async throws {
        try await sendings.perform(recipient.bare) { try await self.deliver(payload, to: recipient, within: limit) }
    }

    /// Like ``send(_:to:within:)`` for those who don't wait. Returns `false` once the account has stopped.
    @discardableResult
    func post(_ payload: [Element], to recipient: Address, failed: @escaping @Sendable (any Error) -> Void) -> Bool {
        sendings.enqueue(recipient.bare) {
            do {
                try await self.deliver(payload, to: recipient, within: Self.patience)
            } catch {
                failed(error)
            }
        }
    }

    /// Delivers within a time, and counts how it ended.
    private func deliver(_ payload: [Element], to recipient: Address, within limit: Duration) async throws {
        let mark = Mark()
        let id = makeID()
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.deliver(payload, to: recipient, id: id, mark: mark) }
                group.addTask {
                    try await self.house.clock.sleep(for: limit)
                    throw SessionError(.timedOut, "\(self.account)'s server has not acknowledged it within \(limit)")
                }
                defer { group.cancelAll() }
                try await group.next()
            }
            house.counters.add(1, "oxbow_sent_total", ["account": account.description])
            house.logger.info("message sent", metadata: ["account": "\(account)", "message": "\(id)", "to": "\(recipient.bare)"])
        } catch {
            house.counters.add(1, "oxbow_send_failures_total", ["account": account.description, "reason": SendProblem(error).reason])
            throw Failure(mayHaveLeft: mark.isHandedOver.load(ordering: .relaxed), cause: error)
        }
    }

    /// Sends something through a gateway, and waits a moment for what the gateway says: a server's acknowledgement says nothing about that.
    private func relay(_ message: SealedMessage) async throws {
        try await bounces.watch(message.id) {
            try await session.send(.sealed(message), until: .acknowledged)
        } barrier: { [session, house] in
            // An answer to what was sent behind the message, an error too, says that the gateway has it. Libervia answers that at once, while
            // it still looks up who we are: hence the moment of grace.
            _ = try? await session.request(Ping.request(to: message.to.domainAddress), timeout: .seconds(2))
            try? await house.clock.sleep(for: Self.grace)
        }
    }

    /// Seals and sends until the server has acknowledged it; only what waiting can mend is tried again.
    private func deliver(_ payload: [Element], to recipient: Address, id: String, mark: Mark) async throws {
        var sealed: (message: SealedMessage, time: Int64)?
        while true {
            guard await online.pass(within: .seconds(3600), clock: house.clock) else {
                try Task.checkCancellation()
                continue
            }
            // Also after the clock was set back: nobody believes what comes from the future.
            if sealed.map({ !(0...Self.freshness).contains(house.now() - $0.time) }) ?? true {
                let message = try await sealer.seal(payload, to: recipient, id: id, requestsReceipt: false)
                sealed = (message, house.now())
            }
            guard let message = sealed?.message else { continue }
            do {
                mark.isHandedOver.store(true, ordering: .relaxed)
                guard case .gateway = message.envelope else { return try await session.send(.sealed(message), until: .acknowledged) }
                return try await relay(message)
            } catch let error as SessionError where error.code == .offline || error.code == .timedOut {
                // A cut: nobody knows whether it arrived. The same id again lets the receiver tell.
                try await house.clock.sleep(for: .seconds(1))
            }
        }
    }
}
