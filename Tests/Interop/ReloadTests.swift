import Foundation
import Testing

extension Interop {
    /// SIGHUP and the real daemon: what has changed begins anew, what has not stays connected.
    @Suite struct ReloadTests {
        @Test("SIGHUP: a changed account restarts alone, a bad file changes nothing and says why, a new account comes online")
        func reload() async throws {
            let rig = try Rig.current
            let (first, second, third) = (
                try await rig.server.account("first"), try await rig.server.account("second"), try await rig.server.account("third")
            )
            let oxbow = try OxbowProgram([.init(jid: first), .init(jid: second)], server: rig.server)
            let daemon = try await Daemon.online(oxbow, count: 2)
            let alice = try await rig.correspondent("alice", with: first)
            #expect(try await alice.ask("before") == "before")
            func since(_ jid: String) async throws -> Int? { try await daemon.status().account(jid)["since"]?.int }
            let firstSince = try await since(first)

            // A bad file: nothing happens to anybody.
            try oxbow.write([.init(jid: first), .init(jid: second, lines: ["resorce: r"])], server: rig.server)
            try daemon.leash.signal("HUP")
            try await daemon.logged("accounts[1].resorce: unknown key; did you mean 'resource'?")
            let refused = try await daemon.status()
            #expect(refused.json["reload"]?["error"]?.string?.contains("config.yaml:") == true, "\(refused.json)")
            #expect(try refused.state(first) == "online")
            #expect(try refused.state(second) == "online")

            // A changed account begins anew, a new one begins, the other notices nothing.
            try oxbow.write([.init(jid: first), .init(jid: second, lines: ["resource: r"]), .init(jid: third)], server: rig.server)
            let mark = daemon.leash.lines.count
            try daemon.leash.signal("HUP")
            try await daemon.online(second, from: mark)
            try await daemon.online(third, from: mark)
            let taken = try await daemon.status()
            #expect(taken.json["reload"]?["error"] == nil)
            #expect(try await since(first) == firstSince)
            #expect(try await alice.ask("after") == "after")

            // A bot that is changed answers by its new rules.
            let loud = OxbowProgram.echoAll.replacing("element: body", with: "element: body\n    match: '^!'")
            try Folder.write(loud + "\n", to: oxbow.folder + "/bots/all/bot.yaml")
            let again = daemon.leash.lines.count
            try daemon.leash.signal("HUP")
            for account in [first, second, third] { try await daemon.online(account, from: again) }
            #expect(try await alice.ask("!loud") == "!loud")

            // One that is gone is ended.
            try oxbow.write([.init(jid: first)], server: rig.server)
            let last = daemon.leash.lines.count
            try daemon.leash.signal("HUP")
            _ = try await daemon.leash.lines.first(from: last, "the end of the reload") { $0.text.contains("configuration taken on") }
            let status = try await daemon.status()
            #expect(status.json["accounts"]?.array?.count == 1)
            #expect(try await daemon.terminate().code == 0)
        }
    }
}
