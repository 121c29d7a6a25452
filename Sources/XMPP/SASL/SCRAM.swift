internal import Crypto

/// One SCRAM exchange (RFC 5802) from the client's side, with channel binding and downgrade protection (XEP-0474).
///
/// The order is first message, server's first, keys, final message, server's final; anything else throws.
struct SCRAM: Sendable {
    /// The gs2 flag of RFC 5802 § 7: what the client says about channel binding.
    enum Binding: Hashable, Sendable {
        /// `n`: we don't use it.
        case unused
        /// `y`: we could, but saw no offer; a server that made one knows that somebody removed it.
        case notOffered
        /// `p=…`: we use this one.
        case used(ChannelBinding)
    }

    /// Why an exchange was given up.
    enum Failure: Error, Hashable {
        /// The server's message isn't what RFC 5802 § 7 allows here.
        case malformed(String)
        /// The server's count of rounds is outside of 4,096 to 1,000,000.
        case iterations(Int)
        /// The list of mechanisms that came isn't the one that the server says it sent (XEP-0474).
        case downgraded
        /// XEP-0474's proof was needed to go on and the server gave none.
        case unproven
        /// The server doesn't know the password's keys: it isn't the server that the account is with.
        case serverUnproven
        /// The server's own error value, such as `invalid-proof`.
        case refused(String)
    }

    /// R13's bounds.
    static let iterationLimits = 4_096...1_000_000

    let hash: SCRAMHash
    let binding: Binding
    private let offer: SASLOffer
    private let needsProof: Bool
    private let password: Password
    private let firstBare: String
    private let nonce: String

    private enum State {
        case first
        case keys(serverFirst: String, serverNonce: String)
        case final(serverSignature: [UInt8])
        case done
    }
    private var state = State.first
    /// Whether the server has proved, by XEP-0474, that its offer came unchanged.
    private(set) var offerProven = false

    /// Prepares an exchange.
    ///
    /// - Parameters:
    ///   - nonce: Printable ASCII without a comma, fresh from a cryptographic random source.
    ///   - needsProof: Whether to go on only if the server proves its offer (XEP-0474).
    init(_ hash: SCRAMHash, _ binding: Binding, user: String, password: Password, nonce: String, offer: SASLOffer, needsProof: Bool) {
        self.hash = hash
        self.binding = binding
        self.password = password
        self.nonce = nonce
        self.offer = offer
        self.needsProof = needsProof
        // RFC 5802 § 5.1, by scalars: a combining mark behind a comma makes another Character of it.
        let name = user.unicodeScalars.map { $0 == "=" ? "=3D" : $0 == "," ? "=2C" : String($0) }.joined()
        firstBare = "n=\(name),r=\(nonce)"
    }

    private var header: String {
        switch binding {
        case .unused: "n,,"
        case .notOffered: "y,,"
        case .used(let binding): "p=\(binding.kind.rawValue),,"
        }
    }

    /// The mechanism's name.
    var mechanism: String {
        if case .used = binding { "SCRAM-\(hash.rawValue)-PLUS" } else { "SCRAM-\(hash.rawValue)" }
    }

    /// `client-first-message`.
    var first: String { header + firstBare }

    /// Takes in `server-first-message`; returns what to derive.
    mutating func receive(first message: String) throws(Failure) -> SCRAMKeyRequest {
        guard case .first = state else { throw .malformed("a second server-first-message") }
        let fields = try Self.fields(message)
        if fields.first?.key == UInt8(ascii: "m") { throw .malformed("a mandatory extension that we don't know") }
        guard fields.count >= 3, fields[0].key == UInt8(ascii: "r"), fields[1].key == UInt8(ascii: "s"), fields[2].key == UInt8(ascii: "i")
        else {
            throw .malformed("no nonce, salt and iteration count in this order")
        }
        let serverNonce = fields[0].value
        guard serverNonce.utf8.count > nonce.utf8.count, serverNonce.utf8.starts(with: nonce.utf8), serverNonce.utf8.count <= 1_024 else {
            throw .malformed("a nonce that doesn't extend ours")
        }
        guard let salt = Base64.decode(fields[1].value), !salt.isEmpty, salt.count <= 1_024 else {
            throw .malformed("a salt that isn't base64")
        }
        // Digits only: Int also reads signs, and a count must have one spelling.
        guard fields[2].value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let iterations = Int(fields[2].value) else {
            throw .malformed("an iteration count that is no number")
        }
        guard Self.iterationLimits.contains(iterations) else { throw .iterations(iterations) }
        try check(proof: fields.dropFirst(3).first { $0.key == UInt8(ascii: "h") }?.value)
        state = .keys(serverFirst: message, serverNonce: serverNonce)
        return SCRAMKeyRequest(hash: hash, salt: salt, iterations: iterations, password: password)
    }

    private mutating func check(proof: String?) throws(Failure) {
        guard let proof else {
            if needsProof { throw .unproven }
            return
        }
        guard proof == Base64.encode(hash.hash(offer.proofText)) else { throw .downgraded }
        offerProven = true
    }

    /// `client-final-message`, once the keys are there.
    mutating func final(_ keys: SCRAMKeys) throws(Failure) -> String {
        guard case .keys(let serverFirst, let serverNonce) = state, keys.hash == hash else {
            throw .malformed("keys that weren't asked for")
        }
        var bound = Array(header.utf8)
        if case .used(let binding) = binding { bound += binding.bytes }
        let withoutProof = "c=\(Base64.encode(bound)),r=\(serverNonce)"
        let signed = Array("\(firstBare),\(serverFirst),\(withoutProof)".utf8)
        let signature = hash.authenticate(signed, hash.hash(keys.clientKey))
        let proof = zip(keys.clientKey, signature).map { $0 ^ $1 }
        state = .final(serverSignature: hash.authenticate(signed, keys.serverKey))
        return "\(withoutProof),p=\(Base64.encode(proof))"
    }

    /// Takes in `server-final-message`: after it the server has proved that it knows the account's keys.
    mutating func receive(final message: String) throws(Failure) {
        guard case .final(let expected) = state else { throw .malformed("a server-final-message out of order") }
        let fields = try Self.fields(message)
        if let error = fields.first, error.key == UInt8(ascii: "e") { throw .refused(error.value) }
        guard let field = fields.first, field.key == UInt8(ascii: "v"), let signature = Base64.decode(field.value) else {
            throw .malformed("no signature in the server-final-message")
        }
        guard Self.equalInConstantTime(signature, expected) else { throw .serverUnproven }
        state = .done
    }

    /// Whether the server's signature was verified.
    var isDone: Bool { if case .done = state { true } else { false } }

    /// Whether the server's final message is what comes next.
    var awaitsFinal: Bool { if case .final = state { true } else { false } }

    private static func fields(_ message: String) throws(Failure) -> [(key: UInt8, value: String)] {
        guard message.utf8.count <= 8_192 else { throw .malformed("a message of \(message.utf8.count) bytes") }
        var fields: [(key: UInt8, value: String)] = []
        for part in Array(message.utf8).split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard let key = part.first, part.dropFirst().first == UInt8(ascii: "="),
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(key | 0x20)
            else { throw .malformed("an attribute without a name") }
            fields.append((key, String(decoding: part.dropFirst(2), as: UTF8.self)))
        }
        return fields
    }

    /// Compares without telling by the time taken how much agrees.
    private static func equalInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(one, other) { difference |= one ^ other }
        return difference == 0
    }
}
