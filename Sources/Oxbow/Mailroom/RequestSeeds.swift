import Delivery
import XMPP

/// What the ids of keyed requests follow from besides the request itself: 128 random bits of each account, kept with its notes.
///
/// Ids stand outside of the encryption. Without a seed whoever sees one could try texts until theirs makes the same.
actor RequestSeeds {
    /// A seed, and the note that goes into the same transaction as the messages while it isn't known to be on disk.
    struct Seed: Sendable {
        var text: String
        var note: (key: String, bytes: [UInt8]?)?
    }

    private static let key = "send/seed"
    private var seeds: [Address: String] = [:]
    private var written: Set<Address> = []

    /// An account's seed; made with the first request that has a key.
    func seed(of account: Address, in store: any NoteStore) async throws -> Seed {
        if seeds[account] == nil {
            let stored = try await store.notes(of: account)[Self.key].flatMap { String(validating: $0, as: UTF8.self) }
            // Somebody may have been quicker; then theirs counts.
            if seeds[account] == nil {
                seeds[account] = stored ?? Identifier.random()
                if stored != nil { written.insert(account) }
            }
        }
        let text = seeds[account] ?? ""
        return Seed(text: text, note: written.contains(account) ? nil : (Self.key, Array(text.utf8)))
    }

    /// The note is on disk.
    func isWritten(of account: Address) { written.insert(account) }
}
