import OpenPGP
import Testing
import XMPP

@testable import OX

/// What readings of lists do to pins, as transcripts.
@Suite("Pins")
struct PinBookTests {
    private let a = fingerprint("A")
    private let b = fingerprint("B")
    private let c = fingerprint("C")

    private static func fingerprint(_ digit: Character) -> Fingerprint {
        guard let fingerprint = Fingerprint(String(repeating: digit, count: 40)) else { fatalError("\(digit) is no digit") }
        return fingerprint
    }
    private func entries(_ keys: [Fingerprint]) -> [PublicKeysList.Entry] {
        keys.map { PublicKeysList.Entry(fingerprint: $0, spelling: $0.hex, date: nil) }
    }
    private func kinds(_ events: [KeyEvent]) -> [KeyEvent.Kind] { events.map(\.kind) }
    private func trusted(_ book: PinBook) -> [Fingerprint] {
        book.keys.pins.filter { book.policy.trusts($0, of: book.peer) && $0.announced }.map(\.fingerprint)
    }
    /// Reads a list in which all wanted keys are fine.
    private func read(_ book: inout PinBook, _ keys: [Fingerprint], _ now: Int64 = 100) -> [KeyEvent] {
        let findings = Dictionary(uniqueKeysWithValues: book.wanted(of: entries(keys)).map { ($0.fingerprint, PinBook.Finding.current) })
        return book.read(entries(keys), findings: findings, at: now)
    }

    @Test("tofu: all keys of the first list are pinned") func firstSight() {
        var book = PinBook(PeerKeys(), peer: aliceJID, policy: .tofu)
        #expect(book.wanted(of: entries([a, b])).count == 2)
        #expect(kinds(read(&book, [a, b])) == [.pinned])
        #expect(trusted(book) == [a, b])
        #expect(book.keys.pins.allSatisfy { $0.source == .firstSight && $0.firstSeen == 100 })
        #expect(book.keys.lastRead == 100)
    }

    @Test("tofu: what fails a check at first sight is not pinned, and first sight is still to come") func failedFirstSight() {
        var book = PinBook(PeerKeys(), peer: aliceJID, policy: .tofu)
        #expect(book.read(entries([a]), findings: [a: .failed("x")], at: 1).isEmpty)
        #expect(book.keys.pins.isEmpty)
        #expect(kinds(read(&book, [b])) == [.pinned])
    }

    @Test("A19 a key added to the list is held, and sending goes on to the others") func added() {
        var book = PinBook(PeerKeys(), peer: aliceJID, policy: .tofu)
        _ = read(&book, [a])
        #expect(book.wanted(of: entries([a, b])).map(\.fingerprint) == [a], "a key that is going to be held isn't even fetched")
        #expect(kinds(read(&book, [b, a])) == [.held])
        #expect(trusted(book) == [a])
        #expect(kinds(read(&book, [b, a])) == [], "it is said once")
    }

    @Test("A19 a key gone from the list stays pinned, and is encrypted to again when it is back") func gone() {
        var book = PinBook(PeerKeys(), peer: aliceJID, policy: .tofu)
        _ = read(&book, [a, b])
        #expect(kinds(read(&book, [b])) == [.gone])
        #expect(trusted(book) == [b])
        #expect(book.policy.trusts(book.keys.pins[0], of: aliceJID), "its signatures still count")
        #expect(kinds(read(&book, [b])) == [])
        #expect(kinds(read(&book, [a, b])) == [.back])
        #expect(trusted(book) == [a, b])
    }

    @Test("A17 A19 an emptied list, and a list with only a new key, leave nothing to encrypt to") func replaced() {
        var book = PinBook(PeerKeys(), peer: aliceJID, policy: .tofu)
        _ = read(&book, [a])
        #expect(kinds(read(&book, [])) == [.gone])
        #expect(trusted(book).isEmpty)
        #expect(kinds(read(&book, [b])) == [.held], "an emptied list is no new first sight")
        #expect(trusted(book).isEmpty)
    }

    @Test("A19 reordering changes nothing") func reordered() {
        var book = PinBook(PeerKeys(), peer: aliceJID, policy: .tofu)
        _ = read(&book, [a, b])
        let before = book.keys.pins
        #expect(read(&book, [b, a]).isEmpty && book.keys.pins == before)
    }

