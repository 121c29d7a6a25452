public import XMPP

/// Where an account's alerts are remembered. What is in it is bounded and pruned by the machines themselves: they say what to remove.
public protocol AlertBook: Sendable {
    /// All records of an account, in any order.
    ///
    /// - Throws: when the store can't be read. A record that can't be read is an error, too: an alert isn't forgotten quietly.
    func alertRecords(of account: Address) async throws -> [AlertRecord]
}
