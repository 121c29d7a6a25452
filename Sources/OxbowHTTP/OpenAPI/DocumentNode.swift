/// A YAML document to be written: what the OpenAPI document is made of.
indirect enum DocumentNode: Sendable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([DocumentNode])
    case map([(key: String, value: DocumentNode)])

    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
    init(arrayLiteral elements: DocumentNode...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, DocumentNode)...) { self = .map(elements.map { (key: $0.0, value: $0.1) }) }

    /// The document as block YAML; texts are quoted as in JSON, which is YAML too.
    var yaml: String {
        var text = ""
        write(to: &text, indent: 0)
        return text
    }

    private func write(to text: inout String, indent: Int) {
        let space = String(repeating: "  ", count: indent)
        switch self {
        case .text, .number, .flag: text += inline + "\n"
        case .list(let items):
            for item in items {
                text += space + "-"
                item.writeValue(to: &text, indent: indent + 1)
            }
        case .map(let pairs):
            for (key, value) in pairs {
                text += space + Self.name(key) + ":"
                value.writeValue(to: &text, indent: indent + 1)
            }
        }
    }

    private func writeValue(to text: inout String, indent: Int) {
        switch self {
        case .list(let items) where items.isEmpty: text += " []\n"
        case .map(let pairs) where pairs.isEmpty: text += " {}\n"
        case .list, .map:
            text += "\n"
            write(to: &text, indent: indent)
        case .text, .number, .flag: text += " " + inline + "\n"
        }
    }

    private var inline: String {
        switch self {
        case .text(let value): Self.quoted(value)
        case .number(let value): "\(value)"
        case .flag(let value): "\(value)"
        case .list, .map: ""
        }
    }

    /// Keys that are plain words stay as they are.
    private static func name(_ key: String) -> String {
        let isWord =
            key.utf8.first.map { $0 > UInt8(ascii: "9") } == true
            && key.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" || $0 == "$")
            }
        return isWord ? key : quoted(key)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
