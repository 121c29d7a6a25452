/// Turns HTML mail into text: one pass over the bytes, whatever they are. Nothing is fetched, run or laid out; scripts and style sheets are
/// left out; a link shows where it leads. Hidden text is shown: what a mail says counts, not what it looks like.
struct HTMLText {
    /// The text of HTML.
    static func text(of html: String) -> String {
        var reader = HTMLText(bytes: Array(html.utf8))
        reader.run()
        return PlainText.clean(String(decoding: reader.output.bytes, as: UTF8.self)).trimmed
    }

    private let bytes: [UInt8]
    private var index = 0
    private var output = HTMLOutput()
    /// The link that is open: where it leads, and where its text begins.
    private var link: (target: String, start: Int)?

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func run() {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "<"): markup()
            case UInt8(ascii: "&"):
                let (text, length) = HTMLEntity.text(bytes[index...])
                output.text(text)
                index += length
            default:
                output.byte(bytes[index])
                index += 1
            }
        }
        closeLink()
    }

    private mutating func markup() {
        let next = index + 1 < bytes.count ? bytes[index + 1] : 0
        if bytes[index...].starts(with: "<!--".utf8) {
            skip(behind: "-->", from: index + 4)
        } else if next == UInt8(ascii: "!") || next == UInt8(ascii: "?") {
            skip(behind: ">", from: index + 1)
        } else if let tag = HTMLTag(bytes, at: index) {
            index = tag.end
            element(tag)
        } else {
            output.byte(bytes[index])
            index += 1
        }
    }

    private mutating func element(_ tag: HTMLTag) {
        switch tag.name {
        case "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes":
            if !tag.isEnd { skipRaw(tag.name) }
        case "a":
            closeLink()
            if !tag.isEnd, let target = tag.attribute("href", of: bytes).flatMap(Self.shownTarget) { link = (target, output.bytes.count) }
        case "img":
            if let text = tag.attribute("alt", of: bytes)?.trimmed, !text.isEmpty { output.text("[\(text)]") }
        case "br": output.line()
        case "li":
            if !tag.isEnd { output.item() }
        case "td", "th": output.gap()
        case "pre":
            output.lines(2)
            output.keepsSpace(tag.isEnd ? -1 : 1)
        case "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote": output.lines(2)
        case "div", "tr", "hr", "dt", "dd", "section", "article", "header", "footer", "address", "form", "center", "body", "html", "head":
            output.lines(1)
        default: break
        }
    }

    /// Where a link leads, if it is of a kind that can be followed and short enough to show.
    private static func shownTarget(_ target: String) -> String? {
        let clean = String(
            String.UnicodeScalarView(target.unicodeScalars.filter { $0.value > 0x20 && $0.properties.generalCategory != .format })
        )
        let start = clean.prefix(8).lowercased()
        guard start.hasPrefix("http://") || start.hasPrefix("https://") || start.hasPrefix("mailto:"), clean.utf8.count <= 2048 else {
            return nil
        }
        return clean
    }

    private mutating func closeLink() {
        guard let link else { return }
        self.link = nil
        let text = String(decoding: output.bytes[min(link.start, output.bytes.count)...], as: UTF8.self).trimmed
        guard text != link.target, "mailto:" + text != link.target else { return }
        output.text(text.isEmpty ? "<\(link.target)>" : " <\(link.target)>")
    }

    private mutating func skip(behind end: String, from start: Int) {
        let end = Array(end.utf8)
        var at = min(start, bytes.count)
        while at < bytes.count {
            if bytes[at] == end[0], bytes[at...].starts(with: end) {
                index = at + end.count
                return
            }
            at += 1
        }
        index = bytes.count
    }

    /// Passes over what a browser doesn't read as markup, up to its end tag.
    private mutating func skipRaw(_ name: String) {
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "<"), let tag = HTMLTag(bytes, at: index, closing: name) {
                index = tag.end
                return
            }
            index += 1
        }
    }
}
