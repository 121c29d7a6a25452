/// A name that a template may use, and what it stands for.
public struct ContextField: Sendable, Hashable {
    /// What stands behind a name.
    public indirect enum Kind: Sendable, Hashable {
        /// A text. As a section it is there unless the text is empty.
        case text
        /// Yes or no, for sections.
        case flag
        /// Names with values: as a section it gives rows of `name` and `value`; `labels.NAME` is one value, empty when there is none.
        case labels
        /// Rows with these fields.
        case list([ContextField])
    }

    /// The name.
    public var name: String
    /// What stands behind it.
    public var kind: Kind
    /// One line about it.
    public var note: String

    /// Makes a text.
    public init(_ name: String, _ note: String) { self.init(name, .text, note) }

    /// Makes a field.
    public init(_ name: String, _ kind: Kind, _ note: String) {
        self.name = name
        self.kind = kind
        self.note = note
    }
}
