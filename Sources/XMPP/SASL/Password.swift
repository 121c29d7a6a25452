/// A password that doesn't show in descriptions, dumps or string interpolation.
public struct Password: Sendable {
    let text: String

    /// Takes a password.
    public init(_ text: String) {
        self.text = text
    }
}

extension Password: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A placeholder.
    public var description: String { "(password)" }
    /// A placeholder.
    public var debugDescription: String { description }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
