import Testing
import XML

@Suite struct AttributesTests {
    @Test func orderDoesNotMatterForEquality() {
        let left: Attributes = [Name("a"): "1", Name("b", "u"): "2"]
        let right: Attributes = [Name("b", "u"): "2", Name("a"): "1"]
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left.keys == [Name("a"), Name("b", "u")])
        #expect(left != [Name("a"): "1"])
        #expect(left != [Name("a"): "1", Name("b"): "2"])
    }

    @Test func usedLikeADictionary() {
        var attributes: Attributes = [Name("a"): "1", Name("a"): "2"]
        #expect(attributes.count == 1)
        #expect(attributes[Name("a")] == "2")
        attributes[Name("b")] = "3"
        attributes[Name("a")] = nil
        attributes[Name("c")] = nil
        #expect(attributes.map(\.value) == ["3"])
        #expect(attributes.removeValue(forKey: Name("b")) == "3")
        #expect(attributes.removeValue(forKey: Name("b")) == nil)
        #expect(attributes.isEmpty)
    }
}
