/// Looking after a store while it is in use.
public protocol StoreUpkeep: Sendable {
    /// Reads all of it and opens every sealed value.
    ///
    /// - Throws: An error that says what is damaged, and what to do.
    func verify() async throws

    /// Writes a copy of all that is committed now into a new file. The copy is sealed as the store is (R17).
    ///
    /// - Parameter target: The path of a file that doesn't exist; it is there once it is complete.
    func backup(to target: String) async throws
}
