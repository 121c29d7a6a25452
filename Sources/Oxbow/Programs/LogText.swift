/// Makes what a program has written fit for a log.
enum LogText {
    /// The text on one line: control characters, and those that turn the direction of writing, replaced; at most 1,000 characters.
    static func clean(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(1000) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                result.unicodeScalars.append(scalar == "\t" ? " " : "\u{FFFD}")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The same for bytes that may be no UTF-8.
    static func clean(_ bytes: [UInt8]) -> String {
        clean(String(decoding: bytes.prefix(4000), as: UTF8.self))
    }
}
