import Delivery
import GRE
import Logging
import OX
import OpenPGP
import XMPP
import XMPPNIO
import YAMLConfiguration

/// What an account seals and opens with: its keyring, its knowledge of others' keys, and the announcement of its own.
struct Cryptography: Sendable {
    let engine: GPGMEEngine
    let directory: KeyDirectory
    let announcer: Announcer
    /// Seals, whoever the recipient is.
    let sealers: Sealers
    /// Opens, whoever the sender is.
    let openers: Openers
    /// What the account needs for its gateways; `nil` without any.
    let gateways: AccountGateways?
    /// What the directory has to say to people.
    let keyEvents: AsyncStream<KeyEvent>

    /// Opens the account's keyring and brings the configuration's own pins into the store.
    ///
    /// - Parameter acceptsUnsigned: Whether a handler of the account takes what nobody has signed.
    init(settings: AccountSettings, session: any Session, house: House, logger: Logger, acceptsUnsigned: Bool = false) async throws {
        let secret = settings.keyring.passphrase
        let environment = house.environment
        let passphrase = secret.map { secret in
            PassphraseSource { SecretBytes(Array(try await secret.resolve(environment: environment).utf8)) }
        }
        if let spare = house.spares.take(home: settings.keyring.home) {
            engine = spare
        } else {
            engine = try await GPGMEEngine(home: settings.keyring.home, passphrase: passphrase, logger: logger)
        }
        let accepted = AccountGateways.accepted(settings, acceptsUnsigned: acceptsUnsigned)
        let asking = Set(settings.gateways.filter(\.webKeyDirectory).map(\.jid))
        let (events, tell) = AsyncStream<KeyEvent>.makeStream(bufferingPolicy: .bufferingNewest(256))
        keyEvents = events
        directory = KeyDirectory(
            account: settings.jid,
            engine: engine,
            session: session,
            pins: house.memories.pins,
            policy: settings.policy,
            gateways: Dictionary(
                accepted.map { ($0.domain, $0.keys(webKeys: asking.contains($0.domain) ? house.webKeys : nil)) },
                uniquingKeysWith: { $1 }
            ),
            clock: house.now,
            events: { tell.yield($0) }
        )
        announcer = Announcer(engine: engine, session: session, pins: house.memories.pins, clock: house.now)
        // The store says exactly what counts: a new one makes itself older than it is, one that was restored doesn't.
        let birth = try await house.memories.store.birth()
        let age = AgeCheck(birth: birth, maxAge: settings.maxAge.components.seconds, birthTolerance: 0)
        gateways =
            accepted.isEmpty
            ? nil : AccountGateways(accepted, engine: engine, keys: directory, age: age, session: session, house: house)
        sealers = Sealers(direct: Sealer(engine: engine, directory: directory, clock: house.now), gateways: gateways)
        openers = Openers(direct: Opener(engine: engine, directory: directory, age: age), gateways: gateways)
        if settings.trust == .tofu { try await Self.pinConfigured(settings, house) }
        if settings.trust == .blind {
            logger.warning("trust: blind believes whatever key the server shows; use it for demonstrations only")
        }
    }

    /// Under `tofu`, what the configuration names counts from the start, so that a server has no first sight to forge.
    private static func pinConfigured(_ settings: AccountSettings, _ house: House) async throws {
        for (peer, fingerprints) in settings.keys {
            var known = try await house.memories.pins.peerKeys(account: settings.jid, peer: peer)
            var isChanged = false
            for fingerprint in fingerprints.sorted() {
                if let index = known.pins.firstIndex(where: { $0.fingerprint == fingerprint }) {
                    guard known.pins[index].source != .configuration || known.pins[index].standing != .trusted else { continue }
                    known.pins[index].standing = .trusted
                    known.pins[index].source = .configuration
                } else {
                    known.pins.append(
                        Pin(fingerprint: fingerprint, standing: .trusted, source: .configuration, firstSeen: house.now(), announced: false)
                    )
                }
                isChanged = true
            }
            if isChanged { try await house.memories.pins.setPeerKeys(known, account: settings.jid, peer: peer) }
        }
    }
}
