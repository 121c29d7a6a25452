/// The names of a stream by the pointers under which libxml2 interns their parts: a name is made once, then only looked up.
///
/// Valid as long as the dictionary that the pointers belong to.
struct NameCache {
    private struct Key: Hashable {
        let local: UnsafePointer<UInt8>
        let namespace: UnsafePointer<UInt8>?
    }
    private var names: [Key: Name] = [:]
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    mutating func name(_ local: UnsafePointer<UInt8>, _ namespace: UnsafePointer<UInt8>?) throws(ParseError) -> Name {
        let key = Key(local: local, namespace: namespace)
        if let name = names[key] { return name }
        let name = Name(String(cString: local), namespace.map { String(cString: $0) } ?? "")
        guard name.local.utf8.count <= limit, name.namespace.utf8.count <= limit else {
            throw ParseError(.tooBig, "a name or namespace of more than \(limit) bytes")
        }
        names[key] = name
        return name
    }
}
