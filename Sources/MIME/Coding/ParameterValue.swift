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
        guard let value = CharsetGate.passing(raw).withCString(function) else {
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

    /// The first parameter of that name.
    subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

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
