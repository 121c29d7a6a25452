/// Addresses of strangers that people will tap on.
enum WebLink {
    /// The address when it is `http` or `https`, has a host, is printable ASCII and no longer than `limit` bytes; else `nil`.
    /// Letters beyond ASCII in path and query are percent-encoded; half a link is never shown.
    static func checked(_ text: some StringProtocol, limit: Int) -> String? {
        let trimmed = text.trimmingSpaces()
        guard !trimmed.isEmpty, trimmed.utf8.count <= limit else { return nil }
        let lower = trimmed.prefix(8).lowercased()
        let scheme = lower.hasPrefix("https://") ? 8 : lower.hasPrefix("http://") ? 7 : 0
        guard scheme > 0 else { return nil }
        let rest = trimmed.utf8.dropFirst(scheme)
        guard let first = rest.first, first != 0x2F, first != 0x3F, first != 0x23 else { return nil }
        let host = rest.prefix { $0 != 0x2F && $0 != 0x3F && $0 != 0x23 }
        // A host in other letters would be read as another than the one it leads to; a user name in front of it too.
        guard host.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x40 && $0 != 0x5C }) else { return nil }
        var output = ""
        for byte in trimmed.utf8 {
            switch byte {
            case 0...0x20, 0x7F, 0x22, 0x3C, 0x3E: return nil
            case 0x80...: output += "%" + hex(byte)
            default: output.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return output.utf8.count <= limit ? output : nil
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
    }
}
