import CGMime

/// Charsets that mail is really written in. A sender names the charset, and iconv would load a converter of its name: only these are let
/// through. Left out on purpose are UTF-7, in which harmless bytes become other text, and the rare ISO-2022 and EBCDIC families, whose
/// converters had memory errors.
struct Charset: Hashable, Sendable {
    /// iconv's name.
    let name: String

    /// The charset that a mail calls so; nil if it isn't one of ours.
    init?(named label: String) {
        let label = label.lowercased().trimmed
        if let name = Self.names[label] {
            self.name = name
        } else if label.hasPrefix("windows-125") || label.hasPrefix("cp125"), let last = label.utf8.last, (0x30...0x38).contains(last),
            label.utf8.count == (label.hasPrefix("cp") ? 6 : 12)
        {
            name = "CP125" + String(label.suffix(1))
        } else if label.hasPrefix("iso-8859-"), let part = Int(label.dropFirst(9)), (2...16).contains(part), part != 12 {
            name = "ISO-8859-\(part)"
        } else {
            return nil
        }
    }

    private static let names = [
        "utf-8": "UTF-8", "utf8": "UTF-8", "us-ascii": "US-ASCII", "ascii": "US-ASCII", "ansi_x3.4-1968": "US-ASCII",
        // What calls itself Latin 1 is windows-1252 with every mail program of the last thirty years.
        "iso-8859-1": "CP1252", "iso8859-1": "CP1252", "latin1": "CP1252", "iso-8859-8-i": "ISO-8859-8",
        "koi8-r": "KOI8-R", "koi8-u": "KOI8-U", "macintosh": "MACINTOSH", "tis-620": "TIS-620",
        "gb2312": "GB18030", "gbk": "GB18030", "gb18030": "GB18030", "big5": "BIG5", "euc-jp": "EUC-JP",
        "shift_jis": "CP932", "shift-jis": "CP932", "sjis": "CP932", "iso-2022-jp": "ISO-2022-JP",
        "euc-kr": "CP949", "ks_c_5601-1987": "CP949",
        "utf-16": "UTF-16", "utf-16le": "UTF-16LE", "utf-16be": "UTF-16BE",
    ]

    /// Text of a part as UTF-8, with LF line ends and without control characters.
    /// - Throws: `tooBig`.
    static func text(_ bytes: ArraySlice<UInt8>, label: String?, limit: Int) throws(MIMEError) -> String {
        let clean = PlainText.clean(try string(bytes, label: label, limit: limit))
        guard clean.utf8.count <= limit else { throw tooBig(limit) }
        return clean
    }

    /// Bytes as UTF-8.
    /// - Parameter label: what the sender calls their charset; nil and what we don't know are read as UTF-8 if it is that, else as windows-1252.
    /// - Throws: `tooBig`.
    static func string(_ bytes: ArraySlice<UInt8>, label: String?, limit: Int) throws(MIMEError) -> String {
        let charset = label.flatMap { Charset(named: $0) }?.name ?? "US-ASCII"
        guard charset == "UTF-8" || charset == "US-ASCII" else { return try converted(bytes, from: charset, limit: limit) }
        guard bytes.count <= limit else { throw tooBig(limit) }
        if charset == "UTF-8" { return String(decoding: bytes, as: UTF8.self) }
        if let valid = String(validating: bytes, as: UTF8.self) { return valid }
        return try converted(bytes, from: "CP1252", limit: limit)
    }

    private static func tooBig(_ limit: Int) -> MIMEError {
        MIMEError(.tooBig, "The text of the mail is longer than the limit of \(limit) bytes.")
    }

    /// Bytes of which nothing says what they are, and which are no UTF-8.
    static func windows1252(_ bytes: [UInt8]) -> String {
        let noLimit = bytes.count * 3 + 16
        return (try? converted(bytes[...], from: "CP1252", limit: noLimit))
            ?? String(decoding: bytes, as: UTF8.self)
    }

    private static func converted(_ bytes: ArraySlice<UInt8>, from charset: String, limit: Int) throws(MIMEError) -> String {
        guard !bytes.isEmpty else { return "" }
        var count = 0
        var cut: Int32 = 0
        let output = bytes.withUnsafeBufferPointer { input in
            oxbow_mime_to_utf8(charset, input.baseAddress, input.count, limit, &count, &cut)
        }
        // An iconv without this charset (a trimmed container) still gives the ASCII in it.
        guard let output else { return String(decoding: bytes, as: UTF8.self) }
        defer { oxbow_mime_free(output) }
        guard cut == 0 else { throw tooBig(limit) }
        return String(decoding: UnsafeBufferPointer(start: output, count: count), as: UTF8.self)
    }
}
