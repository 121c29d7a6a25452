internal import XML

/// Delivery receipts (XEP-0184).
public enum Receipts {
    /// The feature that disco announces.
    public static let feature = Namespace.receipts

    /// Asks the recipient for a receipt.
    static let request = Element("request", Namespace.receipts)

    /// Says that a message has arrived.
    static func received(_ messageID: String) -> Element {
        Element("received", Namespace.receipts, ["id": messageID])
    }

    /// Whether the sender of a message wants a receipt; a message without an id can't have one.
    public static func isRequested(by message: Message) -> Bool {
        message.id != nil && message.kind != .error && message.element.first("request", Namespace.receipts) != nil
    }

    /// The id of our message that this one confirms; a hint, not a proof (R7).
    public static func confirmed(by message: Message) -> String? {
        guard message.kind != .error else { return nil }
        return message.element.first("received", Namespace.receipts)?["id"]
    }
}
