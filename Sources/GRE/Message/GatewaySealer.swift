public import OX
public import XML
public import XMPP

/// Makes messages for people behind gateways: negotiated, formatted, signed, encrypted, and within the server's limit.
///
/// There is no way to get anything but ciphertext out of it.
public struct GatewaySealer: Sendable {
    private let directory: GatewayDirectory
    private let session: any Session
    private let clock: @Sendable () -> Int64

    /// Makes a sealer for one account.
    ///
    /// - Parameters:
    ///   - directory: What the account knows about its gateways.
    ///   - session: Says how large a stanza the account's server takes (R11). Nothing is sent.
    ///   - clock: The time in seconds since 1970.
    public init(
        directory: GatewayDirectory,
        session: any Session,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.directory = directory
        self.session = session
        self.clock = clock
    }

    /// Formats, signs and encrypts a payload for somebody behind a gateway.
    ///
    /// The gateway is asked what it offers and who we are to it, unless that is known in this session; keys are read as R15 and R20 say.
    /// What is certain to be too big for the server is refused before any of that.
    ///
    /// - Parameters:
    ///   - payload: At least one element; what can't be carried is an error.
    ///   - recipient: Whom it is for (full or bare JID of somebody behind a gateway).
    ///   - id: The stanza's id, which names the message on the other network too (R21).
    ///   - requestsReceipt: Whether to ask for a delivery receipt.
    /// - Throws: ``OX/SealError``.
    @concurrent
    public func seal(
        _ payload: [Element],
        to recipient: Address,
        id: String,
        requestsReceipt: Bool = false
    ) async throws(SealError) -> SealedMessage {
        let references = AnsweredMail.references(in: payload)
        let payload = payload.filter { !$0.is(AnsweredMail.local, AnsweredMail.namespace) }
        guard !payload.isEmpty else { throw SealError(.payload, "there is nothing to send: the payload is empty") }
        let legacy: LegacyAddress
        do {
            legacy = try LegacyAddress(jid: recipient)
        } catch {
            throw SealError(.recipientAddress, error.description)
        }
        let limit = await session.sizeLimit
        if let limit { try Self.refuse(payload, over: limit, formatters: directory.formatters) }
        let agreement = try await directory.agreement(for: recipient)
        let data = try await directory.data(for: recipient, agreement)
        let introduces = try await directory.introduces(recipient)
        let thread = payload.first { $0.local == "thread" && ($0.namespace == Namespace.client || $0.namespace == Namespace.server) }
            .map(\.text).flatMap { $0.isEmpty ? nil : $0 }
        let key = try await agreement.encrypter.ownKey(for: data.senderID)
        let content = try agreement.formatter.format(
            OutgoingContent(
                payload: payload,
                id: id,
                recipient: legacy,
                data: data,
                thread: thread,
                references: references,
                // Taken after the look-ups, which may have taken a while.
                time: clock(),
                key: key,
                introducesKey: introduces
            )
        )
        let ciphertext = try await agreement.encrypter.encrypt(content, to: legacy, data: data)
        let envelope = GatewayEnvelope(
            formatter: agreement.formatter.kindName.namespace,
            encrypter: agreement.encrypter.kindName.namespace,
            ciphertext: ciphertext,
            thread: thread
        )
        let message = SealedMessage(id: id, to: recipient, envelope: .gateway(envelope), requestsReceipt: requestsReceipt)
        if let limit {
            let size = OutboundStanza.sealed(message).byteCount
            guard size <= limit.bytes else { throw Self.tooBig(size, limit, isExact: true) }
        }
        if introduces { try await directory.introduced(recipient) }
        return message
    }

    /// Refuses what is too big however it is formatted: base64 of a signed and encrypted message, which isn't compressed, is a third longer than
    /// what is in it. Nobody is asked anything (R11).
    ///
    /// - Throws: ``OX/SealError`` `too-big` that names the limit.
    public static func refuse(_ payload: [Element], over limit: SizeLimit, formatters: FormatterRegistry) throws(SealError) {
        let least = formatters.all.map { $0.leastBytes(of: payload) }.min() ?? 0
        let size = (least + 2) / 3 * 4
        guard size <= limit.bytes else { throw tooBig(size, limit, isExact: false) }
    }

    private static func tooBig(_ size: Int, _ limit: SizeLimit, isExact: Bool) -> SealError {
        SealError(
            .tooBig,
            "the message would have \(isExact ? "" : "more than ")\(size) bytes once it is encrypted, and the server's limit is \(limit): "
                + "send a smaller file, or a link to it"
        )
    }
}
