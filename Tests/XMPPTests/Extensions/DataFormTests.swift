import Testing
import XML

@testable import XMPP

@Suite struct DataFormTests {
    private func form(_ text: String) throws -> DataForm {
        try #require(DataForm(try xml(text)))
    }

    private let registration = """
        <x xmlns='jabber:x:data' type='form'><title>T</title><instructions>One.</instructions><instructions>Two.</instructions>\
        <field var='FORM_TYPE' type='hidden'><value>jabber:iq:register</value></field>\
        <field type='fixed'><value>Read this.</value></field>\
        <field var='note' type='fixed'><value>And this.</value></field>\
        <field var='name' type='text-single' label='Your name'><desc>Seen by all.</desc><required/></field>\
        <field var='port' type='text-single'><value>993</value></field>\
        <field var='way' type='list-single'><value>a</value><option label='A'><value>a</value></option><option><value>b</value></option></field>\
        <field var='password' type='text-private'><value>old-secret</value><required/></field>\
        <field var='token' type='hidden'><value>t1</value></field>\
        <field var='extra' type='text-single'/></x>
        """

    @Test("XEP-0004: a form is read with all that an answer needs") func reads() throws {
        let form = try form(registration)
        #expect(
            form.kind == "form" && form.type == "jabber:iq:register" && form.title == "T"
                && form.instructions == ["One.", "Two."]
        )
        let name = try #require(form.fields.first { $0.name == "name" })
        #expect(
            name.label == "Your name" && name.explanation == "Seen by all." && name.isRequired
                && !name.isSecret
        )
        let way = try #require(form.fields.first { $0.name == "way" })
        #expect(way.options == [.init("a", label: "A"), .init("b")])
        // Written and read again it is the same.
        #expect(DataForm(form.element) == form)
    }

    @Test(
        "A submission has FORM_TYPE as hidden, proposals, no fixed fields, and nothing that stayed empty"
    ) func submits() throws {
        let answers = FormAnswers([
            "name": .plain(["Bot"]), "password": .secret(Password("new-secret")), "way": .plain(["b"]),
        ])
        let filled = try form(registration).submission(answers)
        #expect(
            filled.element.serialized() == "<x xmlns='jabber:x:data' type='submit'>"
                + "<field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field>"
                + "<field var='name'><value>Bot</value></field><field var='port'><value>993</value></field>"
                + "<field var='way'><value>b</value></field><field var='password'><value>new-secret</value></field>"
                + "<field type='hidden' var='token'><value>t1</value></field></x>"
        )
    }

    @Test("What doesn't fit the form is named, all of it at once") func refuses() throws {
        let answers = FormAnswers([
            "nam": .plain(["Bot"]), "way": .plain(["c"]), "password": .plain([""]),
            "token": .plain(["mine"]),
        ])
        let form = try form(registration)
        do {
            _ = try form.submission(answers)
            Issue.record("accepted")
        } catch {
            #expect(error.missing == ["name (Your name)", "password"])
            #expect(error.unknown == ["nam", "token"])
            #expect(error.notOffered == ["way"])
            #expect(
                !"\(error)".contains("mine")
                    && "\(error)".contains("these fields are required: name (Your name), password")
            )
        }
    }

    @Test("No description or dump shows a secret value") func secrets() throws {
        let form = try form(registration)
        let filled = try form.submission(
            FormAnswers(["name": .plain(["Bot"]), "password": .secret(Password("new-secret"))])
        )
        let answers = FormAnswers(["p": .secret(Password("new-secret"))])
        var dumped = ""
        dump(form, to: &dumped)
        dump(filled, to: &dumped)
        dump(answers, to: &dumped)
        for text in [
            dumped, "\(form)", "\(filled)", "\(answers)", String(reflecting: form),
            String(reflecting: filled), String(reflecting: answers),
        ] {
            #expect(
                !text.contains("secret-") && !text.contains("old-secret") && !text.contains("new-secret")
            )
        }
        // One that only the answer knows to be secret, in a field of the wrong type.
        var plain = form
        plain.fields = [
            .init("FORM_TYPE", ["t"], type: "hidden"), .init("pin", [], type: "text-single"),
        ]
        #expect(
            !"\(try plain.submission(FormAnswers(["pin": .secret(Password("4711"))])))".contains("4711")
        )
    }

    @Test("XEP-0068: Clark notation names fields of other specifications") func clark() throws {
        let form = try form(
            """
            <x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'><value>urn:xmpp:gre:data</value></field>\
            <field var='sender_id'><value>bot@example.org</value></field>\
            <field var='{urn:xmpp:gre:formatter:mime:0}charset'><value>utf-8</value></field>\
            <field var='{}x'/><field var='{urn:a}'/><field var='{urn:a'/></x>
            """
        )
        #expect(form.type == Namespace.gatewayRelayData && form["sender_id"] == "bot@example.org")
        let name = Name("charset", "urn:xmpp:gre:formatter:mime:0")
        #expect(form[clark: name] == "utf-8")
        #expect(form.fields.map(\.clarkName) == [nil, nil, name, Name("x"), nil, nil])
        #expect(DataForm.Field(clark: name, ["a"]).name == "{urn:xmpp:gre:formatter:mime:0}charset")
    }

    @Test("FORM_TYPE: hidden in forms, one, with one value") func type() throws {
        func type(_ kind: String, _ fields: String) throws -> String? {
            try form("<x xmlns='jabber:x:data' type='\(kind)'>\(fields)</x>").type
        }
        #expect(try type("form", "<field var='FORM_TYPE'><value>t</value></field>") == nil)
        #expect(try type("submit", "<field var='FORM_TYPE'><value>t</value></field>") == "t")
        #expect(
            try type("result", "<field var='FORM_TYPE' type='text-single'><value>t</value></field>")
                == nil
        )
        let one = "<field var='FORM_TYPE' type='hidden'><value>t</value></field>"
        #expect(try type("form", one) == "t")
        #expect(try type("form", one + one) == nil)
        #expect(
            try type(
                "form",
                "<field var='FORM_TYPE' type='hidden'><value>t</value><value>u</value></field>"
            )
                == nil
        )
        #expect(try type("form", "") == nil)
    }
}
