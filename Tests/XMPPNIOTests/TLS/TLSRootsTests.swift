import Testing

@testable import XMPPNIO

@Suite struct TLSRootsTests {
    @Test func readsAFileAgainWhenItHasChanged() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let authority = try await TestAuthority(in: folder)
        try await authority.selfSign("other", names: "DNS:other.test")
        let roots = TLSRoots.file(folder.path + "/roots.pem")
        try folder.write(folder.read("ca.pem"), to: "roots.pem")
        #expect(try await roots.certificates().count == 1)
        try folder.write(folder.read("ca.pem") + folder.read("other.crt"), to: "roots.pem")
        #expect(try await roots.certificates().count == 2)
        #expect(roots.description.hasSuffix("/roots.pem"))
    }

    @Test func saysWhatIsWrongWithAFile() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let absent = await #expect(throws: TLSRootsError.self) { try await TLSRoots.file(folder.path + "/absent").certificates() }
        #expect(absent?.message.contains("No such file") == true)
        for text in ["", "not PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            try folder.write(text, to: "bad.pem")
            let bad = await #expect(throws: TLSRootsError.self) { try await TLSRoots.file(folder.path + "/bad.pem").certificates() }
            #expect(bad?.message.contains("bad.pem") == true)
        }
    }
}
