import OX
import OpenPGP
import Synchronization
import XML
import XMPP

@testable import Oxbow

/// An engine that a test writes down: all is written at the yard's first moment, everybody has the one key, and it fails as it is told.
///
/// What is tried here is what follows from an engine's failures; what a real one answers is tried where the engine is.
final class ScriptedEngine: OpenPGPEngine {
    static let key = Fingerprint("0123456789ABCDEF0123456789ABCDEF01234567")

    private struct State {
        var failures: [String: [OpenPGPError.Code]] = [:]
        var keyring: OpenPGPError?
        var opened: [String] = []
        var gates: [String: Gate] = [:]
        var now = 0
        var most = 0
    }
    private let state = Mutex(State())
    private let account: Address

    init(account: Address) { self.account = account }

    /// What this engine takes for the ciphertext of a text. OpenPGP's packets begin with a set bit.
    static func ciphertext(_ text: String) -> [UInt8] { [0x85] + Array(text.utf8) }

    /// The next attempts to open this text fail so.
    func fail(_ text: String, _ codes: [OpenPGPError.Code]) { state.withLock { $0.failures[text] = codes } }

    /// Looking up keys fails so, or works again.
    func failKeyring(_ error: OpenPGPError?) { state.withLock { $0.keyring = error } }

    /// Opening this text takes until the gate opens.
    func hold(_ text: String, _ gate: Gate) { state.withLock { $0.gates[text] = gate } }

    /// Every attempt, in order.
    var opened: [String] { state.withLock { $0.opened } }

    /// How many were under way at the same time at most.
    var mostAtOnce: Int { state.withLock { $0.most } }

    func open(_ message: [UInt8], limits: OpenLimits) async throws -> OpenedData {
        let text = String(decoding: message.dropFirst(), as: UTF8.self)
        let (failure, gate): (OpenPGPError.Code?, Gate?) = state.withLock { state in
            state.opened.append(text)
            state.now += 1
            state.most = max(state.most, state.now)
            guard var codes = state.failures[text], !codes.isEmpty else { return (nil, state.gates[text]) }
            let code = codes.removeFirst()
            state.failures[text] = codes
            return (code, nil)
        }
        await gate?.wait()
        state.withLock { $0.now -= 1 }
        if let failure { throw OpenPGPError(failure, "told to fail") }
        let body = Element("body", Namespace.client, text: text)
        let content = Signcrypt(to: [account], time: Yard.now, padding: nil, payload: [body]).text
        let signature = SignatureInfo(verdict: .good, primary: Self.key, signer: Self.key?.hex ?? "", created: Yard.now)
        return OpenedData(plaintext: Array(content.utf8), signatures: [signature])
    }

    func key(_ fingerprint: Fingerprint) async throws -> KeyInfo? {
        if let error = state.withLock(\.keyring) { throw error }
        return KeyInfo(
            fingerprint: fingerprint,
            userIDs: ["alice", "bob", "carol"].map { "xmpp:\($0)@localhost" },
            created: 0,
            expires: nil,
            algorithm: "ed25519",
            hasSecret: true,
            unusable: nil
        )
    }

    private var unused: OpenPGPError { OpenPGPError(.engine, "not in this test") }
    func generateKey(userID: String) async throws -> Fingerprint { throw unused }
    func seal(_ plaintext: [UInt8], signer: Fingerprint, recipients: [Fingerprint]) async throws -> [UInt8] { throw unused }
    func verify(_ content: [UInt8], signature: [UInt8]) async throws -> [SignatureInfo] { throw unused }
    func keys() async throws -> [KeyInfo] { throw unused }
    func inspect(_ material: [UInt8]) async throws -> KeyInfo { throw unused }
    func importKey(_ material: [UInt8], expected: Fingerprint, keep: Set<String>) async throws -> KeyInfo { throw unused }
    func export(_ fingerprint: Fingerprint, userID: String) async throws -> [UInt8] { throw unused }
    func addUserID(_ userID: String, to fingerprint: Fingerprint) async throws { throw unused }
    func delete(_ fingerprint: Fingerprint) async throws { throw unused }
}
