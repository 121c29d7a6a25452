import Testing
import XMPP

@testable import XMPPNIO

@Suite struct AttemptLogTests {
    @Test func theMostTellingFailureStays() {
        var log = AttemptLog()
        #expect(log.best == nil)
        log.note(SessionFailure(.resolve, "a"))
        log.note(SessionFailure(.network, "b"))
        log.note(SessionFailure(.tls, "c"))
        log.note(SessionFailure(.tls, "d"))
        log.note(SessionFailure(.network, "e"))
        #expect(log.best?.message == "c")
        log.note(SessionFailure(.login, "f"))
        #expect(log.best?.message == "f")
    }
}
