import Crypto

/// Ids of messages that we send: 128 random bits, so that nobody can guess one to bounce or correct.
enum Identifier {
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdefghijklmnopqrstuv".utf8)
        return String(decoding: (0..<26).map { _ in digits[Int(generator.next(upperBound: UInt32(32)))] }, as: UTF8.self)
    }

    /// An id that follows from what it is for: the same texts make the same one. It stands outside of the encryption: where the texts could be
    /// guessed, one of them must be a secret.
    static func derived(_ purpose: String, _ texts: String...) -> String {
        var hash = SHA256()
        for text in [purpose] + texts {
            withUnsafeBytes(of: UInt64(text.utf8.count).bigEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: Array(text.utf8))
        }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: hash.finalize().prefix(20).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
