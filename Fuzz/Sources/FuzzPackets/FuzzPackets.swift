@testable import OpenPGP

/// OpenPGP packets, messages, certificates, signatures and armor, before GnuPG sees them: whatever comes, an answer and no crash.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let packets = try? PacketReader.packets(of: bytes, most: 1000) {
        // Packets follow each other without gap or overlap, and bodies lie inside them.
        var end = 0
        for packet in packets {
            guard packet.whole.lowerBound == end, packet.body.lowerBound >= packet.whole.lowerBound,
                packet.body.upperBound <= packet.whole.upperBound
            else { fatalError("packets overlap") }
            end = packet.whole.upperBound
        }
        guard end == bytes.count else { fatalError("packets leave something out") }
    }
    _ = try? EncryptedMessage(reading: bytes)
    _ = SignatureFields(bytes)
    if let certificate = try? Certificate(reading: bytes) {
        // What is kept of a certificate can be read again, and is the same key.
        let kept = certificate.keeping(Set(certificate.userIDs))
        guard let again = try? Certificate(reading: kept), again.fingerprint == certificate.fingerprint,
            again.userIDs == certificate.userIDs
        else { fatalError("a certificate changes when it is kept") }
    }
    return 0
}
