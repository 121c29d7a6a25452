import Foundation
import OX
import OpenPGP
import Testing
import XML
import XMPP

@Suite("Announcing our key")
struct AnnouncerTests {
    private func announcer(_ bench: Bench) -> Announcer {
        let clock = bench.clock
        return Announcer(engine: bench.engine, session: bench.server.session(botJID), pins: bench.pins, clock: { clock.now })
    }

    private func entries(_ bench: Bench) -> [[String?]] {
        let list = bench.server.node(listNode, of: botJID)?.items.first?.payload
        return list?.elements.map { [$0["v4-fingerprint"], $0["date"]] } ?? []
    }

    @Test("P3 P4 P5 P6 first the key, then the list, both open; the second time nothing")
    func first() async throws {
        try await Bench.use { bench in
            let announcer = announcer(bench)
            let report = try await announcer.announce()
            #expect(report == Announcement(fingerprint: bench.cast.bot, publishedKey: true, publishedList: true))
            #expect(bench.server.publications.map { $0["node"] } == [dataNode(bench.cast.bot), listNode])
            let now = DateTime.text(bench.clock.now)
            let key = try #require(bench.server.node(dataNode(bench.cast.bot), of: botJID))
            #expect(key.access == "open" && key.items.map(\.id) == [now])
            let material = try #require(key.items.first?.payload.flatMap { PublicKeyItem($0) }).material
            let info = try await bench.engine.inspect(material)
            #expect(info.fingerprint == bench.cast.bot && info.userIDs == ["xmpp:bot@ox.test"])
            #expect(bench.server.node(listNode, of: botJID)?.items.map(\.id) == ["current"])
            #expect(entries(bench) == [[bench.cast.bot.hex, now]])
            bench.clock.advance(1000)
            #expect(try await announcer.announce() == Announcement(fingerprint: bench.cast.bot))
            #expect(bench.server.publications.count == 2)
        }
    }

    @Test("P1 a new account gets a key of its own, once") func newAccount() async throws {
        try await Bench.use { bench in
            let pins = MemoryPins()
            let account = jid("new@ox.test")
            let made = try await OwnKey.ensure(account: account, engine: bench.engine, pins: pins)
            #expect(try await pins.ownKey(account: account) == made)
            #expect(try await OwnKey.ensure(account: account, engine: bench.engine, pins: pins) == made)
            let info = try #require(try await bench.engine.key(made))
            #expect(info.userIDs == ["xmpp:new@ox.test"] && info.hasSecret && info.expires == nil)
        }
    }

    @Test("S12 a stored key that is missing, or somebody else's, is an error and never replaced")
    func missing() async throws {
        try await Bench.use { bench in
            _ = try await bench.engine.importKey(
                try await bench.forge.export(bench.cast.alice),
                expected: bench.cast.alice,
                keep: ["xmpp:alice@ox.test"]
            )
            for wrong in [bench.cast.mallory, bench.cast.alice] {
                try await bench.pins.setOwnKey(wrong, account: botJID)
                let error = await #expect(throws: AnnounceError.self) { try await announcer(bench).announce() }
                #expect(error?.code == .ownKey)
            }
            #expect(bench.server.publications.isEmpty)
        }
    }

    @Test("P5 entries of other devices stay; ours gets a new date when the key's bytes change")
    func merging() async throws {
        try await Bench.use { bench in
            bench.publishList([(bench.cast.mallory.hex.lowercased(), "odd"), (bench.cast.bot.hex, "2026-01-01T00:00:00Z")], by: botJID)
            _ = try await announcer(bench).announce()
            let now = DateTime.text(bench.clock.now)
            #expect(entries(bench) == [[bench.cast.mallory.hex.lowercased(), "odd"], [bench.cast.bot.hex, now]])
        }
    }

