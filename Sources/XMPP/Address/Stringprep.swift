internal import CStringprep

/// The string profiles that addresses and passwords go through; what servers enforce.
enum Stringprep {
    /// The longest text that any of them takes, in bytes of UTF-8.
    static let capacity = 4_096

    /// RFC 6122 appendix A; `nil` if the profile prohibits the text.
    static func node(_ text: String) -> String? { apply(oxbow_nodeprep, to: text) }
    /// RFC 6122 appendix B; `nil` if the profile prohibits the text.
    static func resource(_ text: String) -> String? { apply(oxbow_resourceprep, to: text) }
    /// RFC 4013; `nil` if the profile prohibits the text.
    static func password(_ text: String) -> String? { apply(oxbow_saslprep, to: text) }
    /// The domain name in lower-case A-labels; `nil` if IDNA2008 doesn't allow it.
    static func domainToASCII(_ text: String) -> String? { apply(oxbow_domain_to_ascii, to: text) }
    /// The domain name in U-labels; `nil` if IDNA2008 doesn't allow it.
    static func domainToUnicode(_ text: String) -> String? { apply(oxbow_domain_to_unicode, to: text) }
    /// An IPv6 address in the form of RFC 5952; `nil` if it is none.
    static func ipv6(_ text: String) -> String? { apply(oxbow_ipv6, to: text) }

    private typealias Profile = (UnsafePointer<CChar>?, UnsafeMutablePointer<CChar>?, Int) -> Int32

    private static func apply(_ profile: Profile, to text: String) -> String? {
        // A C string would end there, and what is behind it would escape the profile.
        guard !text.utf8.contains(0), text.utf8.count < capacity else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer -> String? in
            guard let base = buffer.baseAddress, profile(text, base, capacity) == 0 else { return nil }
            return String(validatingCString: base)
        }
    }
}
