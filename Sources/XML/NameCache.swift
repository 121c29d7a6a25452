/// The names of a stream by the pointers under which libxml2 interns their parts: a name is made once, then only looked up.
///
/// Valid as long as the dictionary that the pointers belong to. A table of our own, since looking a name up is what the parser does most
/// often and the standard dictionary's hash alone would cost more than libxml2's whole tag.
struct NameCache {
    private struct Slot {
        var local: UnsafePointer<UInt8>?
        var namespace: UnsafePointer<UInt8>?
        var name = Name("")
    }
    private var slots = [Slot](repeating: Slot(), count: 64)
    private var used = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    mutating func name(_ local: UnsafePointer<UInt8>, _ namespace: UnsafePointer<UInt8>?) throws(ParseError) -> Name {
        let place = place(of: local, namespace)
        if slots[place].local != nil { return slots[place].name }
        return try add(local, namespace)
    }

    /// Where a name is, or the free slot where it belongs.
    private func place(of local: UnsafePointer<UInt8>, _ namespace: UnsafePointer<UInt8>?) -> Int {
        let mask = slots.count - 1
        // Two odd constants spread the low bits, of which pointers into one pool have few, over the word.
        let mixed = (UInt(bitPattern: local) &* 0x9E37_79B9_7F4A_7C15) ^ (UInt(bitPattern: namespace) &* 0xC2B2_AE3D_27D4_EB4F)
        var place = Int(truncatingIfNeeded: mixed >> 32) & mask
        while let other = slots[place].local, other != local || slots[place].namespace != namespace { place = (place + 1) & mask }
        return place
    }

    @inline(never)
    private mutating func add(_ local: UnsafePointer<UInt8>, _ namespace: UnsafePointer<UInt8>?) throws(ParseError) -> Name {
        let name = Name(String(cString: local), namespace.map { String(cString: $0) } ?? "")
        guard name.local.utf8.count <= limit, name.namespace.utf8.count <= limit else {
            throw ParseError(.tooBig, "a name or namespace of more than \(limit) bytes")
        }
        if used * 2 >= slots.count {
            let old = slots
            slots = [Slot](repeating: Slot(), count: old.count * 2)
            for slot in old {
                guard let local = slot.local else { continue }
                slots[place(of: local, slot.namespace)] = slot
            }
        }
        slots[place(of: local, namespace)] = Slot(local: local, namespace: namespace, name: name)
        used += 1
        return name
    }
}
