import Foundation
import GRE
import OX
import OpenPGP
import XML
import XMPP

/// The product's two roads of one account through one gateway.
struct Road {
    private let sealer: GatewaySealer
    private let opener: GatewayOpener

    init(engine: GPGMEEngine, bot: Fingerprint, carol: Fingerprint) async throws {
        let certificate = try await engine.export(carol, userID: "<carol@example.org>")
        let memory = StillGateway(own: bot)
        let session = StillSession(key: carol, certificate: certificate)
        // What the gateway vouches for may command, so that the opener walks its whole way.
        let gateway = AcceptedGateway(domain: StillGateway.domain, commandsFromVouched: true)
        let now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }
        let keys = KeyDirectory(
            account: StillGateway.account,
            engine: engine,
            session: session,
            pins: memory,
            policy: .tofu,
            gateways: [gateway.domain: gateway.keys(webKeys: nil)],
            clock: now,
            events: { _ in }
        )
        let directory = GatewayDirectory(
            account: StillGateway.account,
            gateways: [gateway],
            session: session,
            memory: memory,
            formatters: FormatterRegistry([MIMEFormatter()]),
            encrypters: EncrypterRegistry([OpenPGPEncrypter(engine: engine, directory: keys)]),
            clock: now,
            events: { _ in }
        )
        sealer = GatewaySealer(directory: directory, session: session, clock: now)
        opener = GatewayOpener(directory: directory, keys: keys, age: AgeCheck(birth: 0))
    }

    func seal(_ text: String, _ file: [UInt8]?) async throws {
        var payload = [Element("body", Namespace.client, text: text)]
        if let file { payload.append(AttachedFile(name: "report.bin", type: "application/octet-stream", bytes: file).element) }
        let message = try await sealer.seal(payload, to: StillGateway.carol, id: "bench-1")
        guard OutboundStanza.sealed(message).byteCount > text.utf8.count else { throw GREBench.Failure(what: "not sealed") }
    }

    /// A mail of Carol to the bot.
    func mail(_ text: String, _ file: [UInt8]?) throws -> [UInt8] {
        var payload = [Element("body", Namespace.client, text: text)]
        if let file { payload.append(AttachedFile(name: "report.bin", type: "application/octet-stream", bytes: file).element) }
        let form = OutgoingContent(
            payload: payload,
            id: "bench-2",
            recipient: try LegacyAddress(StillGateway.mailbox, via: StillGateway.domain),
            data: try GatewayData(StillSession.data(senderID: "carol@example.org")),
            time: Int64(Date().timeIntervalSince1970)
        )
        return try MIMEFormatter(marksAutomatic: false).format(form)
    }

    /// Opens what a gateway brings; a file of so many bytes must be in it.
    func open(_ base64: String, bytes: Int) async throws {
        let encrypted = Element(
            "encrypted",
            Namespace.gatewayRelay,
            ["formatter": MIMEFormatter.namespace, "encrypter": OpenPGPEncrypter.namespace],
            text: base64
        )
        let stanza = Element(
            "message",
            Namespace.client,
            ["from": StillGateway.carol.description, "to": StillGateway.account.description, "type": "normal", "id": "m1"],
            [encrypted]
        )
        guard let message = Message(stanza, account: StillGateway.account),
            case .sealed(let envelope) = opener.examine(message, isAllowed: true)
        else { throw GREBench.Failure(what: "no envelope") }
        let opened = try await opener.open(envelope, received: Int64(Date().timeIntervalSince1970))
        let files = opened.payload.compactMap(AttachedFile.init)
        guard files.reduce(0, { $0 + $1.bytes.count }) == bytes else { throw GREBench.Failure(what: "the file is not in it") }
    }
}
