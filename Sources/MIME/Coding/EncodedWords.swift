/// Encoded words (RFC 2047), read. The transfer encodings and charsets in them are GMime's and iconv's work; the words are joined here,
/// since GMime loses what follows a padded word of base64 (seen with 3.2.13), and Thunderbird and Python write such words for every long subject.
enum EncodedWords {
    /// The text with its words decoded; what is no word stays as it is. Linear in its length.
    /// - Parameter opening: what a word begins with, `=?`.
    static func decode(_ raw: String, opening: String = "=?") -> String {
        guard raw.contains(opening) else { return raw }
        let bytes = Array(raw.utf8)
        let opening = Array(opening.utf8)
        var result = ""
        var run: (charset: String, bytes: [UInt8])?
        var plainStart = 0
        var index = 0
        func close() {
            guard let open = run else { return }
            result += (try? Charset.string(open.bytes[...], label: open.charset, limit: open.bytes.count * 3 + 16)) ?? ""
            run = nil
        }
        while index < bytes.count {
            guard bytes[index...].starts(with: opening), let word = Word(bytes, at: index + opening.count) else {
                index += 1
                continue
            }
            let between = bytes[plainStart..<index]
            // White space between two words is part of neither. A character may be split between words of one charset, though it may not.
            let follows = run != nil && between.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
            if follows, run?.charset == word.charset {
                run?.bytes += word.bytes
            } else {
                close()
                if !follows { result += String(decoding: between, as: UTF8.self) }
                run = (word.charset, word.bytes)
            }
            index = word.end
            plainStart = index
        }
        close()
        return result + String(decoding: bytes[plainStart...], as: UTF8.self)
    }

    private struct Word {
        /// In lower case, without a language.
        let charset: String
        let bytes: [UInt8]
        let end: Int

        /// Reads `charset?q?text?=`, or with `b`.
        init?(_ bytes: [UInt8], at start: Int) {
            guard let label = Self.piece(bytes, start, most: 80), !label.contains(0x20), label.endIndex + 2 < bytes.count,
                bytes[label.endIndex + 2] == UInt8(ascii: "?"),
                let text = Self.piece(bytes, label.endIndex + 3, most: bytes.count), text.endIndex + 1 < bytes.count,
                bytes[text.endIndex + 1] == UInt8(ascii: "=")
            else { return nil }
            switch bytes[label.endIndex + 1] | 0x20 {
            case UInt8(ascii: "q"):
                self.bytes = TransferEncoding.quotedPrintable.decode(text.map { $0 == UInt8(ascii: "_") ? 0x20 : $0 }[...])
            case UInt8(ascii: "b"): self.bytes = TransferEncoding.base64.decode(text)
            default: return nil
            }
            charset = String(decoding: label.prefix { $0 != UInt8(ascii: "*") }, as: UTF8.self).lowercased()
            end = text.endIndex + 2
        }

        /// What stands before the next `?`.
        private static func piece(_ bytes: [UInt8], _ start: Int, most: Int) -> ArraySlice<UInt8>? {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "?") {
                end += 1
                guard end - start <= most else { return nil }
            }
            return end < bytes.count ? bytes[start..<end] : nil
        }
    }
}
