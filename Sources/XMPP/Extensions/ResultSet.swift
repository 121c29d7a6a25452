internal import XML

/// A page of a set of results (XEP-0059).
enum ResultSet {
    /// Asks for a page: at most `max` results, behind one of them.
    static func element(max: Int, after: String?) -> Element {
        var set = Element("set", Namespace.resultSets, [:], [Element("max", Namespace.resultSets, text: String(max))])
        if let after { set.append(Element("after", Namespace.resultSets, text: after)) }
        return set
    }

    /// The id of a page's last result; `nil` for an empty page.
    static func last(in element: Element) -> String? {
        guard let last = element.first("set", Namespace.resultSets)?.first("last", Namespace.resultSets)?.text, !last.isEmpty else {
            return nil
        }
        return last
    }
}
