import Crypto
import Foundation
import Synchronization

@testable import XMPP

/// The server's side of SCRAM, written apart from the client's code, with swift-crypto's HMAC and a PBKDF2 of its own.
struct ScramServer {
    var hash: SCRAMHash
    var password = "pencil"
    var salt: [UInt8] = Array("salt of the test".utf8)
    var iterations = 4_096
    var nonce = "SERVER"
    /// More attributes of the first message, such as XEP-0474's `h`.
    var extra = ""

    private(set) var clientFirst = ""
    private(set) var serverFirst = ""

    init(_ hash: SCRAMHash, extra: String = "") {
        self.hash = hash
        self.extra = extra
    }

    /// `server-first-message`.
    mutating func first(answering message: String) -> String {
        clientFirst = message
        let clientNonce = message.split(separator: "r=").last.map(String.init) ?? ""
        serverFirst = "r=\(clientNonce)\(nonce),s=\(Data(salt).base64EncodedString()),i=\(iterations)\(extra)"
        return serverFirst
    }

    /// `server-final-message`; `nil` if the client's proof is wrong, or if it wasn't bound as it should be.
    func final(answering message: String, boundTo binding: [UInt8] = []) -> String? {
        let parts = message.components(separatedBy: ",p=")
        let header = clientFirst.components(separatedBy: "n=")[0]
        guard parts.count == 2, let proof = Data(base64Encoded: parts[1]),
            parts[0].hasPrefix("c=" + Data(Array(header.utf8) + binding).base64EncodedString() + ",r=")
        else { return nil }
        let signed = clientFirst.dropFirst(header.count) + "," + serverFirst + "," + parts[0]
        let salted = saltedPassword
        let storedKey = digest(mac("Client Key", salted))
        let signature = mac(String(signed), storedKey)
        guard digest(zip(proof, signature).map { $0 ^ $1 }) == storedKey else { return nil }
        return "v=" + Data(mac(String(signed), mac("Server Key", salted))).base64EncodedString()
    }

    /// Thousands of rounds take a while in a debug build, and nearly all tests use the same.
    private static let known = Mutex<[String: [UInt8]]>([:])

    private var saltedPassword: [UInt8] {
        let name = "\(hash) \(password) \(salt) \(iterations)"
        if let known = Self.known.withLock({ $0[name] }) { return known }
        let computed = computeSaltedPassword()
        Self.known.withLock { $0[name] = computed }
        return computed
    }

    private func computeSaltedPassword() -> [UInt8] {
        var block = mac(salt + [0, 0, 0, 1], Array(password.utf8))
        var sum = block
        for _ in 1..<iterations {
            block = mac(block, Array(password.utf8))
            for index in sum.indices { sum[index] ^= block[index] }
        }
        return sum
    }

    private func digest(_ bytes: [UInt8]) -> [UInt8] {
        switch hash {
        case .sha1: Array(Insecure.SHA1.hash(data: bytes))
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha512: Array(SHA512.hash(data: bytes))
        }
    }

    private func mac(_ text: String, _ key: [UInt8]) -> [UInt8] { mac(Array(text.utf8), key) }
    private func mac(_ bytes: [UInt8], _ key: [UInt8]) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return switch hash {
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key))
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        case .sha512: Array(HMAC<SHA512>.authenticationCode(for: bytes, using: key))
        }
    }
}
