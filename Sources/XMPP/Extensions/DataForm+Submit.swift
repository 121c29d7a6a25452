/// What is filled into a form: by field name, with values that may be secret.
public struct FormAnswers: Sendable {
    /// A value that is filled in.
    public enum Value: Sendable {
        /// Values that anybody may see.
        case plain([String])
        /// A password or the like; no description shows it.
        case secret(Password)
    }

    private var values: [String: Value]

    /// Takes answers by the fields' names.
    public init(_ values: [String: Value] = [:]) {
        self.values = values
    }

    /// The names that there are answers for.
    public var names: Set<String> { Set(values.keys) }

    /// The answer for a field.
    public subscript(name: String) -> Value? {
        get { values[name] }
        set { values[name] = newValue }
    }

    func texts(_ name: String) -> [String]? {
        switch values[name] {
        case .plain(let texts): texts
        case .secret(let password): [password.text]
        case nil: nil
        }
    }

    func isSecret(_ name: String) -> Bool {
        if case .secret = values[name] { true } else { false }
    }
}

/// Why a form could not be filled in. It names fields, never values.
public struct FormError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Required fields for which there is no answer, in the form's order, with their labels if they have any.
    public let missing: [String]
    /// Answers for which the form has no field, sorted.
    public let unknown: [String]
    /// Fields whose answer is none of the options, in the form's order.
    public let notOffered: [String]

    /// Which fields are wrong.
    public var description: String {
        var parts: [String] = []
        if !missing.isEmpty { parts.append("these fields are required: \(Self.list(missing))") }
        if !unknown.isEmpty { parts.append("the form has no such fields: \(Self.list(unknown))") }
        if !notOffered.isEmpty {
            parts.append("the answer is none of the options: \(Self.list(notOffered))")
        }
        return parts.joined(separator: "; ")
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(40).map(Printable.text).joined(separator: ", ")
    }
}

extension DataForm {
    /// Fills in a form (XEP-0004 § 3.2).
    ///
    /// Fields without an answer keep what the form proposes. What is of type `fixed` is left out; hidden fields are returned as they came.
    /// Types are repeated for hidden fields only: there, services insist on it.
    /// - Throws: ``FormError`` if required fields have no answer, an answer has no field, or is none of a `list-single`'s options.
    public func submission(_ answers: FormAnswers) throws(FormError) -> DataForm {
        var missing: [String] = []
        var notOffered: [String] = []
        var filled: [Field] = []
        for field in fields where field.type != "fixed" {
            let values = field.type == "hidden" ? field.values : answers.texts(field.name) ?? field.values
            if values.allSatisfy(\.isEmpty) {
                if field.isRequired {
                    missing.append(field.label.map { "\(field.name) (\($0))" } ?? field.name)
                }
                if answers.texts(field.name) == nil, field.type != "hidden" { continue }
            } else if field.type == "list-single", !field.options.isEmpty,
                !values.allSatisfy({ value in field.options.contains { $0.value == value } })
            {
                notOffered.append(field.name)
            }
            let isSecret = field.isSecret || answers.isSecret(field.name)
            filled.append(
                Field(field.name, values, type: field.type == "hidden" ? "hidden" : nil, isSecret: isSecret)
            )
        }
        let unknown = answers.names.subtracting(
            fields.lazy.filter { $0.type != "hidden" && $0.type != "fixed" }.map(\.name)
        ).sorted()
        guard missing.isEmpty, unknown.isEmpty, notOffered.isEmpty else {
            throw FormError(missing: missing, unknown: unknown, notOffered: notOffered)
        }
        var form = self
        form.kind = "submit"
        form.title = nil
        form.instructions = []
        form.fields = filled
        return form
    }
}
