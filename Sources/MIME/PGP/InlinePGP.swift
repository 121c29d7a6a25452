/// OpenPGP inside of a plain body.
public enum InlinePGP {
    /// The armored message in a body that is exactly one armored encrypted message with nothing but white space around it (R22).
    /// - Returns: from `-----BEGIN PGP MESSAGE-----` to the end of its last line, or nil.
    public static func message(in body: String) -> String? {
        nil
    }
}
