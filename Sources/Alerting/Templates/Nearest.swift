import YAMLConfiguration

/// What to do about a name that doesn't exist.
enum Nearest {
    static func hint(to name: String, among names: [String]) -> String? {
        guard let near = nearest(to: name, among: names) else { return "docs/alerting.md has the names" }
        return "did you mean '\(near)'?"
    }
}
