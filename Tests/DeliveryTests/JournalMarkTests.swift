import Delivery
import Testing

struct JournalMarkTests {
    @Test("R2: a sender can't choose an origin-id that passes for a content hash")
    func kinds() {
        let hash = String(repeating: "ab", count: 32)
        #expect(JournalMark.content(hash) != JournalMark.originID(hash))
        #expect(JournalMark.originID("content " + hash).text != JournalMark.content(hash).text)
        #expect(JournalMark.originID("a") == JournalMark.originID("a"))
    }
}
