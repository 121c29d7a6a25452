internal import Crypto

extension SignatureInfo {
    /// A number for what was said when this signature was made, by which a repetition is known (R22): together with ``primary`` it is the
    /// replay key of a mail.
    ///
    /// It is SHA-256 over the content and the signature's time, and not over the signature's packet: that one's framing, its armor and the
    /// part of it that isn't signed can be changed by everyone, and for some algorithms its numbers too, and the signature stays good.
    /// Carriage returns don't count, since signatures over text don't cover them. The same content signed again, at another second, is
    /// something new. Only for a signature that is ``Verdict/good`` does the number mean anything.
    ///
    /// - Parameter content: what was signed: the bytes given to ``OpenPGPEngine/verify(_:signature:)``, or the plaintext that
    ///   ``OpenPGPEngine/open(_:limits:)`` gave.
    public func replayHash(of content: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("oxbow replay 1\0".utf8))
        hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: created >> (56 - 8 * Int64($0))) })
        var rest = content[...]
        while let end = rest.firstIndex(of: 13) {
            rest[..<end].withUnsafeBytes { hash.update(bufferPointer: $0) }
            rest = rest[(end + 1)...]
        }
        rest.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }
}
