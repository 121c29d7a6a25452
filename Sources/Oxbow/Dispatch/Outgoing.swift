public import XML
public import XMPP

/// The way out for what handlers say: seals and sends. The account runtime implements it.
///
/// There is nothing here that could leave in the clear: what is given is the content of a `<payload/>`, and the implementation
/// signcrypts it to the recipient's keys or throws.
public protocol Outgoing: Sendable {
    /// Signcrypts payload elements to one recipient and hands them over.
    ///
    /// - Parameters:
    ///   - payload: The payload's child elements; already checked against what R5 forbids.
    ///   - to: The recipient; answers go to the bare JID.
    ///   - thread: The thread that an answer belongs to, if any; goes inside the payload.
    ///   - account: The account that sends (bare JID).
    /// - Throws: An error whose description the operator can act on: no key, offline, too big.
    func send(payload: [Element], to: Address, thread: String?, account: Address) async throws

    /// The way out for what is said in answer to one event. An event that runs again after a crash says its piece again, under the same
    /// key: whoever remembers what was accepted under it sends that once.
    ///
    /// - Parameter key: Names the event, whatever process handles it; letters, digits and dashes.
    func answering(_ key: String) -> any Outgoing
}

extension Outgoing {
    /// This way, which remembers nothing.
    public func answering(_ key: String) -> any Outgoing { self }
}
