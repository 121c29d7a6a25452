public import XML

/// A data form (XEP-0004) of a type (XEP-0068).
public struct DataForm: Hashable, Sendable {
    /// A field with its values.
    public struct Field: Hashable, Sendable {
        /// A value that may be chosen, with what people call it.
        public struct Option: Hashable, Sendable {
            /// The value that a submitted form carries.
            public var value: String
            /// What people call it.
            public var label: String?

            /// Makes an option.
            public init(_ value: String, label: String? = nil) {
                self.value = value
                self.label = label
            }
        }

        /// The field's name (`var`).
        public var name: String
        /// The field's type, such as `hidden`, if it says one.
        public var type: String?
        /// The values in order.
        public var values: [String]
        /// What people call the field.
        public var label: String?
        /// What the field means, in words.
        public var explanation: String?
        /// Whether the form can't be submitted without it.
        public var isRequired: Bool
        /// What may be chosen, for `list-single` and `list-multi`.
        public var options: [Option]
        /// Whether no description or dump may show the values; a field of type `text-private` always is.
        public var isSecret: Bool

        /// Makes a field.
        public init(
            _ name: String,
            _ values: [String],
            type: String? = nil,
            label: String? = nil,
            explanation: String? = nil,
            isRequired: Bool = false,
            options: [Option] = [],
            isSecret: Bool = false
        ) {
            self.name = name
            self.type = type
            self.values = values
            self.label = label
            self.explanation = explanation
            self.isRequired = isRequired
            self.options = options
            self.isSecret = isSecret || type == "text-private"
        }

        /// Makes a field with a name in Clark notation, `{namespace}local` (XEP-0068 § 3.3).
        public init(clark name: Name, _ values: [String], type: String? = nil) {
            self.init(name.description, values, type: type)
        }

        /// The name as namespace and local name, if it is in Clark notation (XEP-0068 § 3.3).
        public var clarkName: Name? { name.hasPrefix("{") ? Name(clark: name) : nil }
    }

    /// `form`, `submit`, `cancel` or `result`.
    public var kind: String
    /// A heading.
    public var title: String?
    /// What to do with the form, a paragraph each.
    public var instructions: [String]
    /// The fields in order, `FORM_TYPE` among them.
    public var fields: [Field]

    /// Makes a form of a type (XEP-0068); `FORM_TYPE` says that it is hidden, as some services insist on it.
    public init(_ kind: String, type: String, _ fields: [Field]) {
        self.kind = kind
        title = nil
        instructions = []
        self.fields = [Field("FORM_TYPE", [type], type: "hidden")] + fields
    }

    /// Reads `<x xmlns='jabber:x:data'/>`; `nil` if it is none. Fields without a name are left out.
    public init?(_ element: Element) {
        guard element.is("x", Namespace.dataForms) else { return nil }
        kind = element["type"] ?? "form"
        title = element.first("title", Namespace.dataForms)?.text
        instructions = element.all("instructions", Namespace.dataForms).map(\.text)
        fields = element.all("field", Namespace.dataForms).compactMap { field in
            field["var"].map { Field($0, field) }
        }
    }

    /// What kind of form it is (`FORM_TYPE`, XEP-0068); `nil` if it says none, or more than one thing.
    public var type: String? {
        let types = fields.filter { $0.name == "FORM_TYPE" }
        // In a form to fill in, a visible FORM_TYPE is a field like others (XEP-0068 § 3.1); in other kinds fields may lack a type.
        guard types.count == 1, types[0].values.count == 1,
            types[0].type == "hidden" || (kind != "form" && types[0].type == nil)
        else {
            return nil
        }
        return types[0].values[0]
    }

    /// The first value of a field.
    public subscript(name: String) -> String? {
        fields.first { $0.name == name }?.values.first
    }

    /// The first value of a field whose name is in Clark notation (XEP-0068 § 3.3).
    public subscript(clark name: Name) -> String? { self[name.description] }

    /// The form as an element.
    public var element: Element {
        var children: [Element] = []
        if let title { children.append(Element("title", Namespace.dataForms, text: title)) }
        children += instructions.map { Element("instructions", Namespace.dataForms, text: $0) }
        return Element("x", Namespace.dataForms, ["type": kind], children + fields.map(\.element))
    }
}

extension DataForm.Field {
    fileprivate init(_ name: String, _ field: Element) {
        self.init(
            name,
            field.all("value", Namespace.dataForms).map(\.text),
            type: field["type"],
            label: field["label"],
            explanation: field.first("desc", Namespace.dataForms)?.text,
            isRequired: field.first("required", Namespace.dataForms) != nil,
            options: field.all("option", Namespace.dataForms).compactMap { option in
                option.first("value", Namespace.dataForms).map { Option($0.text, label: option["label"]) }
            }
        )
    }

    fileprivate var element: Element {
        var children: [Element] = []
        if let explanation { children.append(Element("desc", Namespace.dataForms, text: explanation)) }
        if isRequired { children.append(Element("required", Namespace.dataForms)) }
        children += values.map { Element("value", Namespace.dataForms, text: $0) }
        children += options.map { option in
            Element(
                "option",
                Namespace.dataForms,
                ["label": option.label],
                [Element("value", Namespace.dataForms, text: option.value)]
            )
        }
        return Element(
            "field",
            Namespace.dataForms,
            ["var": name, "type": type, "label": label],
            children
        )
    }
}

extension DataForm.Field: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Name and values; of a secret field only the name.
    public var description: String {
        isSecret ? "\(name): (secret)" : "\(name): \(values.joined(separator: ", "))"
    }
    /// The same.
    public var debugDescription: String { description }
    /// Nothing beyond the description to look into.
    public var customMirror: Mirror { Mirror(self, children: ["field": description]) }
}
