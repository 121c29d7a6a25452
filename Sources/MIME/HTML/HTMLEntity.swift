/// Character references.
enum HTMLEntity {
    /// What the `&` at the start of the slice stands for, and how many bytes that takes. What is no reference stands for itself.
    static func text(_ bytes: ArraySlice<UInt8>) -> (String, Int) {
        let body = bytes.dropFirst().prefix(longest)
        guard let end = body.firstIndex(of: UInt8(ascii: ";")) else { return ("&", 1) }
        let name = String(decoding: body[..<end], as: UTF8.self)
        let length = end + 1 - bytes.startIndex
        if let text = named[name] { return (text, length) }
        guard name.hasPrefix("#"), let number = number(name.dropFirst()) else { return ("&", 1) }
        if (0x80..<0xA0).contains(number) { return (Charset.windows1252([UInt8(number)]), length) }
        guard number != 0, let scalar = Unicode.Scalar(number) else { return ("\u{FFFD}", length) }
        return (String(Character(scalar)), length)
    }

    /// All references in a value resolved.
    static func resolved(_ bytes: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.first {
            if byte == UInt8(ascii: "&") {
                let (text, length) = text(rest)
                result += text.utf8
                rest = rest.dropFirst(length)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let longest = 12

    private static func number(_ digits: Substring) -> UInt32? {
        guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
        return digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    }

    private static let named = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "ensp": " ", "emsp": " ", "thinsp": " ", "shy": "",
        "zwnj": "", "zwj": "", "copy": "©", "reg": "®", "trade": "™", "hellip": "…", "mdash": "—", "ndash": "–", "lsquo": "‘", "rsquo": "’",
        "sbquo": "‚", "ldquo": "“", "rdquo": "”", "bdquo": "„", "laquo": "«", "raquo": "»", "bull": "•", "middot": "·", "euro": "€",
        "pound": "£", "yen": "¥", "cent": "¢", "sect": "§", "para": "¶", "deg": "°", "plusmn": "±", "times": "×", "divide": "÷",
        "frac12": "½", "frac14": "¼", "micro": "µ", "iexcl": "¡", "iquest": "¿", "larr": "←", "rarr": "→", "uarr": "↑", "darr": "↓",
        "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "aring": "å", "Aring": "Å",
        "aelig": "æ", "AElig": "Æ", "oslash": "ø", "Oslash": "Ø", "eacute": "é", "egrave": "è", "ecirc": "ê", "euml": "ë", "Eacute": "É",
        "agrave": "à", "aacute": "á", "acirc": "â", "atilde": "ã", "ccedil": "ç", "Ccedil": "Ç", "ntilde": "ñ", "Ntilde": "Ñ",
        "iacute": "í", "icirc": "î", "iuml": "ï", "oacute": "ó", "ocirc": "ô", "otilde": "õ", "uacute": "ú", "ugrave": "ù", "ucirc": "û",
    ]
}
