import Foundation
import Testing

@testable import XMPP

@Suite struct SCRAMTests {
    static func exchange(
        _ hash: SCRAMHash,
        _ binding: SCRAM.Binding = .unused,
        user: String = "user",
        nonce: String = "CLIENT",
        offer: SASLOffer = SASLOffer(mechanisms: ["SCRAM-SHA-1"]),
        needsProof: Bool = false
    ) -> SCRAM {
        SCRAM(hash, binding, user: user, password: Password("pencil"), nonce: nonce, offer: offer, needsProof: needsProof)
    }

    @Test func vectorOfRFC5802() throws {
        var scram = Self.exchange(.sha1, nonce: "fyko+d2lbbFgONRv9qkxdawL")
        #expect(scram.first == "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL")
        let request = try scram.receive(first: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")
        let final = try scram.final(request.derive())
        #expect(final == "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
        #expect(!scram.isDone)
        try scram.receive(final: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")
        #expect(scram.isDone)
    }

    @Test func vectorOfRFC7677() throws {
        var scram = Self.exchange(.sha256, nonce: "rOprNGfwEbeRWgbNEkqO")
        let serverFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
        let final = try scram.final(try scram.receive(first: serverFirst).derive())
        #expect(
            final == "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        )
        try scram.receive(final: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
        #expect(scram.isDone)
    }

    @Test(arguments: SCRAMHash.allCases, [SCRAM.Binding.unused, .notOffered, .used(ChannelBinding(.exporter, Array(0..<32)))])
    func agreesWithAServer(_ hash: SCRAMHash, _ binding: SCRAM.Binding) throws {
        var server = ScramServer(hash)
        var scram = Self.exchange(hash, binding)
        let final = try scram.final(try scram.receive(first: server.first(answering: scram.first)).derive())
        let bytes = if case .used(let binding) = binding { binding.bytes } else { [UInt8]() }
        let answer = try #require(server.final(answering: final, boundTo: bytes))
        try scram.receive(final: answer)
        #expect(scram.isDone)
    }

    @Test func headersAndNames() {
        let binding = SCRAM.Binding.used(ChannelBinding(.serverEndPoint, [1]))
        #expect(Self.exchange(.sha256, binding).first == "p=tls-server-end-point,,n=user,r=CLIENT")
        #expect(Self.exchange(.sha256, binding).mechanism == "SCRAM-SHA-256-PLUS")
        #expect(Self.exchange(.sha512, .notOffered).first == "y,,n=user,r=CLIENT")
        #expect(Self.exchange(.sha512, .notOffered).mechanism == "SCRAM-SHA-512")
        #expect(Self.exchange(.sha1, user: "a=b,c").first == "n,,n=a=3Db=2Cc,r=CLIENT")
    }

    @Test(arguments: [
        "", "r", "r=CLIENT", "r=CLIENTX,s=QSXCR+Q6sek8bf92", "s=QSXCR+Q6sek8bf92,r=CLIENTX,i=4096", "r=CLIENTX,i=4096,s=QSXCR+Q6sek8bf92",
        // The server's nonce must be longer than ours, and start with it.
        "r=CLIENT,s=QSXCR+Q6sek8bf92,i=4096", "r=CLIEN,s=QSXCR+Q6sek8bf92,i=4096", "r=XCLIENT,s=QSXCR+Q6sek8bf92,i=4096",
        "r=CLIENTX,s=,i=4096", "r=CLIENTX,s=?,i=4096", "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=", "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=+4096",
        "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=4096x", "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=99999999999999999999999999",
        // RFC 5802 § 5.1: a mandatory extension that isn't understood ends the exchange.
        "m=thing,r=CLIENTX,s=QSXCR+Q6sek8bf92,i=4096", "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=4096,=",
        "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=4096," + String(repeating: "x=1,", count: 3_000) + "y=2",
    ])
    func refusesMalformedFirstMessages(_ message: String) {
        var scram = Self.exchange(.sha1)
        #expect { try scram.receive(first: message) } throws: {
            if case .malformed = $0 as? SCRAM.Failure { true } else { false }
        }
    }

    @Test(
        "R13: 4,096 to 1,000,000 rounds",
        arguments: [(0, false), (1, false), (4_095, false), (4_096, true), (1_000_000, true), (1_000_001, false)]
    )
    func iterations(_ count: Int, _ isTaken: Bool) {
        var scram = Self.exchange(.sha1)
        let message = "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=\(count)"
        if isTaken {
            #expect(throws: Never.self) { try scram.receive(first: message) }
        } else {
            #expect(throws: SCRAM.Failure.iterations(count)) { try scram.receive(first: message) }
        }
    }

    @Test(arguments: [
        ("v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=", SCRAM.Failure.serverUnproven), ("v=AAAA", .serverUnproven), ("v=", .serverUnproven),
        ("e=invalid-proof", .refused("invalid-proof")),
    ])
    func refusesAServerThatDoesNotKnowTheKeys(_ message: String, _ failure: SCRAM.Failure) throws {
        var scram = Self.exchange(.sha1)
        _ = try scram.final(try scram.receive(first: "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=4096").derive())
        #expect(throws: failure) { try scram.receive(final: message) }
        #expect(!scram.isDone)
    }

    @Test(arguments: ["", "x=1", "x=1,v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "v=?"])
    func refusesFinalMessagesWithoutSignature(_ message: String) throws {
        var scram = Self.exchange(.sha1)
        _ = try scram.final(try scram.receive(first: "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=4096").derive())
        #expect(throws: SCRAM.Failure.self) { try scram.receive(final: message) }
        #expect(!scram.isDone)
    }

    @Test func refusesTheWrongOrder() throws {
        let first = "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=4096"
        var other = Self.exchange(.sha1)
        let keys = try other.receive(first: first).derive()
        #expect(throws: SCRAM.Failure.self) { try other.receive(first: first) }

        var scram = Self.exchange(.sha1)
        #expect(throws: SCRAM.Failure.self) { try scram.final(keys) }
        #expect(throws: SCRAM.Failure.self) { try scram.receive(final: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=") }
        _ = try scram.receive(first: first)
        #expect(throws: SCRAM.Failure.self) { try scram.receive(final: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=") }
    }

    @Test("XEP-0474: the example's hash") func downgradeProof() throws {
        let offer = SASLOffer(
            mechanisms: ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"],
            bindings: ["tls-server-end-point", "tls-exporter"]
        )
        let nonce = "12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6"
        let first = "r=\(nonce)a09117a6-ac50-4f2f-93f1-93799c2bddf6,s=QSXCR+Q6sek8bf92,i=4096,h=G6k/rBLDqgOhRRaCuuatSDFkJ08="
        var scram = Self.exchange(.sha1, nonce: nonce, offer: offer, needsProof: true)
        #expect(throws: Never.self) { try scram.receive(first: first) }
        #expect(scram.offerProven)

        // Somebody took a type, a mechanism, or the whole list away, or put something in.
        for changed in [
            SASLOffer(mechanisms: offer.mechanisms, bindings: ["tls-server-end-point"]),
            SASLOffer(mechanisms: ["SCRAM-SHA-1"], bindings: offer.bindings),
            SASLOffer(mechanisms: offer.mechanisms, bindings: nil),
            SASLOffer(mechanisms: offer.mechanisms + ["PLAIN"], bindings: offer.bindings),
        ] {
            var scram = Self.exchange(.sha1, nonce: nonce, offer: changed)
            #expect(throws: SCRAM.Failure.downgraded) { try scram.receive(first: first) }
        }
    }

    @Test func proofThatIsNeededAndMissing() throws {
        var scram = Self.exchange(.sha1, needsProof: true)
        #expect(throws: SCRAM.Failure.unproven) { try scram.receive(first: "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=4096") }
    }

    @Test func keysAreReusedOnlyForTheSameSalt() throws {
        var scram = Self.exchange(.sha1)
        let request = try scram.receive(first: "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=4096")
        let keys = try request.derive()
        #expect(keys.answer(request))
        for first in ["r=CLIENTX,s=QSXCR+Q6sek8bf93,i=4096", "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=4097"] {
            var scram = Self.exchange(.sha1)
            #expect(try !keys.answer(scram.receive(first: first)))
        }
    }

    @Test func secretsDoNotShow() throws {
        var scram = Self.exchange(.sha1)
        let request = try scram.receive(first: "r=CLIENTX,s=QSXCR+Q6sek8bf92,i=4096")
        let keys = try request.derive()
        for value in [Password("pencil"), request, keys] as [any Sendable] {
            var dumped = ""
            dump(value, to: &dumped)
            let shown = "\(value)" + String(reflecting: value) + dumped
            #expect(!shown.contains("pencil"))
            #expect(!shown.contains("\(keys.clientKey[0]), \(keys.clientKey[1])"))
        }
    }
}
