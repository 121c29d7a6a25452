/// Text of a peer on its way into a message or a log.
enum Printable {
    /// The text without control characters, and at most 200 characters of it.
    static func text(_ text: String) -> String {
        let scalars = text.unicodeScalars.lazy.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: " " as Unicode.Scalar
            default: scalar
            }
        }
        var output = String.UnicodeScalarView()
        output.append(contentsOf: scalars.prefix(200))
        return String(output)
    }
}
