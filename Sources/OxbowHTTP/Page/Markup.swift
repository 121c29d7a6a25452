/// HTML that is safe to send: what stands in the program is markup, what is put into it is text.
///
/// A literal is taken as it is; every string that is interpolated into it is escaped. There is no way to put a string in without that, so nothing has
/// to be remembered. Markup that is put into markup stays markup.
struct Markup: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The HTML.
    private(set) var html: String

    /// Takes markup that the program is written with.
    init(stringLiteral value: String) { html = value }

    /// Takes markup with text in it.
    init(stringInterpolation: StringInterpolation) { html = stringInterpolation.html }

    /// Has nothing in it.
    init() { html = "" }

    /// Puts markup behind each other.
    init(_ parts: some Sequence<Markup>) { html = parts.map(\.html).joined() }

    /// Puts markup behind it.
    static func += (left: inout Markup, right: Markup) { left.html += right.html }

    /// Collects the pieces.
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var html = ""

        init(literalCapacity: Int, interpolationCount: Int) { html.reserveCapacity(literalCapacity * 2) }

        mutating func appendLiteral(_ literal: String) { html += literal }
        mutating func appendInterpolation(_ text: String) { html += Markup.escaped(text) }
        mutating func appendInterpolation(_ number: some BinaryInteger & Sendable) { html += "\(number)" }
        mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
        mutating func appendInterpolation(_ markup: Markup?) { html += markup?.html ?? "" }
    }

    /// Text as it may stand between tags and in quoted attributes.
    ///
    /// Characters that can't be seen, or that turn the order of what stands around them (controls, line separators, bidirectional overrides and other
    /// format characters), are shown by their number: nobody shall read another address or word than the one that is there.
    static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default:
                if isSeen(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += "\\u{\(String(scalar.value, radix: 16))}"
                }
            }
        }
        return result
    }

    private static func isSeen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: false
        // The joiners are part of how some scripts, and faces of several people, are written.
        case .format: scalar == "\u{200c}" || scalar == "\u{200d}"
        default: true
        }
    }
}
