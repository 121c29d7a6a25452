/// A client's side of an XMPP stream (RFC 6120) from the connection to its end: TLS, login, resource, stream management.
///
/// A value without IO. The owner of the socket reports what happens as an ``Event`` and performs the ``Action``s in their order; one
/// value serves one connection. There is no path without TLS: over a plain connection nothing is sent but a stream header and
/// `<starttls/>`.
///
///     owner                      stream
///     .connected              →  .write(header)
///     .opened, .element(…)    →  .write(<starttls/>), .startTLS
///     .secured(bindings)      →  .restartParser, .write(header)
///     .element(features)      →  .write(<auth/>), .derive(request)
///     .derived(keys)          →  .write(<response/>) … .pin, .restartParser, .write(header) … .online(Bound)
///     .send(element, token)   →  .write(stanza), .write(<r/>)
///     .element(message)       →  .stanza(message, ticket), and .handled(ticket) when it is safe
///     .close                  →  .write(</stream:stream>) … .ended, .closeTransport
public struct ClientStream: Sendable {
    /// Prepares a stream for one connection.
    ///
    /// - Parameters:
    ///   - configuration: Who logs in, and how.
    ///   - random: Returns that many bytes of a cryptographic random source.
    public init(_ configuration: Configuration, random: @escaping @Sendable (Int) -> [UInt8]) {
        self.configuration = configuration
        self.random = random
    }

    let configuration: Configuration
    let random: @Sendable (Int) -> [UInt8]

    /// Takes in what happened; returns what has to be done, in this order.
    public mutating func handle(_ event: Event) -> [Action] {
        []
    }
}
