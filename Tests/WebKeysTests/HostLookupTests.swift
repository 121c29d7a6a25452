import Glibc
import Testing

@testable import WebKeys

@Suite struct HostLookupTests {
    @Test("Only what name servers say for certain means that there is no host") func codes() {
        for code in [EAI_NONAME, -5] { #expect(SystemHostLookup.meansNone(code)) }
        for code in [EAI_AGAIN, EAI_FAIL, EAI_SYSTEM, EAI_MEMORY, EAI_FAMILY, EAI_SERVICE] { #expect(!SystemHostLookup.meansNone(code)) }
    }

    @Test("Addresses are in the form in which they are connected to") func addresses() throws {
        #expect(try SystemHostLookup.addresses(of: "127.0.0.1") == ["127.0.0.1"])
        #expect(try SystemHostLookup.addresses(of: "0:0::1") == ["::1"])
    }
}
