/// The nearest name to one that doesn't exist.
enum Nearest {
    static func hint(to name: String, among names: [String]) -> String? {
        guard let near = Self.name(to: name, among: names) else { return "docs/alerting.md has the names" }
        return "did you mean '\(near)'?"
    }

    /// The nearest of the names, if it is near enough to be meant.
    static func name(to name: String, among names: [String]) -> String? {
        let near = names.map { (distance($0, name), $0) }.min { $0 < $1 }
        guard let near, near.0 <= max(1, (name.count + 1) / 3) else { return nil }
        return near.1
    }

    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.utf8), Array(right.utf8.prefix(60)))
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let next = min(diagonal + (a == b ? 0 : 1), row[j] + 1, row[j + 1] + 1)
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[right.count]
    }
}
