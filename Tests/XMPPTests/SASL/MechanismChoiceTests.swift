import Testing

@testable import XMPP

/// R13, a case a test.
@Suite struct MechanismChoiceTests {
    static let exporter = ChannelBinding(.exporter, Array(0..<32))
    static let endPoint = ChannelBinding(.serverEndPoint, Array(0..<32))
    static let both = ["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "PLAIN"]

    private func choose(
        _ mechanisms: [String],
        _ bindings: [String]? = nil,
        available: [ChannelBinding] = [exporter, endPoint],
        pins: LoginPins = LoginPins(),
        allowPlain: Bool = false,
        avoidsUnlisted: Bool = false
    ) throws -> MechanismChoice {
        try MechanismChoice.choose(
            from: SASLOffer(mechanisms: mechanisms, bindings: bindings),
            available: available,
            pins: pins,
            allowPlain: allowPlain,
            avoidsUnlisted: avoidsUnlisted
        )
    }

    @Test func theStrongestTypeThatBothHave() throws {
        let choice = try choose(Self.both, ["tls-unique", "tls-server-end-point", "tls-exporter"])
        #expect(choice == MechanismChoice(way: .scram(.sha256, .used(Self.exporter), needsProof: false)))
        let other = try choose(Self.both, ["tls-server-end-point"])
        #expect(other.way == .scram(.sha256, .used(Self.endPoint), needsProof: false))
        #expect(!other.bindingIsUnlisted)
    }

    @Test func bindingIsWorthMoreThanALongerHash() throws {
        let choice = try choose(["SCRAM-SHA-512", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], ["tls-exporter"])
        #expect(choice.way == .scram(.sha1, .used(Self.exporter), needsProof: false))
    }

    @Test func yOnlyIfNothingWasOffered() throws {
        #expect(try choose(["SCRAM-SHA-1", "SCRAM-SHA-512"]).way == .scram(.sha512, .notOffered, needsProof: false))
        // Without a binding of our own we can't say that we could.
        #expect(try choose(["SCRAM-SHA-1"], available: []).way == .scram(.sha1, .unused, needsProof: false))
        // An empty list is no offer.
        #expect(try choose(["SCRAM-SHA-1"], []).way == .scram(.sha1, .notOffered, needsProof: false))
    }

    @Test func typesWithoutAMechanismForThem() {
        #expect(throws: MechanismChoice.Refusal.self) { try choose(["SCRAM-SHA-1"], ["tls-exporter"]) }
    }

    @Test func unlistedIsTriedOnceThenLeftOutWithAWarning() throws {
        let first = try choose(Self.both)
        #expect(first == MechanismChoice(way: .scram(.sha256, .used(Self.exporter), needsProof: false), bindingIsUnlisted: true))
        let second = try choose(Self.both, avoidsUnlisted: true)
        #expect(second.way == .scram(.sha256, .unused, needsProof: false))
        #expect(second.warning != nil)
        // Where there is a list, what once failed without one plays no role.
        let listed = try choose(Self.both, ["tls-exporter"], avoidsUnlisted: true)
        #expect(listed.way == .scram(.sha256, .used(Self.exporter), needsProof: false))
    }

    @Test func listWithoutOursNeedsAProofUnlessItHasTheOneThatAllMustHave() throws {
        let short = try choose(Self.both, ["tls-unique"])
        #expect(short.way == .scram(.sha256, .unused, needsProof: true))
        #expect(try choose(Self.both, []).way == .scram(.sha256, .unused, needsProof: true))
        // An Ed25519 certificate has no tls-server-end-point, and TLS 1.2 no exporter of ours.
        let known = try choose(Self.both, ["tls-server-end-point"], available: [])
        #expect(known.way == .scram(.sha256, .unused, needsProof: false))
        #expect(known.warning != nil)
    }

    @Test func onlyPlusAndNothingInCommon() {
        #expect(throws: MechanismChoice.Refusal.self) { try choose(["SCRAM-SHA-1-PLUS"], ["tls-unique"]) }
    }

    @Test func pinnedBindingIsRequiredOrProven() throws {
        let pins = LoginPins(scram: true, channelBinding: true)
        #expect(try choose(["SCRAM-SHA-1"], pins: pins).way == .scram(.sha1, .notOffered, needsProof: true))
        #expect(try choose(Self.both, pins: pins, avoidsUnlisted: true).way == .scram(.sha256, .unused, needsProof: true))
        #expect(
            try choose(Self.both, ["tls-server-end-point"], available: [], pins: pins).way == .scram(.sha256, .unused, needsProof: true)
        )
        #expect(try choose(Self.both, ["tls-exporter"], pins: pins).way == .scram(.sha256, .used(Self.exporter), needsProof: false))
    }

    @Test func plainOnlyIfAllowedAndNeverAfterSCRAM() throws {
        #expect(throws: MechanismChoice.Refusal.self) { try choose(["PLAIN"]) }
        #expect(try choose(["PLAIN"], allowPlain: true).way == .plain)
        #expect(throws: MechanismChoice.Refusal.self) { try choose(["PLAIN"], pins: LoginPins(scram: true), allowPlain: true) }
        #expect(throws: MechanismChoice.Refusal.self) { try choose(["PLAIN"], pins: LoginPins(channelBinding: true), allowPlain: true) }
        #expect(try choose(["PLAIN", "SCRAM-SHA-1"], allowPlain: true).way == .scram(.sha1, .notOffered, needsProof: false))
    }

    @Test(arguments: [[], ["DIGEST-MD5", "CRAM-MD5", "EXTERNAL", "scram-sha-1", "SCRAM-SHA-3-512"]])
    func nothingThatWeHave(_ mechanisms: [String]) {
        #expect(throws: MechanismChoice.Refusal.self) { try choose(mechanisms, allowPlain: true) }
    }
}
