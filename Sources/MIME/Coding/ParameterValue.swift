import CGMime

/// A field's value with parameters (Content-Type, Content-Disposition), RFC 2231 undone by GMime.
struct ParameterValue: Hashable {
    /// `type/subtype` or the disposition, in lower case.
    let main: String
    /// The parameters in their order, names in lower case.
    private let parameters: [(name: String, value: String)]

    /// Reads a Content-Type; what is none is application/octet-stream.
    static func contentType(_ raw: String) -> ParameterValue { ParameterValue(raw, by: oxbow_mime_content_type) }

    /// Reads a Content-Disposition.
    static func disposition(_ raw: String) -> ParameterValue { ParameterValue(raw, by: oxbow_mime_content_disposition) }

    /// What an entity without a Content-Type is (RFC 2045 § 5.2).
    static let plainText = contentType("text/plain; charset=us-ascii")

    private init(_ raw: String, by function: (UnsafePointer<CChar>) -> OpaquePointer?) {
        let passing = CharsetGate.passing(Self.masked(raw))
        guard let value = passing.withCString(function) else {
            main = ""
            parameters = []
            return
        }
        defer { oxbow_mime_value_free(value) }
        main = String(cString: oxbow_mime_value_main(value)).lowercased()
        parameters = (0..<oxbow_mime_value_count(value)).map { index in
            (String(cString: oxbow_mime_value_name(value, index)).lowercased(), String(cString: oxbow_mime_value_text(value, index)))
        }
    }

    /// What stands for `=?` while GMime reads the field: it would decode encoded words, wrongly, and also in a boundary, where others don't.
    private static let opening = "\u{FFFC}?"

    private static func masked(_ raw: String) -> String {
        guard raw.utf8.contains(UInt8(ascii: "?")) else { return raw }
        let bytes = Array(raw.utf8)
        var result: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            let opens = byte == UInt8(ascii: "=") && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "?")
            if opens { result += opening.utf8.dropLast() } else { result.append(byte) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The first parameter of that name.
    subscript(name: String) -> String? { parameters.first { $0.name == name }?.value.replacing(Self.opening, with: "=?") }

    /// The first parameter of that name for people, a file's name, say: encoded words decoded, which don't belong there and are everywhere.
    func shown(_ name: String) -> String? {
        let value = parameters.first { $0.name == name }?.value
        return value.map { EncodedWords.decode($0, opening: Self.opening).replacing(Self.opening, with: "=?") }
    }

    /// Whether the parameter stands there more than once with different values, so that two readers may take different ones.
    func isAmbiguous(_ name: String) -> Bool { Set(parameters.lazy.filter { $0.name == name }.map(\.value)).count > 1 }

    static func == (one: ParameterValue, other: ParameterValue) -> Bool {
        one.main == other.main && one.parameters.elementsEqual(other.parameters, by: ==)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(main)
        for parameter in parameters {
            hasher.combine(parameter.name)
            hasher.combine(parameter.value)
        }
    }
}
