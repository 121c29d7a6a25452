import XML
import XMPP
import YAMLConfiguration

extension ValueType where Value == [AddressGlob] {
    /// Globs on bare JIDs, or on people behind gateways: a list, or a single one.
    static var globs: Self {
        let glob = ValueType<AddressGlob>.contactGlob
        return either(
            glob.checked(as: "a glob on addresses") { (glob) throws(Complaint) in [glob] },
            or: .list(of: glob),
            first: { if case .list = $0.content { false } else { true } }
        )
    }
}

extension ValueType where Value == Set<Name> {
    /// A payload element: a plain name (of the two stanza namespaces), or Clark notation.
    static var payloadElement: Self {
        ValueType<String>.name.checked(as: "an element: body, or {namespace}name") { (text) throws(Complaint) in
            guard let name = Name(clark: text), !text.contains(where: \.isWhitespace) else {
                throw Complaint("'\(text)' is no name of an element", hint: "write 'body', or '{namespace}name' in quotes")
            }
            let names: Set = name.namespace.isEmpty ? [Name(name.local, Namespace.client), Name(name.local, Namespace.server)] : [name]
            guard !names.contains(where: PayloadRules.forbids) else {
                throw Complaint("\(text) never reaches a handler: it belongs to the stanza, not to the content")
            }
            return names
        }
    }
}

extension ValueType where Value == Matcher {
    /// A regular expression in PCRE2 syntax.
    static var pattern: Self {
        ValueType<String>.string.checked(as: "a regular expression (PCRE2)") { (text) throws(Complaint) in
            do throws(Matcher.PatternError) {
                return try Matcher(text)
            } catch {
                throw Complaint("is no regular expression: \(error)")
            }
        }
    }
}

extension ValueType where Value == Rate {
    /// A rate: a number and a window.
    static var rate: Self {
        ValueType<String>.string.checked(as: "a rate (30/1m)") { (text) throws(Complaint) in
            try Rate.read(text)
        }
    }
}

extension Rate {
    /// Reads `30/1m`.
    static func read(_ text: String) throws(Complaint) -> Rate {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000).contains(count),
            let window = parseDuration(String(parts[1])),
            window > .zero, window <= .seconds(86_400 * 7)
        else { throw Complaint("expected a rate", hint: "write it like 30/1m: thirty in one minute") }
        return Rate(count: count, window: window)
    }
}
