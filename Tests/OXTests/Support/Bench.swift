import Foundation
import Logging
import OX
import OpenPGP
import Synchronization
import TestSupport
import Testing
import XML
import XMPP

func jid(_ text: String) -> Address {
    guard let address = Address(text) else { fatalError("\(text) is no JID") }
    return address
}

let botJID = jid("bot@ox.test")
let aliceJID = jid("alice@ox.test")
let bobJID = jid("bob@ox.test")
let malloryJID = jid("mallory@ox.test")
let carolJID = jid("carol@ox.test")

/// The people of the tests, made once: their keys are GnuPG's, in one home; the bot has a home of its own.
struct Cast: Sendable {
    let forge: Forge
    let alice: Fingerprint
    let bob: Fingerprint
    let mallory: Fingerprint
    let bot: Fingerprint
    /// A GnuPG home that holds only the bot's key; every test works on a copy.
    let botHome: String

    private static let made = Task { try await Cast() }
    static func assembled() async throws -> Cast { try await made.value }

    private init() async throws {
        forge = try Forge()
        try await forge.start()
        alice = try await forge.key("xmpp:alice@ox.test")
        bob = try await forge.key("xmpp:bob@ox.test")
        mallory = try await forge.key("xmpp:mallory@ox.test")
        botHome = try Scratch.folder() + "/home"
        let engine = try await GPGMEEngine(home: botHome, logger: silent)
        bot = try await engine.generateKey(userID: "xmpp:bot@ox.test")
        try await forge.add(try await engine.export(bot, userID: "xmpp:bot@ox.test"))
        await engine.close()
    }
}

let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// One bot with everything around it, in a state of its own.
struct Bench: Sendable {
    let cast: Cast
    let engine: GPGMEEngine
    let server = TestServer()
    let pins: MemoryPins
    let clock: TestClock
    let events = Recorder<KeyEvent>()
    let directory: KeyDirectory
    let opener: Opener
    let sealer: Sealer
    var forge: Forge { cast.forge }

    /// Runs a test on a bench of its own.
    static func use(
        policy: TrustPolicy = .tofu,
        rule: UserIDRule = .xmpp,
        padding: Padding = .random,
        birth: Int64 = 0,
        _ body: (Bench) async throws -> Void
    ) async throws {
        let bench = try await Bench(policy: policy, rule: rule, padding: padding, birth: birth)
        do {
            try await body(bench)
            await bench.engine.close()
        } catch {
            await bench.engine.close()
            throw error
        }
    }

    private init(policy: TrustPolicy, rule: UserIDRule, padding: Padding, birth: Int64) async throws {
        cast = try await Cast.assembled()
        let home = try Scratch.folder() + "/h"
        try FileManager.default.copyItem(atPath: cast.botHome, toPath: home)
        engine = try await GPGMEEngine(home: home, logger: silent)
        pins = MemoryPins()
        try await pins.setOwnKey(cast.bot, account: botJID)
        clock = TestClock(Int64(Date().timeIntervalSince1970))
        directory = Self.directory(engine, server, pins, policy, rule, clock, events)
        opener = Opener(engine: engine, directory: directory, age: AgeCheck(birth: birth))
        let clock = clock
        sealer = Sealer(engine: engine, directory: directory, padding: padding, clock: { clock.now })
    }

    /// The same bot after a restart, perhaps with another policy.
    func restarted(policy: TrustPolicy) -> (directory: KeyDirectory, opener: Opener) {
        let directory = Self.directory(engine, server, pins, policy, .xmpp, clock, events)
        return (directory, Opener(engine: engine, directory: directory, age: AgeCheck(birth: 0)))
    }

    private static func directory(
        _ engine: GPGMEEngine,
        _ server: TestServer,
        _ pins: MemoryPins,
        _ policy: TrustPolicy,
        _ rule: UserIDRule,
        _ clock: TestClock,
        _ events: Recorder<KeyEvent>
    ) -> KeyDirectory {
        KeyDirectory(
            account: botJID,
            engine: engine,
            session: server.session(botJID),
            pins: pins,
            policy: policy,
            rule: rule,
            clock: { clock.now },
            events: { events.record($0) }
        )
    }

    // MARK: what peers do

    /// A peer announces keys.
    func publish(_ keys: Fingerprint..., by peer: Address, dated: String = "2026-01-01T00:00:00Z") async throws {
        for key in keys { server.put(pubkey(try await forge.export(key)), on: dataNode(key), of: peer) }
        publishList(keys.map { ($0.hex, dated) }, by: peer)
    }

    func publishList(_ entries: [(fingerprint: String, date: String?)], by peer: Address) {
        let children = entries.map { Element("pubkey-metadata", Namespace.openPGP, ["v4-fingerprint": $0.fingerprint, "date": $0.date]) }
        server.put(Element("public-keys-list", Namespace.openPGP, [:], children), on: listNode, of: peer)
    }

