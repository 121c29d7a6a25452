import OX
import OpenPGP
import Synchronization
import Testing
import XMPP

/// A keyring that stops working when a test says so.
private final class BrittleEngine: OpenPGPEngine {
    private let engine: any OpenPGPEngine
    private let failure = Mutex<OpenPGPError?>(nil)
    private let keysOnly: Bool

    init(_ engine: any OpenPGPEngine, keysOnly: Bool = false) {
        self.engine = engine
        self.keysOnly = keysOnly
    }

    func fail(_ code: OpenPGPError.Code?) { failure.withLock { $0 = code.map { OpenPGPError($0, "told to fail") } } }

    private func check() throws {
        if let error = failure.withLock(\.self) { throw error }
    }

    func open(_ message: [UInt8], limits: OpenLimits) async throws -> OpenedData {
        if !keysOnly { try check() }
        return try await engine.open(message, limits: limits)
    }
    func seal(_ plaintext: [UInt8], signer: Fingerprint, recipients: [Fingerprint]) async throws -> [UInt8] {
        if !keysOnly { try check() }
        return try await engine.seal(plaintext, signer: signer, recipients: recipients)
    }
    func key(_ fingerprint: Fingerprint) async throws -> KeyInfo? {
        try check()
        return try await engine.key(fingerprint)
    }
    func inspect(_ material: [UInt8]) async throws -> KeyInfo {
        try check()
        return try await engine.inspect(material)
    }
    func importKey(_ material: [UInt8], expected: Fingerprint, keep: Set<String>) async throws -> KeyInfo {
        try check()
        return try await engine.importKey(material, expected: expected, keep: keep)
    }
    func generateKey(userID: String) async throws -> Fingerprint { try await engine.generateKey(userID: userID) }
    func verify(_ content: [UInt8], signature: [UInt8]) async throws -> [SignatureInfo] {
        try await engine.verify(content, signature: signature)
    }
    func keys() async throws -> [KeyInfo] { try await engine.keys() }
    func export(_ fingerprint: Fingerprint, userID: String) async throws -> [UInt8] {
        try await engine.export(fingerprint, userID: userID)
    }
    func addUserID(_ userID: String, to fingerprint: Fingerprint) async throws { try await engine.addUserID(userID, to: fingerprint) }
    func delete(_ fingerprint: Fingerprint) async throws { try await engine.delete(fingerprint) }
}

@Suite("What fails on our side says nothing about a message or a key")
struct EngineFailureTests {
    private func withBrittleEngine(
        keysOnly: Bool = false,
        _ body: (Bench, BrittleEngine, Opener, Sealer) async throws -> Void
    ) async throws {
        try await Bench.use { bench in
            let engine = BrittleEngine(bench.engine, keysOnly: keysOnly)
            let clock = bench.clock
            let directory = KeyDirectory(
                account: botJID,
                engine: engine,
                session: bench.server.session(botJID),
                pins: bench.pins,
                policy: .tofu,
                clock: { clock.now }
            )
            try await body(
                bench,
                engine,
                Opener(engine: engine, directory: directory, age: AgeCheck(birth: 0)),
                Sealer(engine: engine, directory: directory, clock: { clock.now })
            )
        }
    }

    @Test("R2, A30: which of the engine's errors are a verdict on the message, which are ours, and which can't be told apart")
    func verdicts() async throws {
        let expected: [(OpenPGPError.Code, RefusalReason)] = [
            (.integrity, .integrity), (.tooBig, .limits), (.malformed, .undecryptable), (.notEncrypted, .undecryptable),
            (.noSecretKey, .undecryptable), (.badKey, .undecryptable), (.unusableKey, .undecryptable),
            (.passphrase, .failure), (.keyring, .failure), (.unavailable, .failure), (.timedOut, .unclear), (.engine, .unclear),
        ]
        try await withBrittleEngine { bench, engine, opener, _ in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            let message = stanza(try await bench.sealed())
            for (code, reason) in expected {
                engine.fail(code)
                let refusal = await bench.receive(message, opener: opener).refusal
                #expect(refusal?.reason == reason, "\(code)")
                #expect(refusal?.isTemporary == (reason == .failure || reason == .unclear), "\(code)")
            }
            engine.fail(nil)
            #expect(await bench.receive(message, opener: opener).refusal == nil)
        }
    }

    @Test(
        "A signer whose key can't be looked up or brought in now is not a wrong signer",
        arguments: [OpenPGPError.Code.keyring, .unavailable]
    )
    func signer(_ code: OpenPGPError.Code) async throws {
        try await withBrittleEngine(keysOnly: true) { bench, engine, opener, _ in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            let message = stanza(try await bench.sealed())
            engine.fail(code)
            // At first sight the key can't be imported; later the known one can't be looked up.
            #expect(await bench.receive(message, opener: opener).refusal?.reason == .failure)
            engine.fail(nil)
            #expect(await bench.receive(message, opener: opener).refusal == nil)
            engine.fail(code)
            #expect(await bench.receive(message, opener: opener).refusal?.reason == .failure)
        }
    }

    @Test("Sealing: a keyring that fails is an engine's failure, soon tried again, and not a recipient without keys")
    func sealing() async throws {
        try await withBrittleEngine { bench, engine, _, sealer in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            _ = try await sealer.seal([body("x")], to: aliceJID, id: "1")
            for code in [OpenPGPError.Code.unavailable, .keyring, .timedOut, .engine] {
                engine.fail(code)
                let error = await #expect(throws: SealError.self) { try await sealer.seal([body("x")], to: aliceJID, id: "2") }
                #expect(error?.code == .engine, "\(code)")
            }
            engine.fail(nil)
            _ = try await sealer.seal([body("x")], to: aliceJID, id: "3")
        }
    }
}
