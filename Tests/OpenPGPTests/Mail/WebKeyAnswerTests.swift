import Testing

@testable import OpenPGP

@Suite(.parties) struct WebKeyAnswerTests {
    private func mailbox(_ address: String) throws -> UserIDMailbox { try #require(UserIDMailbox(address: address)) }

    @Test("One certificate is the answer as it is, whomever it is for; armor comes off") func single() async throws {
        let its = try Parties.current
        let key = try await its.forge.export(its.forge.key("<single@answer.test>"))
        let other = try mailbox("other@answer.test")
        #expect(try WebKeyDirectory.certificate(of: other, in: key) == key)
        #expect(try WebKeyDirectory.certificate(of: other, in: Array(ASCIIArmor.encode(key, as: .publicKey).utf8)) == key)
    }

    @Test("Of several only the one with the mailbox counts") func several() async throws {
        let its = try Parties.current
        let mine = try await its.forge.key("Me <mine@answer.test>")
        let (own, foreign) = (try await its.forge.export(mine), try await its.forge.export(its.forge.key("<foreign@answer.test>")))
        let mailbox = try mailbox("mine@answer.test")
        for answer in [own + foreign, foreign + own] {
            let chosen = try WebKeyDirectory.certificate(of: mailbox, in: answer)
            #expect(chosen == own)
            let fingerprint = try await its.bob.inspect(chosen).fingerprint
            #expect(fingerprint == mine)
        }
        let nobody = try self.mailbox("nobody@answer.test")
        #expect(throws: OpenPGPError.self) { try WebKeyDirectory.certificate(of: nobody, in: own + foreign) }
    }

    @Test("Revoked ones may stand beside the one in use; two in use are none") func revoked() async throws {
        let its = try Parties.current
        let old = try await its.forge.key("<moved@answer.test>")
        let before = try await its.forge.export(old)
        let new = try await its.forge.export(its.forge.key("Moved <moved@answer.test>"))
        let mailbox = try mailbox("moved@answer.test")
        let error = #expect(throws: OpenPGPError.self) { try WebKeyDirectory.certificate(of: mailbox, in: before + new) }
        #expect(error?.code == .badKey)
        try await its.forge.revoke(old)
        let after = try await its.forge.export(old)
        #expect(try WebKeyDirectory.certificate(of: mailbox, in: after + new) == new)
        #expect(try WebKeyDirectory.certificate(of: mailbox, in: new + after) == new)
        #expect(try WebKeyDirectory.certificate(of: mailbox, in: after + after) == after)
    }

    @Test("What is no public key is refused before gpg sees it") func malformed() throws {
        let mailbox = try mailbox("a@answer.test")
        let answers: [[UInt8]] = [
            [], Array("<!DOCTYPE html>".utf8), [0xC6, 200], [0xCD, 1, 65], [0xC5, 1, 4], Array("-----BEGIN PGP PUBLIC KEY BLOCK-----".utf8),
            Array(ASCIIArmor.encode([0xC6, 1, 4], as: .privateKey).utf8),
        ]
        for answer in answers {
            let error = #expect(throws: OpenPGPError.self) { try WebKeyDirectory.certificate(of: mailbox, in: answer) }
            #expect(error?.code == .badKey)
        }
    }
}
