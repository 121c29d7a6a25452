import CGMime

/// Text, names and dates in header fields.
enum HeaderCoding {
    /// The text of an unstructured field on one line, encoded words decoded, control characters made spaces.
    static func text(_ raw: String) -> String {
        oneLine(EncodedWords.decode(raw))
    }

    /// The name before an address, already unquoted; nil when nothing is left that can be seen. What turns text around is taken out, since
    /// names are shown beside addresses.
    static func name(_ raw: String) -> String? {
        let text = oneLine(EncodedWords.decode(raw))
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where scalar.properties.generalCategory != .format { shown.append(scalar) }
        let trimmed = String(shown).trimmed
        return trimmed.isEmpty ? nil : trimmed
    }

    /// Seconds since 1970, or nil.
    static func date(_ raw: String) -> Int64? {
        // Dates have some thirty characters; what is longer is a comment or an attempt.
        guard raw.utf8.count <= 128 else { return nil }
        var seconds: Int64 = 0
        return oxbow_mime_decode_date(raw, &seconds) == 0 ? seconds : nil
    }

    /// Line ends and other control characters become spaces, runs of them one.
    static func oneLine(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var gap = false
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: gap = true
            default:
                if gap, !result.isEmpty, result.last != " " { result.append(" ") }
                gap = false
                result.append(scalar)
            }
        }
        return String(result).trimmed
    }
}

extension String {
    /// Without white space (ASCII) at both ends.
    var trimmed: String {
        var view = self[...]
        while let first = view.unicodeScalars.first, first.isBlank { view = Substring(view.unicodeScalars.dropFirst()) }
        while let last = view.unicodeScalars.last, last.isBlank { view = Substring(view.unicodeScalars.dropLast()) }
        return String(view)
    }
}

extension Unicode.Scalar {
    /// Space, tab, CR or LF.
    var isBlank: Bool { self == " " || self == "\t" || self == "\r" || self == "\n" }
}
