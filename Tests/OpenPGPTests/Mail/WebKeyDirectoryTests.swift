import Testing

@testable import OpenPGP

@Suite struct WebKeyDirectoryTests {
    private func mailbox(_ address: String) throws -> UserIDMailbox { try #require(UserIDMailbox(address: address)) }

    private func directory(_ address: String) throws -> WebKeyDirectory {
        let mailbox = try mailbox(address)
        return try #require(WebKeyDirectory(mailbox))
    }

    @Test("The example of draft-koch-openpgp-webkey-service § 3.1") func draft() throws {
        let place = try directory("Joe.Doe@Example.ORG")
        #expect(place.name == "iy9q119eutrkn8s1mk4r39qejnbu3n5q")
        #expect(
            place.url(.advanced)
                == "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe"
        )
        #expect(place.url(.direct) == "https://example.org/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe")
        #expect(place.path(.direct) == ".well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q")
        #expect(place.policyPath(.advanced) == ".well-known/openpgpkey/example.org/policy")
        #expect(place.policyPath(.direct) == ".well-known/openpgpkey/policy")
        #expect(place.host(.advanced) == "openpgpkey.example.org" && place.host(.direct) == "example.org")
    }

    @Test("RFC 6189 5.1.6: z-base-32") func zBase32() {
        #expect(WebKeyDirectory.zBase32([]) == "")
        #expect(WebKeyDirectory.zBase32([0xf0, 0xbf, 0xc7]) == "6n9hq")
        #expect(WebKeyDirectory.zBase32([0xd4, 0x7a, 0x04]) == "4t7ye")
        #expect(WebKeyDirectory.zBase32([0, 0x44, 0x32, 0x14, 0xc7]) == "ybndrfg8")
        #expect(WebKeyDirectory.zBase32(Array(repeating: 255, count: 5)) == "99999999")
    }

    @Test("Only ASCII's capitals are lowered, and the query escapes what a URL can't hold") func escaping() throws {
        let place = try directory("\u{c4}+b&c=d/e?f#g@example.org")
        #expect(place.url(.direct).hasSuffix("?l=%C3%84%2Bb%26c%3Dd%2Fe%3Ff%23g"))
        let lower = try directory("\u{e4}+b&c=d/e?f#g@example.org")
        #expect(place.name != lower.name)
    }

    @Test("A domain that isn't in ASCII has no place until it is written so") func domains() throws {
        #expect(WebKeyDirectory(try mailbox("a@ex\u{e4}mple.org")) == nil)
        #expect(WebKeyDirectory(try mailbox("a@xn--exmple-cua.org")) != nil)
        let long = String(repeating: "b", count: 61)
        #expect(WebKeyDirectory(try mailbox("a@\(long).\(long).\(long).\(long)")) == nil)
    }
}

@Suite(.parties) struct WebKeyDirectoryNameTests {
    @Test("gpg finds keys by the same names") func gnupg() async throws {
        let its = try Parties.current
        for address in ["Web.Key@Example.org", "o'b+x@example.org"] {
            let key = try await its.forge.key("<\(address)>")
            let listing = String(decoding: try await its.forge.gpg(["--with-wkd-hash", "--list-keys", key.hex]), as: UTF8.self)
            let mailbox = try #require(UserIDMailbox(address: address))
            let place = try #require(WebKeyDirectory(mailbox))
            #expect(listing.contains("\(place.name)@"), "\(address): \(listing)")
        }
    }
}
