import OpenPGP
import Testing
import XMPP

@testable import OX

/// R20: what several sources say about the keys of somebody behind a gateway.
@Suite("Sources of keys behind gateways") struct VouchBookTests {
    private let peer = jid("carol\\40example.org@mail.test")
    private let one = Fingerprint(String(repeating: "1", count: 40))
    private let two = Fingerprint(String(repeating: "2", count: 40))

    private func keys() throws -> (Fingerprint, Fingerprint) { (try #require(one), try #require(two)) }

    private func reading(_ source: Pin.Source, _ keys: Fingerprint...) -> VouchBook.Reading { .init(source: source, keys: keys) }

    /// Reads, with all wanted keys acceptable.
    @discardableResult
    private func read(_ book: inout VouchBook, _ readings: VouchBook.Reading...) -> [KeyEvent.Kind] {
        let findings = Dictionary(uniqueKeysWithValues: book.wanted(of: readings).map { ($0, PinBook.Finding.current) })
        return book.read(readings, findings: findings, at: 7).map(\.kind)
    }

    private func book(_ policy: TrustPolicy = .tofu, _ pins: Pin...) -> VouchBook {
        VouchBook(PeerKeys(pins: pins), peer: peer, policy: policy)
    }

    private func pin(_ key: Fingerprint, _ source: Pin.Source) -> Pin { pin(key, .trusted, source) }

    private func pin(_ key: Fingerprint, _ standing: Pin.Standing, _ source: Pin.Source) -> Pin {
        Pin(fingerprint: key, standing: standing, source: source, firstSeen: 1, announced: true)
    }

    @Test("First sight: one source is followed, agreement takes the best, disagreement is held")
    func firstSight() throws {
        let (a, b) = try keys()
        var alone = book()
        #expect(read(&alone, reading(.gatewayVouched, a, b)) == [.pinned])
        #expect(alone.keys.pins.map(\.standing) == [.trusted, .trusted] && alone.keys.pins.allSatisfy { $0.source == .gatewayVouched })
        var agreed = book()
        read(&agreed, reading(.webKeyDirectory, a), reading(.gatewayVouched, a))
        #expect(
            agreed.keys.pins
                == [pin(a, .trusted, .webKeyDirectory)].map {
                    var pin = $0; pin.firstSeen = 7; return pin
                }
        )
        var more = book()
        #expect(read(&more, reading(.webKeyDirectory, a), reading(.gatewayVouched, a, b)) == [.pinned, .held])
        #expect(more.keys.pins.map(\.standing) == [.trusted, .held])
        var apart = book()
        #expect(read(&apart, reading(.webKeyDirectory, a), reading(.gatewayVouched, b)) == [.held])
        #expect(apart.keys.pins.map(\.standing) == [.held, .held])
        #expect(read(&apart, reading(.webKeyDirectory, a), reading(.gatewayVouched, b)) == [], "told once")
    }

    @Test("Later, a better source confirms a key or holds it; a lesser one can do neither")
    func later() throws {
        let (a, b) = try keys()
        var confirmed = book(.tofu, pin(a, .gatewayVouched))
        #expect(read(&confirmed, reading(.webKeyDirectory, a), reading(.gatewayVouched, a)) == [])
        #expect(confirmed.keys.pins.map(\.source) == [.webKeyDirectory])
        var denied = book(.tofu, pin(a, .gatewayVouched))
        #expect(read(&denied, reading(.webKeyDirectory, b), reading(.gatewayVouched, a)).contains(.held))
        #expect(denied.keys.pins.map(\.standing) == [.held, .held])
        var attacked = book(.tofu, pin(a, .webKeyDirectory))
        #expect(read(&attacked, reading(.gatewayVouched, b)) == [.held])
        #expect(attacked.keys.pins.map(\.standing) == [.trusted, .held] && attacked.keys.pins[0].announced)
    }

    @Test("A source that names a key no more: nothing is encrypted to it; other sources' silence says nothing")
    func gone() throws {
        let (a, b) = try keys()
        var withdrawn = book(.tofu, pin(a, .gatewayVouched), pin(b, .gatewayVouched))
        #expect(read(&withdrawn, reading(.gatewayVouched, b)) == [.gone])
        #expect(withdrawn.keys.pins.map(\.announced) == [false, true])
        var silent = book(.tofu, pin(a, .webKeyDirectory))
        #expect(read(&silent, reading(.gatewayVouched, a)) == [])
        #expect(silent.keys.pins.map(\.announced) == [true] && silent.keys.pins.map(\.source) == [.webKeyDirectory])
    }

    @Test("What the configuration or the operator has said isn't changed by any source")
    func decided() throws {
        let (a, b) = try keys()
        for source in [Pin.Source.operatorSaid, .configuration] {
            var book = book(.tofu, pin(a, source))
            #expect(read(&book, reading(.webKeyDirectory, b), reading(.gatewayVouched, b)) == [.held])
            #expect(book.keys.pins.map(\.standing) == [.trusted, .held] && book.keys.pins.map(\.announced) == [true, true])
        }
        var refused = book(.tofu, pin(a, .refused, .operatorSaid))
        read(&refused, reading(.gatewayVouched, a))
        #expect(refused.keys.pins.map(\.standing) == [.refused])
    }

    @Test("pinned: the named fingerprints and no other")
    func pinned() throws {
        let (a, b) = try keys()
        var book = book(.pinned([peer: [a]]))
        #expect(book.wanted(of: [reading(.gatewayVouched, a, b)]) == [a])
        #expect(read(&book, reading(.gatewayVouched, a, b)) == [.pinned, .held])
        #expect(book.keys.pins.map(\.standing) == [.trusted, .held] && book.keys.pins.map(\.source) == [.configuration, .gatewayVouched])
    }

    @Test("blind follows, and still shows who vouched")
    func blind() throws {
        let (a, b) = try keys()
        var book = book(.blind)
        read(&book, reading(.gatewayVouched, a))
        read(&book, reading(.gatewayVouched, b))
        #expect(book.keys.pins.map(\.standing) == [.trusted, .trusted] && book.keys.pins.map(\.announced) == [false, true])
        #expect(book.keys.pins.allSatisfy { $0.source == .gatewayVouched })
    }

    @Test("R27: a key learnt from mail replaces nothing, and is held where another is known")
    func autocrypt() throws {
        let (a, b) = try keys()
        var known = book(.tofu, pin(a, .gatewayVouched))
        #expect(known.learn(a, at: 7) == [])
        #expect(known.learn(b, at: 7).map(\.kind) == [.held])
        #expect(known.keys.pins.map(\.standing) == [.trusted, .held])
        var new = book()
        #expect(new.learn(a, at: 7).map(\.kind) == [.pinned])
        #expect(
            new.keys.pins
                == [pin(a, .trusted, .autocrypt)].map {
                    var pin = $0; pin.firstSeen = 7; return pin
                }
        )
        var pinned = book(.pinned([:]))
        #expect(pinned.learn(a, at: 7) == [] && pinned.keys.pins.isEmpty)
    }

    @Test("A key that has become unacceptable is held, whoever named it")
    func spoiled() throws {
        let (a, _) = try keys()
        var book = book(.tofu, pin(a, .webKeyDirectory))
        let events = book.read([reading(.webKeyDirectory, a)], findings: [a: .spoiled("revoked")], at: 7)
        #expect(events.map(\.kind) == [.spoiled] && book.keys.pins.map(\.standing) == [.held])
    }
}
