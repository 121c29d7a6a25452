import Foundation
import OpenPGP
import Testing
import XML
import XMPP

@testable import OX

@Suite("Following peers' keys")
struct KeyDirectoryTests {
    private func pins(_ bench: Bench, _ peer: Address = aliceJID) async throws -> [Fingerprint: Pin.Standing] {
        Dictionary(uniqueKeysWithValues: try await bench.directory.keys(of: peer).pins.map { ($0.fingerprint, $0.standing) })
    }

    // MARK: tolerances

    @Test("T9 T10 T1 lower-case lists and nodes, armored keys, several items, odd entries")
    func tolerances() async throws {
        try await Bench.use { bench in
            let lower = bench.cast.alice.hex.lowercased()
            bench.publishList([("1234", nil), (lower, nil), (String(repeating: "Z", count: 40), "x")], by: aliceJID)
            let armored = Data(try await bench.forge.export(bench.cast.alice, armored: true)).base64EncodedString()
            let node = listNode + ":" + lower
            bench.server.put(pubkey(text: "AAAA"), id: "2025-01-01T00:00:00Z", on: node, of: aliceJID)
            bench.server.append(pubkey(text: "\n  \(armored)\n"), id: "2026-01-01T00:00:00Z", on: node, of: aliceJID)
            #expect(await bench.sealError(aliceJID) == nil)

            // A list in lower case whose node is named in upper case, and the other way round.
            bench.publishList([(bench.cast.bob.hex.lowercased(), nil)], by: bobJID)
            bench.server.put(pubkey(try await bench.forge.export(bench.cast.bob)), on: dataNode(bench.cast.bob), of: bobJID)
            #expect(await bench.sealError(bobJID) == nil)
            bench.publishList([(bench.cast.mallory.hex, nil)], by: malloryJID)
            let mallory = pubkey(try await bench.forge.export(bench.cast.mallory))
            bench.server.put(mallory, on: listNode + ":" + bench.cast.mallory.hex.lowercased(), of: malloryJID)
            #expect(await bench.sealError(malloryJID) == nil)
        }
    }

