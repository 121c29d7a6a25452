/// A change of what an account's alerts must not forget. Those of one event belong into the transaction that accepts its messages.
public enum AlertChange: Sendable, Hashable {
    /// Keeps a record in place of the one with the same key.
    case put(AlertRecord)
    /// Forgets the record of a key.
    case remove(String)

    /// The key of the record that it is about.
    public var key: String {
        switch self {
        case .put(let record): record.key
        case .remove(let key): key
        }
    }

    /// The record's bytes, for a store that knows keys and bytes only and seals them; `nil` when it is to be forgotten.
    public func encoded() throws -> [UInt8]? {
        switch self {
        case .put(let record): try record.encoded()
        case .remove: nil
        }
    }
}
