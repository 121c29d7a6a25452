import Foundation
import GRE
import MIME
import OX
import OpenPGP
import TestSupport
import Testing
import XML
import XMPP

let botJID = jid("bot@ox.test")
let mailDomain = jid("mail.test")
let carolJID = jid("carol\\40example.org@mail.test")
let botMail = "bot@mail.example"

/// One bot with one gateway around it, in a state of its own.
struct Bench: Sendable {
    let people: Correspondents
    let engine: GPGMEEngine
    let network = TestNetwork()
    let memories = Memories()
    let clock: TestClock
    let keyEvents = Recorder<KeyEvent>()
    let gatewayEvents = Recorder<GatewayEvent>()
    let keys: KeyDirectory
    let directory: GatewayDirectory
    let sealer: GatewaySealer
    let opener: GatewayOpener

    static func use(
        gateway: AcceptedGateway = AcceptedGateway(domain: mailDomain),
        formatters: [any GatewayFormatter] = [MIMEFormatter()],
        extraEncrypters: [any GatewayEncrypter] = [],
        _ body: (Bench) async throws -> Void
    ) async throws {
        let bench = try await Bench(gateway, formatters, extraEncrypters)
        do {
            try await body(bench)
            await bench.engine.close()
        } catch {
            await bench.engine.close()
            throw error
        }
    }

    private init(
        _ gateway: AcceptedGateway,
        _ formatters: [any GatewayFormatter],
        _ extraEncrypters: [any GatewayEncrypter]
    ) async throws {
        people = try await Correspondents.assembled()
        let home = try Scratch.folder() + "/h"
        try FileManager.default.copyItem(atPath: people.botHome, toPath: home)
        engine = try await GPGMEEngine(home: home, logger: silent)
        await memories.setOwnKey(people.bot, account: botJID)
        clock = TestClock(people.time)
        let (clock, keyEvents, gatewayEvents) = (clock, keyEvents, gatewayEvents)
        let session = TestSession(account: botJID, network: network)
        keys = KeyDirectory(
            account: botJID,
            engine: engine,
            session: session,
            pins: memories,
            policy: .tofu,
            gateways: [gateway.domain: gateway.keys(webKeys: TestWebKeys(network: network))],
            clock: { clock.now },
            events: { keyEvents.record($0) }
        )
        directory = GatewayDirectory(
            account: botJID,
            gateways: [gateway],
            session: session,
            memory: memories,
            formatters: FormatterRegistry(formatters),
            encrypters: EncrypterRegistry([OpenPGPEncrypter(engine: engine, directory: keys)] + extraEncrypters),
            clock: { clock.now },
            events: { gatewayEvents.record($0) }
        )
        sealer = GatewaySealer(directory: directory, session: session, clock: { clock.now })
        opener = GatewayOpener(directory: directory, keys: keys, age: AgeCheck(birth: 0))
        network.gateway(mailDomain)
        network.senderID(botMail)
    }

    /// Carol's key is on the gateway's PEP.
    func vouchForCarol() async throws { network.publish([people.carol: try await people.certificate(people.carol)], of: carolJID) }

    // MARK: sending

    func seal(_ payload: [Element] = [body("Hello")], to recipient: Address = carolJID, id: String = "m-1") async throws(SealError) -> Sent
    {
        Sent(try await sealer.seal(payload, to: recipient, id: id))
    }

    /// Why nothing can be sealed; `nil` if it can.
    func sealError(_ payload: [Element] = [body("Hello")], to recipient: Address = carolJID) async -> SealError? {
        do throws(SealError) {
            _ = try await seal(payload, to: recipient)
            return nil
        } catch {
            return error
        }
    }

    /// A message as it goes out.
    struct Sent {
        let stanza: Element
        let encrypted: Element?
        init(_ message: SealedMessage) {
            stanza = OutboundStanza.sealed(message).element()
            encrypted = stanza.first("encrypted", Namespace.gatewayRelay)
        }
        var ciphertext: [UInt8] { Array(Data(base64Encoded: encrypted?.text ?? "") ?? Data()) }
    }

