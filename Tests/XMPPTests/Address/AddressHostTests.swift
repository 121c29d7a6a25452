import Testing

@testable import XMPP

@Suite struct AddressHostTests {
    @Test(arguments: [
        ("a@Example.ORG./r", "example.org"), ("a@bücher.example", "xn--bcher-kva.example"),
        ("a@XN--bcher-kva.example", "xn--bcher-kva.example"),
        ("a@[::1]", "::1"), ("a@127.0.0.1", "127.0.0.1"), ("localhost", "localhost"), ("a@faß.de", "xn--fa-hia.de"),
    ])
    func asDNSWritesIt(_ address: String, _ host: String) throws {
        #expect(try #require(Address(address)).host == host)
    }
}