    @Test("P6 a node that is configured otherwise is reconfigured and published on") func precondition() async throws {
        try await Bench.use { bench in
            for node in [dataNode(bench.cast.bot), listNode] {
                bench.server.setNode(TestServer.Node(items: [], access: "presence", persistent: false), node, of: botJID)
            }
            let report = try await announcer(bench).announce()
            #expect(report.publishedKey && report.publishedList && report.warnings.isEmpty)
            for node in [dataNode(bench.cast.bot), listNode] { #expect(bench.server.node(node, of: botJID)?.access == "open") }
        }
    }

    @Test("P6 the last resort is publishing as it is, with a warning") func lastResort() async throws {
        try await Bench.use { bench in
            bench.server.refuseConfiguration()
            for node in [dataNode(bench.cast.bot), listNode] {
                bench.server.setNode(TestServer.Node(items: [], access: "presence"), node, of: botJID)
            }
            let announcer = announcer(bench)
            let report = try await announcer.announce()
            #expect(report.publishedKey && report.publishedList && report.warnings.count == 2)
            // It is said at every start, until somebody has done something about it.
            #expect(try await announcer.announce().warnings.count == 2)
        }
    }

    @Test("P6 what is right but closed is opened at the next start") func closed() async throws {
        try await Bench.use { bench in
            let announcer = announcer(bench)
            _ = try await announcer.announce()
            for node in [dataNode(bench.cast.bot), listNode] {
                var value = try #require(bench.server.node(node, of: botJID))
                value.access = "presence"
                bench.server.setNode(value, node, of: botJID)
            }
            #expect(try await announcer.announce() == Announcement(fingerprint: bench.cast.bot))
            for node in [dataNode(bench.cast.bot), listNode] { #expect(bench.server.node(node, of: botJID)?.access == "open") }
        }
    }

    @Test("P4 a key that doesn't come back as it was published isn't announced") func readBack() async throws {
        try await Bench.use { bench in
            bench.server.corruptPublished()
            let error = await #expect(throws: AnnounceError.self) { try await announcer(bench).announce() }
            #expect(error?.code == .readBack)
            #expect(bench.server.node(listNode, of: botJID) == nil)
        }
    }

    @Test("a list that can't be read is never overwritten") func unreadable() async throws {
        try await Bench.use { bench in
            bench.publishList([(bench.cast.mallory.hex, nil)], by: botJID)
            bench.server.fail(listNode, of: botJID, with: StanzaError("internal-server-error", .wait))
            let error = await #expect(throws: AnnounceError.self) { try await announcer(bench).announce() }
            #expect(error?.code == .service)
            bench.server.setOffline(true)
            let offline = await #expect(throws: AnnounceError.self) { try await announcer(bench).announce() }
            #expect(offline?.code == .session)
            bench.server.setOffline(false)
            bench.server.fail(listNode, of: botJID, with: nil)
            #expect(entries(bench) == [[bench.cast.mallory.hex, nil]])
        }
    }

    @Test("P10 an overwritten list is put right at once, then ever more seldom") func reannouncing() async throws {
        try await Bench.use { bench in
            let announcer = announcer(bench)
            _ = try await announcer.announce()
            #expect(try await announcer.notified() == Announcement(fingerprint: bench.cast.bot))
            func overwrite() { bench.publishList([(bench.cast.mallory.hex, "2026-01-01T00:00:00Z")], by: botJID) }
            overwrite()
            #expect(try await announcer.notified().publishedList)
            overwrite()
            #expect(try await announcer.notified().postponed == bench.clock.now + 600)
            bench.clock.advance(600)
            #expect(try await announcer.notified().publishedList)
            overwrite()
            #expect(try await announcer.notified().postponed == bench.clock.now + 1200)
            #expect(entries(bench).count == 1)
            bench.clock.advance(3 * 86_400)
            #expect(try await announcer.notified().publishedList)
            #expect(entries(bench).map(\.first) == [bench.cast.mallory.hex, bench.cast.bot.hex])
            overwrite()
            #expect(try await announcer.notified().postponed == bench.clock.now + 600)
        }
    }

    @Test("P9 what disco announces") func features() {
        #expect(OXFeatures.all == ["urn:xmpp:openpgp:im:0", "urn:xmpp:openpgp:0:public-keys+notify"])
    }
}
