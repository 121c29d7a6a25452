import YAMLConfiguration

/// What a section of a file says, without its places: equal images mean the same settings, wherever in the file they stand.
///
/// It may hold a password that stands in the file, so neither description nor reflection shows anything of it.
struct SectionImage: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    private let text: String

    /// The image of nothing.
    init() { text = "" }

    /// The image of a node; keys count in any order, and what holds nothing counts as not there.
    init(_ node: ConfigurationNode) {
        var text = ""
        Self.write(node, to: &text)
        self.text = text
    }

    var description: String { "a section" }
    var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }

    /// Each text with its length, so that no two nodes have one image.
    private static func write(_ node: ConfigurationNode, to text: inout String) {
        switch node.content {
        case .null: text += "-"
        case .scalar(let value): text += "s\(value.utf8.count):\(value)"
        case .list(let nodes):
            text += "l\(nodes.count)["
            for node in nodes { write(node, to: &text) }
        case .map(let pairs):
            let given = pairs.filter { $0.value.content != .null }
            text += "m\(given.count){"
            for pair in given.sorted(by: { $0.key < $1.key }) {
                text += "\(pair.key.utf8.count):\(pair.key)="
                write(pair.value, to: &text)
            }
        }
    }
}
