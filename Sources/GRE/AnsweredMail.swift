public import XML

/// What a mail answers, as a payload element: `<references xmlns='urn:oxbow:references:0'>ID ID ID</references>`, Message-IDs without angle
/// brackets, the oldest first, the last one that of the mail which is answered (RFC 5322 § 3.6.4).
///
/// It goes with an answer from the handler to the sealer, which takes it out again. It never leaves: what is in it stands in the header inside the
/// encryption, and outside of it only the thread (R21).
public enum AnsweredMail {
    /// The element's namespace.
    public static let namespace = "urn:oxbow:references:0"
    /// The element's local name.
    public static let local = "references"
    /// How many ids are kept: the first, and the last of the others.
    public static let limit = 40

    /// The element; `nil` without ids.
    public static func element(_ references: [String]) -> Element? {
        references.isEmpty ? nil : Element(local, namespace, text: shortened(references).joined(separator: " "))
    }

    /// The ids in a payload; none where it doesn't say what it answers.
    public static func references(in payload: [Element]) -> [String] {
        let text = payload.first { $0.is(local, namespace) }?.text ?? ""
        return shortened(text.split(separator: " ").map(String.init))
    }

    static func shortened(_ references: [String]) -> [String] {
        references.count <= limit ? references : references.prefix(1) + references.suffix(limit - 1)
    }
}
