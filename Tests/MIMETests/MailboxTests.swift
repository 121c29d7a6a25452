import MIME
import Testing

@Suite struct MailboxTests {
    @Test func nothingIsNoMailbox() {
        #expect(Mailbox(parsing: "") == nil)
    }
}
