public import XML

/// A stamp of delayed delivery (XEP-0203). It proves nothing: servers pass on what senders make up (R1).
public struct Delay: Hashable, Sendable {
    /// Who claims to have delayed the stanza, if it says.
    public let from: Address?
    /// When the stanza was first sent, in seconds since 1970.
    public let stamp: Int64

    /// Reads one; `nil` if it is none, or if its stamp or address is malformed.
    public init?(_ element: Element) {
        guard element.is("delay", Namespace.delay), let stamp = element["stamp"].flatMap(DateTime.seconds) else { return nil }
        var from: Address?
        if let text = element["from"] {
            guard let address = Address(text) else { return nil }
            from = address
        }
        self.from = from
        self.stamp = stamp
    }

    /// All readable stamps of a stanza.
    public static func all(in stanza: Element) -> [Delay] {
        stanza.all("delay", Namespace.delay).compactMap(Delay.init)
    }
}
