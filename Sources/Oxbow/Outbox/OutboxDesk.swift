import Delivery
import XMPP

/// What an operator can do with outboxes: `oxbow outbox list|show|retry|drop`, with a daemon or without.
struct OutboxDesk: Sendable {
    let store: any Store
    /// The accounts of the configuration (bare JIDs).
    let accounts: [Address]
    let now: @Sendable () -> Int64
    /// The driver of an account that runs here.
    let driver: @Sendable (Address) async -> OutboxDriver?

    /// Does what is asked.
    ///
    /// - Throws: ``ControlError``; ``ControlError/Code/unknown`` only if the store has said that there is no such message.
    func answer(_ request: OutboxRequest) async throws -> OutboxReport {
        do {
            switch request.action {
            case .list: return try await list(request)
            case .show: return OutboxReport([OutboxReport.Item(try await entry(request))])
            case .retry: return OutboxReport([OutboxReport.Item(try await retry(try await entry(request)))])
            case .drop: return OutboxReport([OutboxReport.Item(try await drop(try await entry(request)))])
            }
        } catch let error as ControlError {
            throw error
        } catch {
            throw ControlError(.failed, "\(error)")
        }
    }

    private func account(_ request: OutboxRequest) throws -> Address? {
        guard let name = request.account else { return nil }
        guard let address = Address(name), accounts.contains(address.bare) else {
            throw ControlError(.usage, "'\(name)' is no account of the configuration")
        }
        return address.bare
    }

    private func list(_ request: OutboxRequest) async throws -> OutboxReport {
        let open: Set<OutboxEntry.State> = [.accepted, .held, .handed, .dead]
        let query = OutboxQuery(
            .states(request.isWhole ? Set(OutboxEntry.State.allCases) : open),
            account: try account(request),
            after: request.after,
            limit: min(max(1, request.limit), OutboxRequest.pageLimit)
        )
        let page = try await store.find(query)
        return OutboxReport(page.entries.map { OutboxReport.Item($0) }, isLast: page.isLast)
    }

    private func entry(_ request: OutboxRequest) async throws -> OutboxEntry {
        guard let text = request.message, !text.isEmpty else { throw ControlError(.usage, "the request names no message") }
        let account = try account(request)
        if let number = Int64(text), let found = try await store.find(OutboxQuery(.number(number), account: account)).entries.first {
            return found
        }
        for candidate in account.map({ [$0] }) ?? accounts {
            if let found = try await store.find(OutboxQuery(.id(text), account: candidate)).entries.first { return found }
        }
        throw ControlError(.unknown, "there is no message '\(text)' in the outbox; `oxbow outbox list --all` shows what is there")
    }

    private func again(_ entry: OutboxEntry) async throws -> OutboxEntry {
        try await store.find(OutboxQuery(.number(entry.number))).entries.first ?? entry
    }

    private func retry(_ entry: OutboxEntry) async throws -> OutboxEntry {
        guard entry.isOpen || entry.state == .dead else {
            throw ControlError(.failed, "message \(entry.number) is \(entry.state.rawValue): there is nothing to try again")
        }
        let expires = max(entry.expires, now() + OutboxMessage.lifetime)
        // Asked of the store and not of the machine, so that it has happened when we say so; the machine reads it from there.
        if entry.state != .handed { try await store.commit([.outbox(.retry(number: entry.number, expires: expires))]) }
        if let driver = await driver(entry.account) { driver.post(.retry(entry, expires: expires)) }
        return try await again(entry)
    }

    private func drop(_ entry: OutboxEntry) async throws -> OutboxEntry {
        if let driver = await driver(entry.account) {
            let result = await driver.withdraw(entry)
            guard result.state == .withdrawn else {
                throw ControlError(.failed, "message \(entry.number) is \(result.state.rawValue) already and can't be taken back")
            }
        } else {
            guard entry.isOpen || entry.state == .dead else {
                throw ControlError(.failed, "message \(entry.number) is \(entry.state.rawValue) already and can't be taken back")
            }
            try await store.commit([.outbox(.withdrawn(number: entry.number, at: now()))])
        }
        return try await again(entry)
    }
}

extension OutboxReport.Item {
    /// An entry as operators see it.
    init(_ entry: OutboxEntry) {
        self.init(
            number: entry.number,
            id: entry.id,
            account: entry.account.description,
            to: entry.recipient.description,
            state: entry.state.rawValue,
            attempts: entry.attempts,
            accepted: entry.accepted,
            expires: entry.expires,
            next: entry.isOpen && entry.nextAttempt > 0 ? entry.nextAttempt : nil,
            settled: entry.settled,
            reason: entry.failure?.kind.rawValue,
            words: entry.failure?.words,
            size: entry.sealedSize
        )
    }
}
