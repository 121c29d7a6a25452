import Alerting
import Testing
import XMPP
import YAMLConfiguration

@Suite struct PeopleDirectoryTests {
    private func person(_ name: String) throws -> Person { Person(name: name, contacts: [try Desk.contact(name)]) }

    private func directory(_ groups: [PeopleGroup]) throws -> PeopleDirectory {
        try PeopleDirectory(people: ["ada", "bob", "carol", "dave"].map(person), groups: groups)
    }

    private func names(_ plan: CallPlan) -> [[String]] { plan.steps.map { $0.map(\.name) } }

    @Test func contactsAreReadAndWritten() throws {
        let mail = try Contact(parsing: "mailto:Carol@example.org via email.example.net")
        #expect(mail.address.description == #"carol\40example.org@email.example.net"#)
        #expect(mail.description == "mailto:carol@example.org via email.example.net" && mail.isBehindGateway)
        #expect(try Contact(parsing: mail.description) == mail)
        #expect(try Contact(parsing: "Ada@Example.ORG").description == "ada@example.org")
    }

    @Test(arguments: [
        "", "ada", "example.org", "ada@example.org/phone", "mailto:carol@example.org", "mailto:carol@example.org by gw.example.org",
        "mailto:carol via gw.example.org", "mailto:a@b@c via gw.example.org", "mailto:carol@example.org via x@gw.example.org",
        "mailto:@ via gw",
    ])
    func whatIsNoContact(_ text: String) { #expect(throws: Complaint.self) { try Contact(parsing: text) } }

    @Test func groupsOfAllAndInOrder() throws {
        let directory = try directory([
            PeopleGroup(name: "ops", members: ["ada", "bob"]),
            PeopleGroup(name: "oncall", members: ["carol", "ops", "dave"], order: .inOrder),
            PeopleGroup(name: "both", members: ["oncall", "dave"]),
        ])
        #expect(names(try directory.plan(for: "ops")) == [["ada", "bob"]])
        #expect(names(try directory.plan(for: "oncall")) == [["carol"], ["ada", "bob"], ["dave"]])
        // Nobody stands in it twice.
        #expect(names(try directory.plan(for: "both")) == [["carol", "dave"], ["ada", "bob"]])
        #expect(names(try directory.plan(for: ["ada", "eve@example.net"])) == [["ada", "eve@example.net"]])
        // An address of somebody who has a name is that person.
        #expect(names(try directory.plan(for: ["ada@example.org", "ada"])) == [["ada"]])
    }

    @Test func unknownNamesNameTheNearest() throws {
        let directory = try directory([PeopleGroup(name: "oncall", members: ["ada"])])
        do throws(Complaint) {
            _ = try directory.plan(for: "oncal")
            Issue.record("no error")
        } catch {
            #expect(error == Complaint("there is no person or group 'oncal'", hint: "did you mean 'oncall'?"))
        }
    }

    @Test func circlesAreErrors() throws {
        #expect(throws: Complaint("the group 'a' is a member of itself: a > b > a")) {
            try directory([PeopleGroup(name: "a", members: ["b"]), PeopleGroup(name: "b", members: ["ada", "a"])])
        }
        #expect(throws: Complaint.self) { try directory([PeopleGroup(name: "a", members: ["a"])]) }
    }

    @Test func whatContradictsItself() throws {
        #expect(throws: Complaint.self) { try directory([PeopleGroup(name: "ada", members: ["bob"])]) }
        #expect(throws: Complaint.self) { try directory([PeopleGroup(name: "ops", members: [])]) }
        #expect(throws: Complaint.self) {
            try PeopleDirectory(people: [person("ada"), Person(name: "eve", contacts: [Desk.contact("ada")])], groups: [])
        }
        #expect(throws: Complaint.self) { try PeopleDirectory(people: [Person(name: "ada", contacts: [])], groups: []) }
    }

    @Test func manyGroupsInGroupsEnd() throws {
        let deep = (0..<20).map { PeopleGroup(name: "g\($0)", members: $0 == 19 ? ["ada"] : ["g\($0 + 1)"]) }
        #expect(throws: Complaint.self) { try directory(deep) }
    }

    @Test func rightsAreNobodysByDefault() throws {
        let directory = try directory([PeopleGroup(name: "ops", members: ["ada", "bob"])])
        #expect(CommandRights().allow(try Desk.contact("ada")) == false)
        let rights = try CommandRights(["ops", "*@admin.example.org"], directory: directory)
        let (ada, carol) = (try Desk.contact("ada"), try Desk.contact("carol"))
        #expect(rights.allow(ada) && !rights.allow(carol))
        #expect(rights.allow(try Contact(parsing: "root@admin.example.org")))
        #expect(throws: Complaint.self) { try CommandRights(["opps"], directory: directory) }
    }
}
