/// What a source knows besides what every intake has: a push's commits, a pull request's number. Templates see it by its name.
public enum Detail: Sendable, Hashable, Codable {
    /// A text; empty counts as absent.
    case text(String)
    /// Names with values, such as the flat paths of any JSON.
    case labels([String: String])
    /// A list of rows, each with the same names.
    case rows([[String: String]])
}