    /// A content element as peers write it.
    func content(
        to: [String] = ["bot@ox.test"],
        time: Int64? = nil,
        stamp: String? = nil,
        payload: String = "<body xmlns='jabber:client'>Hello</body>"
    ) -> String {
        let addressees = to.map { "<to jid='\($0)'/>" }.joined()
        let stamp = stamp ?? DateTime.text(time ?? clock.now)
        return
            "<signcrypt xmlns='urn:xmpp:openpgp:0'>\(addressees)<time stamp='\(stamp)'/><rpad>abc</rpad><payload>\(payload)</payload></signcrypt>"
    }

    /// A message of Alice to the bot, all well; or what is given instead.
    ///
    /// It is signed at the time at which the bench's clock began, however long the machine takes.
    func sealed(_ text: String? = nil, by signers: [Fingerprint]? = nil, to recipients: [Fingerprint]? = nil) async throws -> [UInt8] {
        try await forge.seal(
            text ?? content(),
            by: (signers ?? [cast.alice]).map(\.hex),
            to: recipients ?? [cast.bot],
            at: clock.start
        )
    }

    /// What a recipient reads of a message of ours.
    func decrypted(_ message: SealedMessage) async throws -> String {
        switch message.envelope {
        case .openPGP(let base64): return try await forge.open(Array(Data(base64Encoded: base64) ?? Data()))
        case .gateway: throw Forge.Failure(description: "a message for a gateway")
        }
    }

    // MARK: what the bot does

    /// Why nothing can be sealed for a peer; `nil` if it can.
    func sealError(_ peer: Address) async -> SealError? {
        do throws(SealError) {
            _ = try await sealer.seal([body("x")], to: peer, id: "1")
            return nil
        } catch {
            return error
        }
    }

    /// Examines and opens a message as an account does.
    func receive(_ message: Message, received: Int64? = nil, opener: Opener? = nil) async -> Result<OpenedMessage, OpenRefusal> {
        let opener = opener ?? self.opener
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
        _ sealed: [UInt8],
        from: Address = aliceJID,
        received: Int64? = nil,
        opener: Opener? = nil,
        _ extra: [Element] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let refusal = await receive(stanza(sealed, from: from, extra), received: received, opener: opener).refusal
        #expect(refusal?.reason == reason, "\(refusal.map(String.init(describing:)) ?? "it was read")", sourceLocation: sourceLocation)
    }

    /// The texts of the bodies of a message that must be readable.
    func bodies(_ sealed: [UInt8], from: Address = aliceJID, received: Int64? = nil, _ extra: [Element] = []) async throws -> [String] {
        let opened = try await receive(stanza(sealed, from: from, extra), received: received).get()
        return opened.payload.filter { $0.is("body", Namespace.client) }.map(\.text)
    }
}

extension Result {
    var refusal: Failure? { if case .failure(let error) = self { error } else { nil } }
}

let listNode = "urn:xmpp:openpgp:0:public-keys"
func dataNode(_ fingerprint: Fingerprint) -> String { listNode + ":" + fingerprint.hex }

func pubkey(_ material: [UInt8]) -> Element { pubkey(text: Data(material).base64EncodedString()) }
func pubkey(text: String) -> Element {
    Element("pubkey", Namespace.openPGP, [:], [Element("data", Namespace.openPGP, text: text)])
}

/// A message with `<openpgp/>` as it comes down the bot's stream.
func stanza(_ sealed: [UInt8], from: Address = aliceJID, type: String? = "chat", _ extra: [Element] = []) -> Message {
    stanza(text: Data(sealed).base64EncodedString(), from: from, type: type, extra)
}

func stanza(text: String, from: Address = aliceJID, to: String? = "bot@ox.test", type: String? = "chat", _ extra: [Element] = []) -> Message
{
    message(from: from.description, to: to, type: type, [Element("openpgp", Namespace.openPGP, text: text)] + extra)
}

func message(from: String?, to: String? = "bot@ox.test", type: String? = "chat", _ children: [Element]) -> Message {
    let element = Element("message", Namespace.client, ["from": from, "to": to, "type": type, "id": "m1"], children)
    guard let message = Message(element, account: botJID) else { fatalError("no message: \(element.serialized())") }
    return message
}

func body(_ text: String) -> Element { Element("body", Namespace.client, text: text) }

/// A clock that a test sets.
final class TestClock: Sendable {
    /// Where it began.
    let start: Int64
    private let value: Mutex<Int64>
    init(_ now: Int64) {
        start = now
        value = Mutex(now)
    }
    var now: Int64 { value.withLock { $0 } }
    func advance(_ seconds: Int64) { value.withLock { $0 += seconds } }
}

/// What was said, in order.
final class Recorder<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    func record(_ value: Value) { values.withLock { $0.append(value) } }
    var all: [Value] { values.withLock { $0 } }
}
