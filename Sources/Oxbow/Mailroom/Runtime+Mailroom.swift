import Delivery
public import XML
public import XMPP

extension Runtime {
    /// Accepts letters and remembers notes in one transaction.
    public func accept(_ letters: [Letter], notes: [(key: String, bytes: [UInt8]?)], from account: Address) async throws {
        throw ControlError(.failed, "not yet")
    }

    /// All notes of an account, by key.
    public func notes(of account: Address) async throws -> [String: [UInt8]] {
        do {
            return try await house.memories.store.notes(of: account)
        } catch {
            throw ControlError(.failed, "\(error)")
        }
    }

    /// Whether one of a contact's resources announces corrections.
    public func takesCorrections(_ contact: Address, account: Address) async -> Bool { false }

    /// Gives handlers of an account an event of our own.
    public func occur(_ element: Element, handler: String, id: String, account: Address) async throws {
        throw ControlError(.failed, "not yet")
    }
}
