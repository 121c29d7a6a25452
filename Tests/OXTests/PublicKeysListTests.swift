import Foundation
import OpenPGP
import Testing
import XML
import XMPP

@testable import OX

@Suite("The list of keys and its items")
struct PublicKeysListTests {
    private let one = "1357B01865B2503C18453D208CAC2A9678548E35"
    private let two = "67819B343B2AB70DED9320872C6464AF2A8E4C02"

    private func fingerprint(_ text: String) throws -> Fingerprint { try #require(Fingerprint(text)) }

    private func entry(_ attributes: [String: String?], _ name: String = "pubkey-metadata", _ namespace: String = Namespace.openPGP)
        -> Element
    {
        Element(name, namespace, attributes)
    }

    private func list(_ entries: [Element]) throws -> PublicKeysList {
        try #require(PublicKeysList(Element("public-keys-list", Namespace.openPGP, [:], entries)))
    }

    @Test("T9 odd entries are skipped without the rest; attributes, cases, dates and doubles are tolerated")
    func entries() throws {
        let list = try list([
            entry(["v6-fingerprint": String(repeating: "A", count: 64), "date": "2026-01-01T00:00:00Z"]),
            entry(["v4-fingerprint": "1357B018", "date": "2026-01-01T00:00:00Z"]), entry(["v4-fingerprint": "not hexadecimal"]), entry([:]),
            entry(["v4-fingerprint": one.lowercased(), "date": "yesterday", "label": "phone"]), entry(["v4-fingerprint": two]),
            entry(["v4-fingerprint": two, "date": "2026-01-01T00:00:00Z"]), entry(["v4-fingerprint": one], "pubkey-metadata", "urn:other"),
        ])
        #expect(list.entries.map(\.fingerprint) == [try fingerprint(one), try fingerprint(two)])
        #expect(list.entries.map(\.spelling) == [one.lowercased(), two])
        #expect(list.entries.map(\.date) == ["yesterday", "2026-01-01T00:00:00Z"])
    }

    @Test("what is no list") func noList() {
        #expect(PublicKeysList(Element("public-keys-list", "urn:xmpp:openpgp:1")) == nil)
        #expect(PublicKeysList(Element("pubkey", Namespace.openPGP)) == nil)
    }

    @Test("a list of ten thousand entries is not read to its end") func long() throws {
        let entries = (0..<10_000).map { number in
            entry(["v4-fingerprint": String(repeating: "0", count: 40 - String(number).count) + String(number)])
        }
        #expect(try list(entries).entries.count == 256)
    }

    @Test("P5 other entries stay verbatim, ours is upper-case and dated")
    func announcing() throws {
        let foreign = [
            entry(["v4-fingerprint": two.lowercased(), "date": "odd", "x": "y"]), entry(["v6-fingerprint": "AA"]),
            Element("future", "urn:f", text: "z"),
        ]
        let own = try fingerprint(one)
        let added = try #require(try list(foreign).announcing(own, now: 1_767_323_045, touched: false))
        #expect(added.element.elements == foreign + [entry(["v4-fingerprint": one, "date": "2026-01-02T03:04:05Z"])])
        #expect(added.announcing(own, now: 1_800_000_000, touched: false) == nil)
        let touched = try #require(added.announcing(own, now: 1_767_323_046, touched: true))
        #expect(touched.element.elements == foreign + [entry(["v4-fingerprint": one, "date": "2026-01-02T03:04:06Z"])])
    }

    @Test("P5 an own entry in lower case, doubled or without a date is put right")
    func repairing() throws {
        let own = try fingerprint(one)
        let right = [entry(["v4-fingerprint": one, "date": "2026-01-02T03:04:05Z"])]
        for wrong in [
            [entry(["v4-fingerprint": one.lowercased(), "date": "2026-01-01T00:00:00Z"])], [entry(["v4-fingerprint": one])],
            [entry(["v4-fingerprint": one, "date": "x"])], right + right, [],
        ] {
            #expect(try list(wrong).announcing(own, now: 1_767_323_045, touched: false)?.element.elements == right)
        }
    }

    @Test("T10 T1 items: white space, armor, no padding; E1 what we publish has none")
    func items() throws {
        let material: [UInt8] = [0x99, 1, 2, 3, 4, 5, 6]
        let base64 = Data(material).base64EncodedString()
        let armored = Data("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n\(base64)\n=AbCd\n-----END PGP PUBLIC KEY BLOCK-----\n".utf8)
        for text in [base64, "\n   \(base64)\n  ", base64.replacingOccurrences(of: "=", with: ""), armored.base64EncodedString()] {
            #expect(PublicKeyItem(pubkey(text: text))?.material == material)
        }
        let dated = Element("pubkey", Namespace.openPGP, ["date": "2026-01-01T00:00:00Z"], pubkey(material).elements)
        #expect(PublicKeyItem(dated)?.material == material)
        #expect(PublicKeyItem(material: material).element == pubkey(material))
    }

    @Test("A20 items that are too long, doubled or no base64 are refused")
    func badItems() {
        let long = [UInt8](repeating: 0x99, count: PublicKeyItem.materialLimit + 1)
        #expect(PublicKeyItem(pubkey(long)) == nil)
        #expect(PublicKeyItem(pubkey(Array(long.dropLast()))) != nil)
        for element in [
            Element("pubkey", Namespace.openPGP), pubkey(text: ""), pubkey(text: "???"), pubkey(text: "aGVsbG8="),
            Element(
                "pubkey",
                Namespace.openPGP,
                [:],
                [Element("data", Namespace.openPGP, text: "mQEC"), Element("data", Namespace.openPGP, text: "mQEC")]
            ),
            Element("pubkey", "urn:x", [:], [Element("data", Namespace.openPGP, text: "mQEC")]),
        ] {
            #expect(PublicKeyItem(element) == nil)
        }
    }

    @Test("T9 T10 of several items the newest counts: by id, by date, else the last")
    func newest() {
        func item(_ id: String?, _ payload: Element) -> PubSub.Item { PubSub.Item(id: id, payload: payload) }
        let (a, b, c) = (pubkey([0x99, 1]), pubkey([0x99, 2]), pubkey([0x99, 3]))
        #expect(PEP.newest([]) == nil)
        #expect(PEP.newest([PubSub.Item(id: "x", payload: nil)]) == nil)
        #expect(PEP.newest([item("2026-01-02T00:00:00Z", a), item("2026-01-03T00:00:00Z", b), item("2026-01-01T00:00:00Z", c)]) == b)
        #expect(PEP.newest([item("current", a), item("2026-01-03T00:00:00Z", b), item(nil, c)]) == c)
        func list(_ date: String) -> Element {
            Element("public-keys-list", Namespace.openPGP, [:], [entry(["v4-fingerprint": one, "date": date])])
        }
        #expect(
            PEP.newest([item("b", list("2026-01-05T00:00:00Z")), item("a", list("2026-01-02T00:00:00Z"))]) == list("2026-01-05T00:00:00Z")
        )
    }
}
