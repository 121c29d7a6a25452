public import XML

/// A data form (XEP-0004), as far as service discovery and nodes need one.
public struct DataForm: Hashable, Sendable {
    /// A field with its values.
    public struct Field: Hashable, Sendable {
        /// The field's name (`var`).
        public var name: String
        /// The field's type, such as `hidden`, if it says one.
        public var type: String?
        /// The values in order.
        public var values: [String]

        /// Makes a field.
        public init(_ name: String, _ values: [String], type: String? = nil) {
            self.name = name
            self.type = type
            self.values = values
        }
    }

    /// `form`, `submit`, `cancel` or `result`.
    public var kind: String
    /// The fields in order, `FORM_TYPE` among them.
    public var fields: [Field]

    /// Makes a form of a type (XEP-0068).
    public init(_ kind: String, type: String, _ fields: [Field]) {
        self.kind = kind
        self.fields = [Field("FORM_TYPE", [type], type: "hidden")] + fields
    }

    /// Reads `<x xmlns='jabber:x:data'/>`; `nil` if it is none. Fields without a name are left out.
    public init?(_ element: Element) {
        guard element.is("x", Namespace.dataForms) else { return nil }
        kind = element["type"] ?? "form"
        fields = element.all("field", Namespace.dataForms).compactMap { field in
            field["var"].map { Field($0, field.all("value", Namespace.dataForms).map(\.text), type: field["type"]) }
        }
    }

    /// The first value of a field.
    public subscript(name: String) -> String? {
        fields.first { $0.name == name }?.values.first
    }

    /// The form as an element.
    public var element: Element {
        Element(
            "x",
            Namespace.dataForms,
            ["type": kind],
            fields.map { field in
                let values = field.values.map { Element("value", Namespace.dataForms, text: $0) }
                return Element("field", Namespace.dataForms, ["var": field.name, "type": field.type], values)
            }
        )
    }
}
