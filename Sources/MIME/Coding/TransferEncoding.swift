import CGMime

/// Content-Transfer-Encoding (RFC 2045 § 6), by GMime.
enum TransferEncoding: Hashable {
    /// 7bit, 8bit, binary, and names that we don't know: the bytes are taken as they are.
    case identity
    case base64
    case quotedPrintable

    init(named name: String) {
        switch name.lowercased() {
        case "base64": self = .base64
        case "quoted-printable": self = .quotedPrintable
        default: self = .identity
        }
    }

    /// The content. What isn't of the encoding is skipped; never longer than the input, apart from a few bytes.
    func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        guard let kind else { return Array(bytes) }
        return Self.run(bytes) { oxbow_mime_decode(kind, $0, $1, $2) }
    }

    /// The encoded lines, ended by CRLF. Quoted-printable takes text whose lines are ended by LF.
    func encode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        guard let kind else { return Array(bytes) }
        return Self.run(bytes) { oxbow_mime_encode(kind, $0, $1, $2) }
    }

    private var kind: Int32? {
        switch self {
        case .identity: nil
        case .base64: Int32(OXBOW_MIME_BASE64)
        case .quotedPrintable: Int32(OXBOW_MIME_QUOTED_PRINTABLE)
        }
    }

    private static func run(
        _ bytes: ArraySlice<UInt8>,
        _ function: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<Int>) -> UnsafeMutablePointer<UInt8>?
    ) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        var count = 0
        guard let output = bytes.withUnsafeBufferPointer({ function($0.baseAddress, $0.count, &count) }) else { return [] }
        defer { oxbow_mime_free(output) }
        return Array(UnsafeBufferPointer(start: output, count: count))
    }
}