    /// The mail as Carol reads it, and who signed it.
    func carolReads(_ sent: Sent) async throws -> (mail: ReadMail, text: String, signers: [Fingerprint]) {
        let opened = try await people.open(sent.ciphertext)
        let signers = opened.signatures.filter { $0.verdict == .good }.compactMap(\.primary)
        return (try MailReader().read(opened.plaintext), String(decoding: opened.plaintext, as: UTF8.self), signers)
    }

    // MARK: receiving

    /// A mail of Carol to the bot, with header fields and a text, all well unless something else is given.
    func mail(
        from: String? = "Carol <carol@example.org>",
        to: String? = "Bot <\(botMail)>",
        date: Int64? = nil,
        text: String = "Hello bot",
        _ extra: String...
    ) -> String {
        var lines = extra
        if let from { lines.append("From: \(from)") }
        if let to { lines.append("To: \(to)") }
        lines.append("Date: \(Self.date(date ?? clock.now))")
        lines += ["Subject: A question", "Message-ID: <q1@example.org>", "MIME-Version: 1.0"]
        lines += ["Content-Type: text/plain; charset=utf-8", "", text, ""]
        return lines.joined(separator: "\r\n")
    }

    static func date(_ seconds: Int64) -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
        return format.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
    }

    /// Carol's mail, signed and encrypted in one (RFC 3156 § 6.2).
    func sealed(_ mail: String? = nil, by signer: Fingerprint? = nil, at time: Int64? = nil) async throws -> [UInt8] {
        try await people.seal(mail ?? self.mail(), by: signer ?? people.carol, to: people.bot, at: time)
    }

    func receive(_ message: Message, received: Int64? = nil) async -> Result<OpenedMessage, OpenRefusal> {
        switch opener.examine(message, isAllowed: true) {
        case .nothing: return .failure(OpenRefusal(.envelope, "nothing to open"))
        case .refused(let refusal): return .failure(refusal)
        case .sealed(let envelope):
            do throws(OpenRefusal) {
                return .success(try await opener.open(envelope, received: received ?? clock.now))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Expects a message to be refused for a reason, or to be read (`nil`).
    func expect(
        _ reason: RefusalReason?,
        _ message: Message,
        received: Int64? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let result = await receive(message, received: received)
        var refusal: OpenRefusal?
        if case .failure(let found) = result { refusal = found }
        #expect(refusal?.reason == reason, "\(refusal.map(String.init(describing:)) ?? "it was read")", sourceLocation: sourceLocation)
    }
}

func body(_ text: String) -> Element { Element("body", Namespace.client, text: text) }

/// `<encrypted/>` as a gateway brings it.
func relayed(
    _ ciphertext: [UInt8],
    from: Address = carolJID,
    type: String? = "normal",
    formatter: String? = MIMEFormatter.namespace,
    encrypter: String? = OpenPGPEncrypter.namespace,
    _ extra: [Element] = []
) -> Message {
    relayed(text: Data(ciphertext).base64EncodedString(), from: from, type: type, formatter: formatter, encrypter: encrypter, extra)
}

func relayed(
    text: String,
    from: Address = carolJID,
    type: String? = "normal",
    formatter: String? = MIMEFormatter.namespace,
    encrypter: String? = OpenPGPEncrypter.namespace,
    _ extra: [Element] = []
) -> Message {
    let encrypted = Element("encrypted", Namespace.gatewayRelay, ["formatter": formatter, "encrypter": encrypter], text: text)
    return message(from: from, type: type, [encrypted] + extra)
}

func message(from: Address = carolJID, type: String? = "normal", _ children: [Element]) -> Message {
    let attributes: [String: String?] = ["from": from.description, "to": "bot@ox.test", "type": type, "id": "m1"]
    let element = Element("message", Namespace.client, attributes, children)
    guard let message = Message(element, account: botJID) else { fatalError("no message: \(element.serialized())") }
    return message
}
