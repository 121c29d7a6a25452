/// An element's attributes by name. Used like a dictionary, but kept as a list in order of appearance: with the handful of attributes that
/// elements have, looking through them is faster than hashing names, and a third of the memory.
public struct Attributes: Sendable {
    /// One attribute. (A structure: arrays of tuples are slower to make.)
    struct Entry: Sendable {
        let key: Name
        var value: String
    }
    private var list: [Entry]

    /// Makes an empty set.
    public init() {
        list = []
    }

    /// Takes over pairs whose keys are known to differ.
    init(unchecked list: consuming [Entry]) {
        self.list = list
    }

    /// The value under a name; `nil` takes the attribute away.
    public subscript(name: Name) -> String? {
        get {
            for entry in list where entry.key == name { return entry.value }
            return nil
        }
        set {
            let index = list.firstIndex { $0.key == name }
            switch (index, newValue) {
            case (let index?, let value?): list[index].value = value
            case (let index?, nil): list.remove(at: index)
            case (nil, let value?): list.append(Entry(key: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// The names, in order of appearance.
    public var keys: [Name] { list.map(\.key) }

    /// The values, in order of appearance.
    public var values: [String] { list.map(\.value) }

    /// Takes an attribute away and returns its value.
    @discardableResult
    public mutating func removeValue(forKey name: Name) -> String? {
        guard let index = list.firstIndex(where: { $0.key == name }) else { return nil }
        return list.remove(at: index).value
    }
}

extension Attributes: RandomAccessCollection {
    /// The place of the first attribute.
    public var startIndex: Int { 0 }
    /// The place behind the last attribute.
    public var endIndex: Int { list.count }
    /// The attribute at a place.
    public subscript(position: Int) -> (key: Name, value: String) { (list[position].key, list[position].value) }
}

extension Attributes: ExpressibleByDictionaryLiteral {
    /// Makes attributes; of pairs with the same name the last one counts.
    public init(dictionaryLiteral elements: (Name, String)...) {
        self.init()
        for (name, value) in elements { self[name] = value }
    }
}

extension Attributes: Hashable {
    /// Whether both have the same attributes, in any order.
    public static func == (left: Attributes, right: Attributes) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }

    /// Hashes without regard to order.
    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for entry in list {
            var one = Hasher()
            one.combine(entry.key)
            one.combine(entry.value)
            sum ^= one.finalize()
        }
        hasher.combine(sum)
    }
}