    @Test("a refused key stays refused under every policy", arguments: [TrustPolicy.tofu, .blind]) func refused(_ policy: TrustPolicy) {
        let pin = Pin(fingerprint: a, standing: .refused, source: .operatorSaid, firstSeen: 0, announced: true)
        var book = PinBook(PeerKeys(pins: [pin]), peer: aliceJID, policy: policy)
        #expect(book.wanted(of: entries([a])).isEmpty)
        _ = book.read(entries([a]), findings: [a: .current], at: 1)
        #expect(trusted(book).isEmpty && book.keys.pins.first?.standing == .refused)
    }

    @Test("a spoiled key is held; coming back is the operator's word under tofu") func spoiled() {
        var book = PinBook(PeerKeys(), peer: aliceJID, policy: .tofu)
        _ = read(&book, [a])
        #expect(kinds(book.read(entries([a]), findings: [a: .spoiled("revoked")], at: 2)) == [.spoiled])
        #expect(trusted(book).isEmpty)
        #expect(kinds(read(&book, [a])).isEmpty && trusted(book).isEmpty)
    }

    @Test("a known key that can't be fetched stays as it was") func failedRefresh() {
        var book = PinBook(PeerKeys(), peer: aliceJID, policy: .tofu)
        _ = read(&book, [a])
        _ = book.read(entries([a]), findings: [a: .failed("gone")], at: 2)
        #expect(trusted(book) == [a])
    }

    @Test("pinned: only what the configuration names, also for keys that were held or pinned before") func pinned() {
        var first = PinBook(PeerKeys(), peer: aliceJID, policy: .tofu)
        _ = read(&first, [a])
        _ = read(&first, [a, b])
        var book = PinBook(first.keys, peer: aliceJID, policy: .pinned([aliceJID: [b], bobJID: [c]]))
        #expect(trusted(book).isEmpty)
        #expect(book.wanted(of: entries([a, b, c])).map(\.fingerprint) == [b])
        _ = read(&book, [a, b, c])
        #expect(trusted(book) == [b])
        #expect(book.keys.pins.first { $0.fingerprint == b }?.source == .configuration)
        #expect(book.keys.pins.first { $0.fingerprint == c }?.standing == .held, "a key of Bob's is none of Alice's")
    }

    @Test("blind: follows the list; nothing of it survives a stricter policy") func blind() {
        var book = PinBook(PeerKeys(), peer: aliceJID, policy: .blind)
        _ = read(&book, [a])
        #expect(kinds(read(&book, [b])) == [.pinned, .gone])
        #expect(trusted(book) == [b])
        #expect(!book.policy.trusts(book.keys.pins[0], of: aliceJID), "what PEP no longer says doesn't count")
        _ = read(&book, [a])
        #expect(trusted(book) == [a])
        var strict = PinBook(book.keys, peer: aliceJID, policy: .tofu)
        #expect(strict.keys.pins.isEmpty)
        _ = read(&strict, [b])
        #expect(trusted(strict) == [b] && strict.keys.pins[0].source == .firstSight)
    }

    @Test("a long list is cut, but known keys are never pushed out") func long() {
        var book = PinBook(PeerKeys(), peer: aliceJID, policy: .blind)
        _ = read(&book, [a])
        let many = (0..<100).compactMap { Fingerprint(String(repeating: "0", count: 38) + String(100 + $0).suffix(2)) }
        let wanted = book.wanted(of: entries(many + [a]))
        #expect(wanted.count == 16 && wanted.first?.fingerprint == a)
    }

    @Test("pins are bounded: the oldest held key that is gone makes room, trusted ones never") func bounded() {
        var book = PinBook(PeerKeys(), peer: aliceJID, policy: .tofu)
        _ = read(&book, [a])
        for round in 0..<40 {
            let strange = (0..<10).compactMap { Fingerprint(String(repeating: "0", count: 36) + String(1000 + round * 10 + $0)) }
            _ = read(&book, [a] + strange)
        }
        #expect(book.keys.pins.count <= 64)
        #expect(trusted(book) == [a])
    }
}
