import Delivery
import XMPP

extension Store {
    /// The recipients behind a gateway for whom messages are held.
    func held(account: Address, behind gateway: Address) async throws -> Set<Address> {
        var recipients: Set<Address> = []
        var query = OutboxQuery(.states([.held]), account: account, limit: 256)
        while true {
            let page = try await find(query)
            recipients.formUnion(page.entries.map(\.recipient).filter { $0.domainAddress == gateway.domainAddress })
            guard !page.isLast, let last = page.entries.last else { return recipients }
            query.after = last.number
        }
    }

    /// Without a daemon: what is held for people behind a gateway goes when the next one starts.
    func hasten(account: Address, behind gateway: Address) async throws {
        let changes = try await held(account: account, behind: gateway).map { Change.outbox(.hasten(account: account, recipient: $0)) }
        if !changes.isEmpty { try await commit(changes) }
    }
}
