public import Delivery
import GRDB
import XML
public import XMPP

/// Journal, outbox and sessions change together (R2, R12).
extension StateDatabase: Store {
    /// Applies changes in one transaction; one that doesn't fit its entry's state does nothing.
    ///
    /// - Returns: The numbers of the messages that were accepted, in their order.
    @discardableResult
    public func commit(_ changes: [Change]) async throws -> [Int64] {
        guard !changes.isEmpty else { return [] }
        for case .outbox(.accept(let message)) in changes where message.payload.count > OutboxMessage.payloadLimit {
            throw StoreError(.tooBig, "\(path): a payload of \(message.payload.count) bytes is more than the outbox takes")
        }
        try checkNotes(changes)
        let vault = vault
        return try await write { db in try Self.apply(changes, vault, db) }
    }

    /// Records stanzas, each unless it is there already, and applies their changes in the same transaction in either case (R12).
    public func record(_ arrivals: [JournalArrival], account: Address) async throws -> [JournalVerdict] {
        guard !arrivals.isEmpty else { return [] }
        let texts = arrivals.map { $0.stanza.serialized() }
        let vault = vault
        return try await write { db in
            try zip(arrivals, texts).map { arrival, text in
                _ = try Self.apply(arrival.changes, vault, db)
                return try Self.record(account, arrival.hash, text, arrival.arrived, vault, db)
            }
        }
    }

    /// Up to where an account's archive has been seen; `nil` before the first start.
    public func archiveMark(of account: Address) async throws -> ArchiveMark? {
        let vault = vault
        return try await read { db in
            guard let fields = try Self.memo(.archive, account, vault, db) else { return nil }
            guard fields.count == 2, let time = fields[1] else { throw Unreadable.value }
            return ArchiveMark(id: fields[0], time: try Self.integer(time))
        }
    }

    private static func apply(_ changes: [Change], _ vault: Vault, _ db: Database) throws -> [Int64] {
        try changes.compactMap { change in
            switch change {
            case .journal(let change): try apply(change, vault, db)
            case .outbox(let change): return try apply(change, vault, db)
            case .resumption(let record, let account): try setResumption(record, account, vault, db)
            case .archive(let mark, let account):
                try setMemo(.archive, account, mark.map { [$0.id, "\($0.time)"] }, vault, db)
            case .note(let key, let bytes, let account): try setNote(key, bytes, account, vault, db)
            }
            return nil
        }
    }
}
