import GRE
import Testing
import XML
import XMPP

@Suite("Registering with gateways") struct GatewayRegistrationTests {
    private let gateway = jid("email.localhost")
    private let fields: [String: FormAnswers.Value] = [
        "user_name": .plain(["Bot"]), "user_email": .plain(["bot@example.test"]), "imap_host": .plain(["localhost"]),
        "imap_port": .plain(["15143"]), "imap_username": .plain(["bot@example.test"]), "imap_password": .secret(Password("bot-mail-pw")),
        "smtp_host": .plain(["localhost"]), "smtp_port": .plain(["15587"]), "smtp_username": .plain(["bot@example.test"]),
        "smtp_password": .secret(Password("bot-mail-pw")),
    ]

    private func network(_ form: String, set: Result<Element?, any Error> = .success(nil)) throws -> (TestNetwork, GatewayRegistration) {
        let network = TestNetwork()
        network.answer("query", .success(try Fixture.payload(form)))
        return (network, GatewayRegistration(session: TestSession(account: jid("bot@localhost"), network: network)))
    }

    @Test("Libervia's form is filled in, with a hidden FORM_TYPE, and its presence asked for")
    func register() async throws {
        let (network, registration) = try network("register-form-answer")
        #expect(try await registration.register(at: gateway) { FormAnswers(fields) } == .registered)
        let request = try #require(network.requests("query").last)
        #expect(request.kind == .set && request.to == gateway)
        let form = try #require(request.payload.first("x", Namespace.dataForms))
        let type = try #require(form.all("field", Namespace.dataForms).first { $0["var"] == "FORM_TYPE" })
        #expect(form["type"] == "submit" && type["type"] == "hidden")
        #expect(DataForm(form)?["imap_password"] == "bot-mail-pw")
        #expect(network.sent.count == 1)
        if case .presence(let presence) = network.sent.first { #expect(presence.kind == .subscribe(gateway)) }
    }

    @Test("Registered with the same already: nothing is sent. With something else: registered anew")
    func again() async throws {
        let (network, registration) = try network("register-form-when-registered-answer")
        #expect(try await registration.register(at: gateway) { FormAnswers(fields) } == .unchanged)
        #expect(network.requests("query").count == 1 && network.sent.isEmpty)
        var changed = fields
        changed["imap_password"] = .secret(Password("another"))
        let outcome = try await registration.register(at: gateway) { [changed] in FormAnswers(changed) }
        #expect(outcome == .registered)
    }

    @Test("Errors name fields and causes, and never a value")
    func errors() async throws {
        let (network, registration) = try network("register-form-answer")
        var wrong = fields
        wrong["imap_password"] = nil
        wrong["imap_pasword"] = .secret(Password("sesame-street"))
        do throws(RegistrationError) {
            _ = try await registration.register(at: gateway) { [wrong] in FormAnswers(wrong) }
            Issue.record("registered")
        } catch {
            #expect(error.code == .fields)
            #expect(error.description.contains("imap_password") && error.description.contains("imap_pasword"))
            #expect(!"\(error)\(String(reflecting: error))".contains("sesame"))
        }
        for (failure, code) in [
            (StanzaError("bad-request", .modify) as any Error, RegistrationError.Code.refused), (SessionError(.timedOut, "x"), .silent),
            (SessionError(.offline, "x"), .offline),
        ] {
            network.answer("query", .failure(failure))
            do throws(RegistrationError) {
                _ = try await registration.register(at: gateway) { FormAnswers(fields) }
                Issue.record("registered")
            } catch {
                #expect(error.code == code)
            }
        }
    }

    @Test("Libervia keeps what it refused, and calls it registered: a first registration that fails is taken back, another sent anew")
    func refused() async throws {
        let echo = try Fixture.element("register-refused-wrong-imap-password-answer")
        let refusal = StanzaError(from: echo)
        let (network, registration) = try network("register-form-answer")
        network.answer("set query", .failure(refusal))
        do throws(RegistrationError) {
            _ = try await registration.register(at: gateway) { FormAnswers(fields) }
            Issue.record("registered")
        } catch {
            #expect(error.code == .refused && error.description.contains("Authentication error for IMAP server"))
            #expect(!"\(error)\(String(reflecting: error))".contains("alice-mail-pw"), "the refusal echoes the form")
        }
        let requests = network.requests("query")
        #expect(requests.map(\.kind) == [.get, .set, .set])
        #expect(requests.last?.payload.first("remove", "jabber:iq:register") != nil && requests.last?.to == gateway)
        #expect(network.sent.isEmpty, "no presence is asked for")

        // As for dave: what was refused stands in the form, and counts as registered. Whoever knows better sends it anew.
        var daves = fields.mapValues { _ in FormAnswers.Value.secret(Password("dave-mail-password")) }
        for name in ["user_email", "imap_username", "smtp_username"] { daves[name] = .plain(["dave@example.test"]) }
        for name in ["imap_host", "imap_port", "smtp_host", "smtp_port"] { daves[name] = fields[name] }
        daves["user_name"] = .plain(["Dave"])
        daves["imap_password"] = .secret(Password("not-the-mail-password"))
        let (known, anew) = try self.network("openable/register-form-after-refusal-answer")
        let answers = FormAnswers(daves)
        #expect(try await anew.register(at: gateway) { answers } == .unchanged)
        known.answer("set query", .success(nil))
        #expect(try await anew.register(at: gateway, again: true) { answers } == .registered)
        known.answer("set query", .failure(refusal))
        await #expect(throws: RegistrationError.self) { try await anew.register(at: gateway, again: true) { answers } }
        #expect(known.requests("query").allSatisfy { $0.payload.first("remove", "jabber:iq:register") == nil }, "one that stood is left")
    }

    @Test("What an operator is shown of a form has no values: gateways fill in stored passwords")
    func shown() async throws {
        let (_, registration) = try network("register-form-when-registered-answer")
        let shown = try await registration.fields(of: gateway)
        #expect(shown.map(\.name).contains("smtp_password"))
        #expect(shown.allSatisfy { $0.values.isEmpty } && !String(reflecting: shown).contains("bot-mail-pw"))
    }

    @Test("XEP-0100: a gateway that we accept may see our presence; nobody else by this")
    func presence() throws {
        func subscription(from: String) throws -> InboundPresence {
            let element = Element("presence", Namespace.client, ["from": from, "type": "subscribe"])
            return try #require(InboundPresence(element, account: botJID))
        }
        let gateways = [AcceptedGateway(domain: mailDomain)]
        #expect(GatewayRegistration.answer(to: try subscription(from: "mail.test"), gateways: gateways)?.kind == .subscribed(mailDomain))
        #expect(GatewayRegistration.answer(to: try subscription(from: "evil.test"), gateways: gateways) == nil)
        #expect(GatewayRegistration.answer(to: try subscription(from: "\(carolJID)"), gateways: gateways) == nil)
    }

    @Test("The gateways that a server lists are those that say that they are")
    func search() async throws {
        let network = TestNetwork()
        network.gateway(mailDomain)
        network.gateway(jid("rooms.test"), features: [], identity: "conference")
        network.gateway(jid("old.test"), features: ["jabber:iq:register"])
        let items = ["mail.test", "rooms.test", "silent.test", "old.test"].map { Element("item", Namespace.discoItems, ["jid": $0]) }
        network.answer("query@server.test", .success(Element("query", Namespace.discoItems, [:], items)))
        let search = GatewaySearch(session: TestSession(account: botJID, network: network))
        let found = try await search.gateways(at: jid("server.test"))
        #expect(found.map(\.address) == [mailDomain, jid("old.test")])
        #expect(found[0].offer?.formatters.count == 1 && found[1].offer == nil && found[0].networks == ["smtp"])
    }
}
