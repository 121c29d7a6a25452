import OxbowSQLite
import Testing
import XMPP

@testable import OxbowCommand

/// R13: the operator forgets a pin.
@Suite("oxbow forget-login")
struct ForgetLoginTests {
    @Test("what a login has proved is gone afterwards, for this account alone")
    func forgets() async throws {
        let digits = String(repeating: "0", count: 64)
        let key = StoreKeySource.given(try #require(StoreKey(text: digits)))
        let bench = try Bench("accounts: [{jid: a@b, password: x}, {jid: c@b, password: x}]\nstore_key: '\(digits)'\n")
        let (mine, other) = (try #require(Address("a@b")), try #require(Address("c@b")))
        let path = bench.folder + "/state/oxbow.sqlite"
        _ = await bench.run("forget-login", "a@b")
        let before = try await StateDatabase.open(path: path, now: 1, key: key)
        for account in [mine, other] { try await before.setLoginPins(LoginPins(scram: true, channelBinding: true), of: account) }
        try await before.close()

        let said = await bench.run("forget-login", "a@b")
        #expect(said.status == .done)
        let after = try await StateDatabase.open(path: path, now: 1, key: key)
        #expect(try await after.loginPins(of: mine) == nil)
        #expect(try await after.loginPins(of: other)?.scram == true)
        try await after.close()
    }

    @Test("an address that is no account is bad usage")
    func unknown() async throws {
        let bench = try Bench("accounts: [{jid: a@b, password: x}]")
        #expect(await bench.run("forget-login", "x@y").status == .usage)
        #expect(await bench.run("forget-login", "nothing").status == .usage)
    }
}
