extension Element {
    /// The element as XML text in default-namespace form: no prefixes but `xml:`, no declaration, attributes sorted by name.
    ///
    /// - Parameter inherited: The default namespace that is in force where the text will stand; an element in that namespace
    ///   gets no `xmlns`.
    public func serialized(inheriting inherited: String = "") -> String {
        var output = ""
        write(to: &output, inheriting: inherited)
        return output
    }

    /// Appends the element's XML text to a string; see ``serialized(inheriting:)``.
    public func write(to output: inout String, inheriting inherited: String = "") {
        switch content {
        case .empty:
            return writeStartTag(to: &output, inheriting: inherited, open: "/>")
        case .text(let text):
            writeStartTag(to: &output, inheriting: inherited, open: ">")
            output.appendEscaped(text, attribute: false)
        case .nodes(let nodes):
            writeStartTag(to: &output, inheriting: inherited, open: ">")
            for node in nodes {
                switch node {
                case .element(let element): element.write(to: &output, inheriting: name.namespace)
                case .text(let text): output.appendEscaped(text, attribute: false)
                }
            }
        }
        output += "</\(name.local)>"
    }

    private func writeStartTag(to output: inout String, inheriting inherited: String, open end: String) {
        output += "<\(name.local)"
        if name.namespace != inherited {
            output += " xmlns='"
            output.appendEscaped(name.namespace, attribute: true)
            output += "'"
        }
        var prefixes = 0
        for (key, value) in attributes.sorted(by: { ($0.key.local, $0.key.namespace) < ($1.key.local, $1.key.namespace) }) {
            switch key.namespace {
            case "": output += " \(key.local)='"
            case Element.xmlNamespace: output += " xml:\(key.local)='"
            default:
                prefixes += 1
                output += " xmlns:n\(prefixes)='"
                output.appendEscaped(key.namespace, attribute: true)
                output += "' n\(prefixes):\(key.local)='"
            }
            output.appendEscaped(value, attribute: true)
            output += "'"
        }
        output += end
    }

    /// The namespace that the prefix `xml` is bound to (`xml:lang`).
    public static let xmlNamespace = "http://www.w3.org/XML/1998/namespace"
}

extension String {
    /// Appends text with what XML 1.0 § 2.4 reserves escaped, and characters that XML can't carry left out.
    mutating func appendEscaped(_ text: String, attribute: Bool) {
        // Ciphertext is megabytes of base64, and most other text is plain, too.
        guard !text.standsForItself else { return self += text }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": self += "&amp;"
            case "<": self += "&lt;"
            case ">": self += "&gt;"
            case "'" where attribute: self += "&apos;"
            case "\r": self += "&#13;"
            case "\t" where attribute: self += "&#9;"
            case "\n" where attribute: self += "&#10;"
            case "\t", "\n": unicodeScalars.append(scalar)
            case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": continue
            default: unicodeScalars.append(scalar)
            }
        }
    }
}

extension String {
    /// Whether there is nothing in it to escape.
    fileprivate var standsForItself: Bool {
        utf8.withContiguousStorageIfAvailable { $0.allSatisfy(\.standsForItself) } ?? utf8.allSatisfy(\.standsForItself)
    }
}

extension UInt8 {
    /// Whether a byte of UTF-8 needs no look at its character: neither reserved nor a control, nor the first of U+FFFE and U+FFFF.
    fileprivate var standsForItself: Bool {
        switch self {
        case 0..<0x20, UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "'"), 0xEF: false
        default: true
        }
    }
}
