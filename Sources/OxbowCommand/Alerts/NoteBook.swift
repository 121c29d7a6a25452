import Alerting
import Oxbow
import XMPP

/// Where alerts are remembered: the notes of the accounts' store, under keys that begin with `alert/`.
struct NoteBook: AlertBook {
    private static let prefix = "alert/"
    let link: RuntimeLink

    /// The note's key of a record's.
    static func key(_ record: String) -> String { prefix + record }

    /// All records of an account; one that can't be read is an error.
    func alertRecords(of account: Address) async throws -> [AlertRecord] {
        try await link.runtime().notes(of: account).filter { $0.key.hasPrefix(Self.prefix) }.map { try AlertRecord(encoded: $0.value) }
    }
}
