import Testing
import XML

@testable import XMPP

@Suite struct RegistrationTests {
    private func service() throws -> Address { try #require(Address("email.localhost")) }
    private func offer(_ children: String) throws -> Registration.Offer? {
        Registration.offer(
            in: try xml("<query xmlns='jabber:iq:register'>\(children)</query>")
        )
    }
    private func text(_ request: Request) -> String {
        request.element(id: "i").serialized(inheriting: Namespace.client)
    }

    @Test func query() throws {
        #expect(
            text(Registration.query(try service()))
                == "<iq id='i' to='email.localhost' type='get'><query xmlns='jabber:iq:register'/></iq>"
        )
    }

    @Test("A data form comes before fixed fields, and goes back as one (XEP-0077 § 4)") func form()
        throws
    {
        let offer = try #require(
            try offer(
                """
                <instructions>Use the form.</instructions><username/><x xmlns='jabber:x:data' type='form'>\
                <field var='FORM_TYPE' type='hidden'><value>jabber:iq:register</value></field>\
                <field var='user_email' type='text-single'><required/></field>\
                <field var='imap_password' type='text-private'><required/></field></x>
                """
            )
        )
        #expect(
            !offer.isRegistered && !offer.isLegacy && offer.canBeFilledIn
                && offer.instructions == "Use the form." && offer.page == nil
        )
        let answers = FormAnswers([
            "user_email": .plain(["bot@example.org"]), "imap_password": .secret(Password("pw")),
        ])
        let request = try Registration.register(try service(), offer, answers)
        #expect(
            text(request)
                == "<iq id='i' to='email.localhost' type='set'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' "
                + "type='submit'><field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field>"
                + "<field var='user_email'><value>bot@example.org</value></field><field var='imap_password'><value>pw</value></field>"
                + "</x></query></iq>"
        )
    }

    @Test("Fixed fields are all required, and a key goes back as it came") func legacy() throws {
        let offer = try #require(
            try offer(
                "<instructions>I</instructions><username/><password/><email>a@x</email><key>k1</key><other/>"
            )
        )
        #expect(
            offer.isLegacy
                && offer.form.fields.map(\.name) == ["FORM_TYPE", "username", "password", "email", "key"]
        )
        #expect(throws: FormError.self) {
            try Registration.register(try service(), offer, FormAnswers(["username": .plain(["u"])]))
        }
        let answers = FormAnswers(["username": .plain(["u"]), "password": .secret(Password("p"))])
        #expect(
            text(try Registration.register(try service(), offer, answers))
                == "<iq id='i' to='email.localhost' type='set'>"
                + "<query xmlns='jabber:iq:register'><username>u</username><password>p</password><email>a@x</email><key>k1</key></query></iq>"
        )
        #expect(!"\(offer)".contains("pw"))
    }

    @Test func registeredAndRedirected() throws {
        let registered = try #require(
            try offer("<registered/><username>u</username><password>pw-secret</password>")
        )
        #expect(registered.isRegistered && !"\(registered)".contains("pw-secret"))
        let page = try #require(
            try offer(
                "<instructions>Go there.</instructions><x xmlns='jabber:x:oob'><url>https://x/</url></x>"
            )
        )
        #expect(page.page == "https://x/" && !page.canBeFilledIn)
        #expect(Registration.offer(in: nil) == nil)
        #expect(Registration.offer(in: Element("query", Namespace.roster)) == nil)
    }

    @Test func remove() throws {
        #expect(
            text(Registration.remove(try service()))
                == "<iq id='i' to='email.localhost' type='set'><query xmlns='jabber:iq:register'><remove/></query></iq>"
        )
    }

    @Test("Errors say what to do; the service's words are cleaned") func errors() {
        func words(_ condition: String, _ text: String? = nil) -> String {
            Registration.words(for: StanzaError(condition, .cancel, text: text))
        }
        #expect(words("conflict").contains("choose another"))
        #expect(
            words("not-acceptable", "No\u{1b}[31m form")
                == "it doesn't accept what was filled in; compare the fields with its form. It says: No [31m form"
        )
        #expect(words("forbidden").contains("passwords"))
        #expect(words("service-unavailable").contains("offers no registration"))
        #expect(words("subscription-required").contains("isn't registered"))
        #expect(words("weird").contains("weird"))
    }
}
