/// Text of strangers on its way into a chat message.
///
/// Out go control characters, line and paragraph separators, bidirectional overrides and isolates, invisible tags, and what XML can't carry.
/// Letters that join (ZWJ, ZWNJ) stay; of what stands on one base, sixteen scalars stay.
enum ChatText {
    /// One line, trimmed, runs of space made one, at most `limit` Unicode scalars with "…" at the end of what was cut.
    static func line(_ text: some StringProtocol, limit: Int) -> String {
        if isPlainASCII(text, limit: limit) { return String(text) }
        var writer = Writer(limit: limit, keepsLines: false)
        writer.take(text)
        return writer.finish()
    }

    /// Several lines: line ends become `\n`, tabs spaces, no more than one empty line in a row. At most `limit` Unicode scalars.
    static func block(_ text: some StringProtocol, limit: Int) -> String {
        if isPlainASCII(text, limit: limit) { return String(text) }
        var writer = Writer(limit: limit, keepsLines: true)
        writer.take(text)
        return writer.finish()
    }

    /// Whether there is nothing to do: most texts are short, printable ASCII with single spaces inside.
    private static func isPlainASCII(_ text: some StringProtocol, limit: Int) -> Bool {
        var (count, last) = (0, UInt8(0x20))
        for byte in text.utf8 {
            count += 1
            guard count <= limit, (0x20...0x7E).contains(byte), byte != 0x20 || last != 0x20 else { return false }
            last = byte
        }
        return last != 0x20 || count == 0
    }

    /// Whether it may stand in a line as it is.
    static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch role(scalar) {
        case .keep, .space: true
        case .newline, .drop: false
        }
    }

    private enum Role {
        case keep
        case space
        case newline
        case drop
    }

    private static func role(_ scalar: Unicode.Scalar) -> Role {
        switch scalar.value {
        case 0x20, 0x09, 0xA0: return .space
        case 0x0A, 0x0D, 0x85, 0x0B, 0x0C, 0x2028, 0x2029: return .newline
        case 0x21...0x7E: return .keep
        case 0x200C, 0x200D: return .keep
        case 0xFFF9...0xFFFF: return .drop
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse: return .drop
        default: return scalar.value & 0xFFFE == 0xFFFE ? .drop : .keep
        }
    }

    /// Whether it joins what stands before it.
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark, .format: true
        default: false
        }
    }

    private struct Writer {
        let limit: Int
        let keepsLines: Bool
        var output = String.UnicodeScalarView()
        var count = 0
        var spaces = 0
        var newlines = 0
        /// How many scalars the last character of the output has.
        var pile = 0
        var isCut = false

        init(limit: Int, keepsLines: Bool) {
            self.limit = limit
            self.keepsLines = keepsLines
        }

        mutating func take(_ text: some StringProtocol) {
            for character in text {
                guard !isCut else { return }
                take(character)
            }
        }

        private mutating func take(_ character: Character) {
            var kept: [Unicode.Scalar] = []
            var before = 0
            // "\r\n" is one character: one line end.
            if character == "\r\n" {
                newlines += 1
                return
            }
            for scalar in character.unicodeScalars {
                switch role(scalar) {
                case .keep:
                    // With what stood in between gone, these marks stand on what is there already.
                    if kept.isEmpty { before = spaces + newlines == 0 && isMark(scalar) ? pile : 0 }
                    if before + kept.count < 16 { kept.append(scalar) }
                case .space: spaces += 1
                case .newline: newlines += 1
                case .drop: break
                }
            }
            guard !kept.isEmpty else { return }
            pile = before + kept.count
            writeGap()
            guard count + kept.count <= limit else {
                isCut = true
                return
            }
            output.append(contentsOf: kept)
            count += kept.count
        }

        /// What is between two words: nothing at the beginning; lines where they're kept, else one space. Indentation is kept up to eight.
        private mutating func writeGap() {
            defer {
                spaces = 0
                newlines = 0
            }
            guard !output.isEmpty, spaces + newlines > 0 else { return }
            let gap: String
            if keepsLines, newlines > 0 {
                gap = String(repeating: "\n", count: min(newlines, 2)) + String(repeating: " ", count: min(spaces, 8))
            } else {
                gap = keepsLines ? String(repeating: " ", count: min(spaces, 8)) : " "
            }
            output.append(contentsOf: gap.unicodeScalars)
            count += gap.unicodeScalars.count
        }

        mutating func finish() -> String {
            guard isCut else { return String(output) }
            // Room for the mark: whole characters go from the end.
            var text = String(output)
            while text.unicodeScalars.count >= max(limit, 1), !text.isEmpty { text.removeLast() }
            while let last = text.last, last.isWhitespace { text.removeLast() }
            return text + "…"
        }
    }
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    func trimmingSpaces() -> String {
        var text = Substring(self)
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