    @Test("T11 a notice without payload leads to a reading, and only for known peers, and not often")
    func notices() async throws {
        try await Bench.use { bench in
            let notice = try #require(KeyNotification(event(from: "alice@ox.test"), account: botJID))
            await bench.directory.notified(notice)
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 0)
            try await bench.publish(bench.cast.alice, by: aliceJID)
            await bench.directory.refresh(aliceJID)
            for _ in 0..<5 { await bench.directory.notified(notice) }
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 2)
            // What came too soon is looked at before the next use.
            #expect(await bench.sealError(aliceJID) == nil)
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 3)
            #expect(await bench.sealError(aliceJID) == nil)
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 3)
            bench.clock.advance(30)
            await bench.directory.notified(notice)
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 4)
        }
    }

    @Test("T12 errors on the nodes mean no key; they are asked again after a minute, not at once")
    func errors() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            for condition in ["forbidden", "not-authorized", "item-not-found", "service-unavailable", "remote-server-timeout"] {
                bench.server.fail(listNode, of: aliceJID, with: StanzaError(condition, .cancel))
                let error = await bench.sealError(aliceJID)
                #expect(error?.code == .noUsableKey && error?.description.contains(condition) == true)
                bench.clock.advance(60)
            }
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 5)
            _ = await bench.sealError(aliceJID)
            _ = await bench.sealError(aliceJID)
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 6)
            bench.server.fail(listNode, of: aliceJID, with: nil)
            bench.clock.advance(60)
            #expect(await bench.sealError(aliceJID) == nil)
            #expect(bench.events.all.map(\.kind) == [.unreadable, .noneLeft, .pinned])
        }
    }

    @Test("T13 R16 the rule is a parameter: a name in front of the address only where the operator has opted in") func namedUserID()
        async throws
    {
        let key = try await Cast.assembled().forge.key("Carol <xmpp:carol@ox.test>")
        for (rule, isAccepted) in [(UserIDRule.xmpp, false), (.xmppWithName, true)] {
            try await Bench.use(rule: rule) { bench in
                try await bench.publish(key, by: carolJID)
                #expect(await bench.sealError(carolJID)?.code == (isAccepted ? nil : .noUsableKey))
            }
        }
    }

    // MARK: attacks

    @Test("A4 A9 A18 A20 A21 keys that are not what they should be are not pinned", arguments: BadKey.allCases)
    func badKeys(_ bad: BadKey) async throws {
        try await Bench.use { bench in
            let (listed, material) = try await bad.make(bench)
            bench.publishList([(listed.hex, "2026-01-01T00:00:00Z")], by: carolJID)
            bench.server.put(pubkey(material), on: dataNode(listed), of: carolJID)
            let before = try await bench.engine.keys().map(\.fingerprint)
            #expect(await bench.sealError(carolJID)?.code == .noUsableKey)
            #expect(try await bench.directory.keys(of: carolJID).pins.isEmpty)
            #expect(try await bench.engine.keys().map(\.fingerprint) == before, "nothing got into the keyring")
            #expect(bench.events.all.contains { $0.kind == .rejected && $0.fingerprints == [listed] })
        }
    }

    enum BadKey: String, CaseIterable {
        case otherAddress, suffix, prefix, upperCase, swapped, secret, two, expired, revoked, weak, noEncryption, garbage, large

        fileprivate func make(_ bench: Bench) async throws -> (Fingerprint, [UInt8]) {
            let forge = bench.forge
            func own(_ userID: String, options: [String] = []) async throws -> (Fingerprint, [UInt8]) {
                let key = try await forge.key(userID)
                return (key, try await forge.export(key))
            }
            switch self {
            case .otherAddress: return (bench.cast.alice, try await forge.export(bench.cast.alice))
            case .suffix: return try await own("xmpp:carol@ox.test.evil")
            case .prefix: return try await own("xxmpp:carol@ox.test")
            case .upperCase: return try await own("XMPP:CAROL@OX.TEST")
            case .swapped: return (bench.cast.bob, try await own("xmpp:carol@ox.test").1)
            case .secret:
                let key = try await forge.key("xmpp:carol@ox.test")
                return (key, try await forge.exportSecret(key))
            case .two:
                let (key, material) = try await own("xmpp:carol@ox.test")
                return (key, material + (try await own("xmpp:carol@ox.test").1))
            case .expired:
                let past = ["--faked-system-time", "20250101T000000!"]
                let key = try await forge.key("xmpp:carol@ox.test", expires: "1d", options: past)
                return (key, try await forge.export(key))
            case .revoked:
                let key = try await forge.key("xmpp:carol@ox.test")
                try await forge.revoke(key)
                return (key, try await forge.export(key))
            case .weak:
                let key = try await forge.key("xmpp:carol@ox.test", primary: "rsa1024/sign,cert,encr", subkeys: [])
                return (key, try await forge.export(key))
            case .noEncryption:
                let key = try await forge.key("xmpp:carol@ox.test", subkeys: [])
                return (key, try await forge.export(key))
            case .garbage: return (bench.cast.bob, [0x99] + (0..<500).map { UInt8(truncatingIfNeeded: $0) })
            case .large:
                let (key, material) = try await own("xmpp:carol@ox.test")
                return (key, material + [UInt8](repeating: 0xb4, count: 70_000))
            }
        }
    }

    @Test("A17 an emptied list, a deleted node, an error: never plaintext, never a new first sight")
    func downgrade() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            #expect(await bench.sealError(aliceJID) == nil)
            bench.publishList([], by: aliceJID)
            bench.clock.advance(3600)
            #expect(await bench.sealError(aliceJID)?.code == .noUsableKey)
            #expect(try await pins(bench) == [bench.cast.alice: .trusted])
            let evil = try await bench.forge.key("xmpp:alice@ox.test")
            try await bench.publish(evil, by: aliceJID)
            bench.clock.advance(3600)
            #expect(await bench.sealError(aliceJID)?.code == .noUsableKey)
            #expect(try await pins(bench) == [bench.cast.alice: .trusted, evil: .held])
            #expect(try await bench.engine.key(evil) == nil, "a held key isn't even imported")
            #expect(bench.events.all.map(\.kind) == [.pinned, .gone, .noneLeft, .held])
        }
    }

    @Test("R15 a list that can't be read: pins stay in use for seven days, with a warning")
    func unreadable() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            #expect(await bench.sealError(aliceJID) == nil)
            bench.server.setNode(nil, listNode, of: aliceJID)
            bench.clock.advance(7 * 86_400)
            #expect(await bench.sealError(aliceJID) == nil)
            bench.clock.advance(1)
            #expect(await bench.sealError(aliceJID)?.code == .noUsableKey)
            #expect(bench.events.all.map(\.kind) == [.pinned, .unreadable, .noneLeft])
            try await bench.publish(bench.cast.alice, by: aliceJID)
            bench.clock.advance(60)
            #expect(await bench.sealError(aliceJID) == nil)
        }
    }

    @Test("R15 our own connection's failure says nothing about the peer") func interrupted() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            #expect(await bench.sealError(aliceJID) == nil)
            bench.server.setOffline(true)
            bench.clock.advance(4000)
            #expect(await bench.sealError(aliceJID) == nil)
            bench.server.setOffline(false)
            #expect(await bench.sealError(aliceJID) == nil)
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 2)
            #expect(bench.events.all.map(\.kind) == [.pinned])
        }
    }

    @Test("R15 a line that is cut while a key is fetched for the first time: neither a missing key nor a list that was read")
    func interruptedFirst() async throws {
        try await Bench.use { bench in
            bench.server.setOffline(true)
            #expect(await bench.sealError(aliceJID)?.code == .interrupted)
            bench.server.setOffline(false)
            try await bench.publish(bench.cast.alice, by: aliceJID)
            // The list comes, the key behind it doesn't.
            let node = dataNode(bench.cast.alice)
            bench.server.cut(at: node)
            #expect(await bench.sealError(aliceJID)?.code == .interrupted)
            #expect(bench.server.reads(of: node, by: aliceJID) == 1)
            bench.server.setOffline(false)
            #expect(await bench.sealError(aliceJID) == nil, "at once, without an hour or a minute in between")
            #expect(bench.events.all.map(\.kind) == [.pinned])
        }
    }

    @Test("R15 a list is read again after an hour, and its keys only when their dates change")
    func freshness() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            for _ in 0..<3 { #expect(await bench.sealError(aliceJID) == nil) }
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 1)
            bench.clock.advance(3600)
            #expect(await bench.sealError(aliceJID) == nil)
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 2)
            #expect(bench.server.reads(of: dataNode(bench.cast.alice), by: aliceJID) == 1)
            try await bench.publish(bench.cast.alice, by: aliceJID, dated: "2026-02-02T00:00:00Z")
            bench.clock.advance(3600)
            #expect(await bench.sealError(aliceJID) == nil)
            #expect(bench.server.reads(of: dataNode(bench.cast.alice), by: aliceJID) == 2)
        }
    }

    @Test("A21 a revocation that is published later ends both directions")
    func revokedLater() async throws {
        try await Bench.use { bench in
            let key = try await bench.forge.key("xmpp:carol@ox.test")
            try await bench.publish(key, by: carolJID)
            let sealed = try await bench.sealed(by: [key])
            await bench.expect(nil, sealed, from: carolJID)
            try await bench.forge.revoke(key)
            try await bench.publish(key, by: carolJID, dated: "2026-02-02T00:00:00Z")
            await bench.directory.refresh(carolJID)
            #expect(await bench.sealError(carolJID)?.code == .noUsableKey)
            await bench.expect(.badSignature, sealed, from: carolJID)
        }
    }

    @Test("A18 a known key whose node now carries another stays as it was") func swappedLater() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            #expect(await bench.sealError(aliceJID) == nil)
            let evil = try await bench.forge.key("xmpp:alice@ox.test")
            bench.publishList([(bench.cast.alice.hex, "2026-02-02T00:00:00Z")], by: aliceJID)
            bench.server.put(pubkey(try await bench.forge.export(evil)), on: dataNode(bench.cast.alice), of: aliceJID)
            bench.clock.advance(3600)
            #expect(await bench.sealError(aliceJID) == nil)
            #expect(try await pins(bench) == [bench.cast.alice: .trusted])
            #expect(try await bench.engine.key(evil) == nil)
            #expect(bench.events.all.map(\.kind) == [.pinned, .rejected])
        }
    }

    @Test("A24 events count for their sender only: bare JIDs, our node, no errors")
    func forgedEvents() throws {
        #expect(KeyNotification(event(from: "alice@ox.test"), account: botJID)?.owner == aliceJID)
        let own = try #require(KeyNotification(event(from: "bot@ox.test"), account: botJID))
        #expect(own.isOwn)
        #expect(KeyNotification(event(from: nil), account: jid("bot@ox.test/home"))?.isOwn == true)
        // Mallory's event about Alice's key is about Mallory.
        let forged = event(from: "mallory@ox.test", items: [Element("item", Namespace.pubsubEvent, ["id": "alice@ox.test"])])
        #expect(KeyNotification(forged, account: botJID)?.owner == malloryJID)
        for message in [
            event(from: "bot@ox.test/mallory"), event(from: "alice@ox.test/phone"), event(from: "alice@ox.test", type: "error"),
            event(from: "alice@ox.test", type: "groupchat"), event(from: "alice@ox.test", type: "chat"),
            event(from: "alice@ox.test", node: listNode + ":AA"), message(from: "alice@ox.test", type: "headline", []),
            message(from: "alice@ox.test", type: "headline", [event(from: nil), event(from: nil)].flatMap(\.element.elements)),
        ] {
            #expect(KeyNotification(message, account: botJID) == nil)
        }
    }

    @Test("the notice that a list was emptied or deleted is a notice too") func otherEvents() {
        for change in ["purge", "delete"] {
            let event = Element("event", Namespace.pubsubEvent, [:], [Element(change, Namespace.pubsubEvent, ["node": listNode])])
            #expect(KeyNotification(message(from: "alice@ox.test", type: "headline", [event]), account: botJID)?.owner == aliceJID)
        }
    }

    // MARK: the operator

    @Test("trust, untrust and list: a held key is fetched, checked and used; a refused one never again")
    func operatorWords() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            #expect(await bench.sealError(aliceJID) == nil)
            let second = try await bench.forge.key("xmpp:alice@ox.test")
            try await bench.publish(bench.cast.alice, second, by: aliceJID)
            await bench.directory.refresh(aliceJID)
            let sealed = try await bench.sealed(by: [second])
            await bench.expect(.untrusted, sealed)
            let pin = try await bench.directory.trust(second, of: aliceJID)
            #expect(pin.standing == .trusted && pin.source == .operatorSaid && pin.announced)
            await bench.expect(nil, sealed)
            #expect(try await bench.directory.untrust(bench.cast.alice, of: aliceJID).standing == .refused)
            try await bench.expect(.untrusted, bench.sealed())
            await bench.directory.refresh(aliceJID)
            #expect(try await pins(bench) == [bench.cast.alice: .refused, second: .trusted])
            let list = try await bench.directory.list()
            #expect(list.map(\.peer) == [aliceJID] && list.first?.keys.pins.count == 2)
        }
    }

    @Test("trust of a key that can't be had, or isn't the peer's, is an error and changes nothing")
    func badTrust() async throws {
        try await Bench.use { bench in
            let missing = await #expect(throws: KeyDirectoryError.self) { try await bench.directory.trust(bench.cast.alice, of: aliceJID) }
            #expect(missing?.code == .notFound)
            try await bench.publish(bench.cast.alice, by: malloryJID)
            let foreign = await #expect(throws: KeyDirectoryError.self) {
                try await bench.directory.trust(bench.cast.alice, of: malloryJID)
            }
            #expect(foreign?.code == .rejected)
            bench.pins.setBroken(true)
            let broken = await #expect(throws: KeyDirectoryError.self) {
                try await bench.directory.untrust(bench.cast.alice, of: malloryJID)
            }
            #expect(broken?.code == .store)
            bench.pins.setBroken(false)
            #expect(try await bench.directory.list().isEmpty)
        }
    }

    @Test("T12 a certificate given by hand serves a peer whose list can't be read, for as long as it can't")
    func byHand() async throws {
        try await Bench.use { bench in
            let armored = try await bench.forge.export(bench.cast.alice, armored: true)
            let pin = try await bench.directory.importKey(armored, for: jid("alice@ox.test/x"))
            #expect(pin.fingerprint == bench.cast.alice && pin.source == .operatorSaid)
            #expect(await bench.sealError(aliceJID) == nil)
            try await bench.expect(nil, bench.sealed())
            bench.clock.advance(100 * 86_400)
            #expect(await bench.sealError(aliceJID) == nil)
            bench.publishList([], by: aliceJID)
            bench.clock.advance(60)
            #expect(await bench.sealError(aliceJID)?.code == .noUsableKey)
        }
    }

    @Test("A9 A20 a certificate given by hand passes the same checks") func byHandBad() async throws {
        try await Bench.use { bench in
            for material in [
                try await bench.forge.export(bench.cast.alice), try await bench.forge.exportSecret(bench.cast.bob), Array("hello".utf8), [],
                [UInt8](repeating: 0x99, count: 70_000),
            ] {
                let error = await #expect(throws: KeyDirectoryError.self) { try await bench.directory.importKey(material, for: bobJID) }
                #expect(error?.code == .rejected)
            }
            #expect(try await bench.directory.list().isEmpty)
        }
    }

    @Test("pinned: only the configuration's fingerprints, at once and in both directions")
    func pinnedPolicy() async throws {
        let cast = try await Cast.assembled()
        try await Bench.use(policy: .pinned([aliceJID: [cast.alice]])) { bench in
            let second = try await bench.forge.key("xmpp:alice@ox.test")
            try await bench.publish(cast.alice, second, by: aliceJID)
            #expect(await bench.sealError(aliceJID) == nil)
            try await bench.expect(nil, bench.sealed())
            try await bench.expect(.untrusted, bench.sealed(by: [second]))
            #expect(try await pins(bench) == [cast.alice: .trusted, second: .held])
            try await bench.publish(cast.bob, by: bobJID)
            #expect(await bench.sealError(bobJID)?.code == .noUsableKey)
            let error = await #expect(throws: KeyDirectoryError.self) { try await bench.directory.trust(second, of: aliceJID) }
            #expect(error?.code == .policy)

            let (directory, opener) = bench.restarted(policy: .pinned([aliceJID: [second]]))
            try await bench.expect(.untrusted, bench.sealed(), opener: opener)
            try await bench.expect(nil, bench.sealed(by: [second]), opener: opener)
            #expect(try await directory.keys(of: aliceJID).pins.map(\.standing) == [.trusted, .trusted])
        }
    }

    @Test("blind follows the list; under tofu nothing of that counts") func blindPolicy() async throws {
        try await Bench.use(policy: .blind) { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            try await bench.expect(nil, bench.sealed())
            let second = try await bench.forge.key("xmpp:alice@ox.test")
            try await bench.publish(second, by: aliceJID, dated: "2026-02-02T00:00:00Z")
            bench.clock.advance(301)
            let sent = bench.clock.now - 301
            try await bench.expect(nil, bench.sealed(bench.content(time: sent), by: [second]), received: sent)
            try await bench.expect(.untrusted, bench.sealed(bench.content(time: sent)), received: sent)

            let (_, opener) = bench.restarted(policy: .tofu)
            try await bench.publish(bench.cast.alice, by: aliceJID)
            try await bench.expect(.wrongSigner, bench.sealed(bench.content(time: sent), by: [second]), received: sent, opener: opener)
            try await bench.expect(nil, bench.sealed(bench.content(time: sent)), received: sent, opener: opener)
        }
    }

    @Test("those who ask while a list is being read share that reading")
    func coalescing() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.alice, by: aliceJID)
            let gate = Gate()
            bench.server.setGate { await gate.wait() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 { group.addTask { await bench.directory.refresh(aliceJID) } }
                await gate.waiting()
                for _ in 0..<50 { await Task.yield() }
                bench.server.setGate(nil)
                gate.open()
                try await group.waitForAll()
            }
            #expect(bench.server.reads(of: listNode, by: aliceJID) <= 2)
            #expect(try await pins(bench) == [bench.cast.alice: .trusted])
        }
    }

    @Test("R15 a message that overtakes the reading of its sender's changed list waits for that reading")
    func noticeBeforeMessage() async throws {
        try await Bench.use { bench in
            // Alice announces nothing yet: her first message uses up the reading that an unknown signer gets in five minutes.
            await bench.expect(.untrusted, try await bench.sealed())
            try await bench.publish(bench.cast.alice, by: aliceJID)
            let notice = try #require(KeyNotification(event(from: "alice@ox.test"), account: botJID))
            let gate = Gate()
            bench.server.setGate { await gate.wait() }
            async let noticed: Void = bench.directory.notified(notice)
            await gate.waiting()
            async let isFollowed = bench.directory.rereadForUnknownSigner(of: aliceJID)
            for _ in 0..<50 { await Task.yield() }
            bench.server.setGate(nil)
            gate.open()
            await noticed
            #expect(try await isFollowed)
            await bench.expect(nil, try await bench.sealed())
        }
    }

    @Test("R15 a notice that comes while a list is read for the first time is not lost")
    func noticeDuringFirstReading() async throws {
        try await Bench.use { bench in
            bench.publishList([], by: aliceJID)
            let notice = try #require(KeyNotification(event(from: "alice@ox.test"), account: botJID))
            let gate = Gate()
            bench.server.setGate { await gate.wait() }
            async let first = bench.directory.refresh(aliceJID)
            await gate.waiting()
            async let noticed: Void = bench.directory.notified(notice)
            for _ in 0..<50 { await Task.yield() }
            bench.server.setGate(nil)
            gate.open()
            _ = await first
            await noticed
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 2)
        }
    }

    @Test("R15 a reading that began before a notice is not shared by what comes behind the notice")
    func noticeDuringReading() async throws {
        try await Bench.use { bench in
            bench.publishList([], by: aliceJID)
            await bench.expect(.untrusted, try await bench.sealed())
            let notice = try #require(KeyNotification(event(from: "alice@ox.test"), account: botJID))
            let gate = Gate()
            bench.server.setGate { await gate.wait() }
            async let first = bench.directory.refresh(aliceJID)
            await gate.waiting()
            #expect(await bench.directory.noticed(notice))
            async let isFollowed = bench.directory.rereadForUnknownSigner(of: aliceJID)
            for _ in 0..<50 { await Task.yield() }
            bench.server.setGate(nil)
            gate.open()
            _ = await first
            #expect(try await isFollowed)
            #expect(bench.server.reads(of: listNode, by: aliceJID) == 3)
        }
    }

    @Test("peers are served beside each other: a server that hangs delays nobody else") func hanging() async throws {
        try await Bench.use { bench in
            try await bench.publish(bench.cast.bob, by: bobJID)
            #expect(await bench.sealError(bobJID) == nil)
            let gate = Gate()
            bench.server.setGate { await gate.wait() }
            async let alice = bench.directory.refresh(aliceJID)
            await gate.waiting()
            #expect(await bench.sealError(bobJID) == nil)
            bench.server.setGate(nil)
            gate.open()
            #expect(await alice?.contains("item-not-found") == true)
        }
    }

    private func event(
        from: String?,
        type: String = "headline",
        node: String = listNode,
        items: [Element] = [Element("item", Namespace.pubsubEvent, ["id": "current"])]
    ) -> Message {
        let items = Element("items", Namespace.pubsubEvent, ["node": node], items)
        return message(from: from, type: type, [Element("event", Namespace.pubsubEvent, [:], [items])])
    }
}
