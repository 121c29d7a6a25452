extension Address {
    /// The domainpart as DNS and certificates write it: lower-case A-labels, or an IP address without brackets.
    public var host: String {
        if domain.utf8.first == UInt8(ascii: "["), domain.utf8.last == UInt8(ascii: "]") { return String(domain.dropFirst().dropLast()) }
        // An address is only made of a domain that has such a form.
        return domain.utf8.allSatisfy { $0 < 0x80 } ? domain : Stringprep.domainToASCII(domain) ?? domain
    }
}
