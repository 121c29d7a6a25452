import Mustache

/// How much one rendering may still write, in bytes. Lists within lists multiply; this bounds the product.
///
/// One rendering is synchronous, and its nodes live no longer: the class never leaves it.
final class RenderBudget {
    private var left: Int
    /// What each row costs besides its values: the template's own text may be repeated with it.
    let row: Int

    init(_ bytes: Int, row: Int) {
        self.left = bytes
        self.row = row
    }

    func take(_ bytes: Int) -> Bool {
        guard left > 0 else { return false }
        left -= bytes
        return true
    }
}

/// A text in a template's context. Mustache takes any object for true; this one is "not there" when it is empty, and never looks further out.
struct TextNode: MustacheCustomRenderable, MustacheTransformable, MustacheParent {
    private let make: () -> String
    private let budget: RenderBudget

    /// A text that is made when it is asked for: most names of a context never are.
    init(text: @autoclosure @escaping () -> String, budget: RenderBudget) {
        self.make = text
        self.budget = budget
    }

    /// Nothing: Mustache would else find the properties of this type by their names.
    func child(named name: String) -> Any? { nil }

    var renderText: String {
        let text = make()
        return budget.take(text.utf8.count) ? text : ""
    }

    var isNull: Bool { make().isEmpty }

    func transform(_ name: String) -> Any? {
        let text = make()
        guard budget.take(text.utf8.count) else { return nil }
        return text.transform(name)
    }
}

/// A row: names with texts, flags, lists. A declared name is always there, so that an outer one of the same name isn't taken for it.
struct RowNode: MustacheParent {
    var members: [String: Any]

    func child(named name: String) -> Any? { members[name] }
}

/// Rows, as many as the budget allows.
struct ListNode: MustacheSequence, MustacheParent {
    let rows: [RowNode]
    let budget: RenderBudget

    /// Nothing: see ``TextNode``.
    func child(named name: String) -> Any? { nil }

    func makeIterator() -> AnyIterator<RowNode> {
        var rest = rows[...]
        return AnyIterator {
            guard let row = rest.first, budget.take(budget.row) else { return nil }
            rest = rest.dropFirst()
            return row
        }
    }
}

/// Labels: rows of `name` and `value` as a section, one value by its name. Names with dots are found too: `labels.app.kubernetes.io`.
struct LabelsNode: MustacheSequence, MustacheParent {
    let labels: [String: String]
    /// How many rows a section has at most; by name all are found.
    let limit: Int
    let budget: RenderBudget

    func child(named name: String) -> Any? { LabelPathNode(labels: labels, path: name, budget: budget).ifThere }

    func makeIterator() -> AnyIterator<RowNode> {
        let rows = labels.lazy.filter { !Labels.isHidden($0.key) }.sorted { $0.key < $1.key }.prefix(limit)
        return ListNode(
            rows: rows.map {
                RowNode(members: ["name": TextNode(text: $0.key, budget: budget), "value": TextNode(text: $0.value, budget: budget)])
            },
            budget: budget
        ).makeIterator()
    }
}

/// One label by its name, or the beginning of such a name.
struct LabelPathNode: MustacheParent, MustacheCustomRenderable, MustacheTransformable {
    let labels: [String: String]
    let path: String
    let budget: RenderBudget

    private var node: TextNode { TextNode(text: labels[path] ?? "", budget: budget) }

    /// Only what there is: as a section this stands among those who are asked for a name, and must not answer for outer ones.
    var ifThere: LabelPathNode? { labels[path] != nil || labels.keys.contains { $0.hasPrefix(path + ".") } ? self : nil }

    func child(named name: String) -> Any? { LabelPathNode(labels: labels, path: "\(path).\(name)", budget: budget).ifThere }

    var renderText: String { node.renderText }
    var isNull: Bool { node.isNull }
    func transform(_ name: String) -> Any? { node.transform(name) }
}
