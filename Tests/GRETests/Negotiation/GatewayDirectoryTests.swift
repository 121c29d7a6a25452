import GRE
import MIME
import OX
import OpenPGP
import Testing
import XML
import XMPP

@Suite("Gateways over time") struct GatewayDirectoryTests {
    @Test("Disco and data are asked once a session, the data with both attributes at the bare JID")
    func caching() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            _ = try await bench.seal(to: jid("\(carolJID)/x"))
            _ = try await bench.seal()
            let requests = bench.network.requests("data")
            #expect(requests.count == 1)
            #expect(requests.first?.to == carolJID)
            #expect(requests.first?.payload["formatter"] == MIMEFormatter.namespace)
            #expect(requests.first?.payload["encrypter"] == OpenPGPEncrypter.namespace)
            #expect(bench.network.requests("query").map(\.to) == [mailDomain, carolJID])
            await bench.directory.sessionBegan()
            _ = try await bench.seal()
            #expect(bench.network.requests("data").count == 2)
        }
    }

    @Test("Data that a formatter calls dynamic are fetched for each message")
    func dynamic() async throws {
        let toy = ToyFormatter(version: 0, needsFreshData: true)
        try await Bench.use(formatters: [toy]) { bench in
            bench.network.gateway(mailDomain, features: [Namespace.gatewayRelay, toy.kindName.namespace, OpenPGPEncrypter.namespace])
            try await bench.vouchForCarol()
            for _ in 0..<3 { _ = try await bench.seal() }
            #expect(bench.network.requests("data").count == 3)
        }
    }

    @Test("A gateway that never answers about an unregistered user: a clear error, and no second wait at once")
    func silence() async throws {
        try await Bench.use { bench in
            bench.network.answer("data", .failure(SessionError(.timedOut, "no answer")))
            let error = await bench.sealError()
            #expect(error?.code == .noGatewayData)
            #expect(error?.message.contains("registered") == true)
            _ = await bench.sealError()
            #expect(bench.network.requests("data").count == 1)
            bench.clock.advance(61)
            bench.network.senderID(botMail)
            try await bench.vouchForCarol()
            #expect(await bench.sealError() == nil)
        }
    }

    @Test("An error of the gateway says what to do")
    func refusals() async throws {
        try await Bench.use { bench in
            bench.network.answer("data", .failure(StanzaError("registration-required", .auth, text: "Who are you?")))
            let error = await bench.sealError()
            #expect(error?.code == .noGatewayData)
            #expect(error?.message.contains("isn't registered") == true && error?.message.contains("Who are you?") == true)
            #expect(bench.gatewayEvents.all.map(\.kind) == [.unusable])
            // Registered by now: nobody waits for the patience with failures.
            bench.network.senderID(botMail)
            try await bench.vouchForCarol()
            #expect(await bench.sealError()?.code == .noGatewayData)
            await bench.directory.forgetFailures(of: mailDomain)
            #expect(await bench.sealError() == nil)
        }
        let policy = StanzaError("policy-violation", .modify, text: "encrypt!")
        #expect(GatewayRefusal.words(policy, from: mailDomain, account: botJID).contains("takes only what is encrypted"))
    }

    @Test("A27: a sender_id that changes is held, told, and refused until the operator accepts it")
    func senderSwap() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            _ = try await bench.seal()
            await bench.directory.sessionBegan()
            bench.network.senderID("ceo@mail.example")
            for _ in 0..<2 { #expect(await bench.sealError()?.code == .senderChanged) }
            #expect(bench.gatewayEvents.all.map(\.kind) == [.senderChanged])
            #expect(await bench.directory.hold(on: mailDomain) == .senderChanged(from: botMail, to: "ceo@mail.example"))
            #expect(try await bench.engine.key(bench.people.bot)?.userIDs.contains("<ceo@mail.example>") == false)
            // Another process finds the same.
            #expect(await bench.memories.gatewayRecord(account: botJID, gateway: mailDomain)?.senderID == botMail)
            try await bench.directory.accept(mailDomain)
            let sent = try await bench.seal()
            #expect(try await bench.carolReads(sent).mail.header.from == Mailbox(address: "ceo@mail.example"))
        }
    }

    @Test("A27: a gateway that was encrypted_only and is no more gets nothing until the operator accepts it")
    func encryptedOnly() async throws {
        let features = [Namespace.gatewayRelay, MIMEFormatter.namespace, OpenPGPEncrypter.namespace]
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            bench.network.gateway(mailDomain, features: features + [Namespace.gatewayRelayOnly])
            _ = try await bench.seal()
            #expect(await bench.memories.gatewayRecord(account: botJID, gateway: mailDomain)?.encryptedOnly == true)
            await bench.directory.sessionBegan()
            bench.network.gateway(mailDomain, features: features)
            for _ in 0..<2 { #expect(await bench.sealError()?.code == .policyChanged) }
            await bench.directory.sessionBegan()
            #expect(await bench.sealError()?.code == .policyChanged)
            #expect(bench.gatewayEvents.all.map(\.kind) == [.policyChanged], "told once, whatever the connection does")
            // It comes back by itself, or the operator accepts what it is now.
            await bench.directory.sessionBegan()
            bench.network.gateway(mailDomain, features: features + [Namespace.gatewayRelayOnly])
            #expect(await bench.sealError() == nil)
            await bench.directory.sessionBegan()
            bench.network.gateway(mailDomain, features: features)
            #expect(await bench.sealError()?.code == .policyChanged)
            #expect(bench.gatewayEvents.all.map(\.kind) == [.policyChanged, .policyChanged], "and again once it had ended")
            try await bench.directory.accept(mailDomain)
            #expect(await bench.sealError() == nil)
        }
    }

    @Test("A27, S19: a configured domain that isn't a gateway, or doesn't exist, gets nothing; nor does one that isn't configured")
    func spoofed() async throws {
        try await Bench.use { bench in
            bench.network.gateway(mailDomain, identity: "client")
            #expect(await bench.sealError()?.code == .notAGateway)
            #expect(bench.gatewayEvents.all.map(\.kind) == [.unusable])
            await bench.directory.sessionBegan()
            bench.network.setInfo(nil, of: mailDomain)
            #expect(await bench.sealError()?.code == .gatewayUnreachable)
            bench.network.gateway(jid("other.test"))
            #expect(await bench.sealError(to: jid("carol\\40example.org@other.test"))?.code == .notAGateway)
            #expect(await bench.sealError(to: mailDomain)?.code == .recipientAddress)
        }
    }

    @Test("Without a connection nothing is known, and nothing is remembered against the gateway")
    func offline() async throws {
        try await Bench.use { bench in
            try await bench.vouchForCarol()
            bench.network.setOffline(true)
            #expect(await bench.sealError()?.code == .interrupted)
            bench.network.setOffline(false)
            #expect(await bench.sealError() == nil)
        }
    }
}
