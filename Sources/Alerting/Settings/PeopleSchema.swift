import XMPP
import YAMLConfiguration

/// `people:` and `groups:`.
enum PeopleSchema {
    static let people = Key(
        "people",
        .map(
            of: .either(
                ValueType<Contact>.contact.checked { (contact) throws(Complaint) in [contact] },
                or: .list(of: .contact, count: 1...10),
                first: { if case .scalar = $0.content { true } else { false } }
            )
        ),
        default: "{}",
        "People by name, each with an address or several in order: the next is used when one can't be reached."
    )

    static let members = Key("members", .list(of: .name, count: 1...200), "Names of people and groups, or addresses.")
    static let notify = Key(
        "notify",
        ValueType<PeopleGroup.Order>.choice,
        default: "all",
        "Whether all are told at once, or the first, and the next when an alert escalates."
    )
    private static let schema = Schema(members, notify)
    static let groups = Key(
        "groups",
        .map(of: group),
        default: "{}",
        "Groups by name: a list of members, or a section."
    )

    /// A group without its name.
    private static let group = ValueType<PeopleGroup>(
        "a list of names of people and groups, or a section",
        shape: .section(schema)
    ) { (node, context) throws(ConfigurationErrors) in
        if case .list = node.content {
            return PeopleGroup(name: "", members: try ValueType<[String]>.list(of: .name, count: 1...200)(node, context))
        }
        let section = try schema.read(node, context)
        return PeopleGroup(name: "", members: section[members], order: section[notify])
    }

    static func directory(_ section: Section) throws(ConfigurationErrors) -> PeopleDirectory {
        var errors: [ConfigurationError] = []
        func check(_ position: Position, _ path: String, _ work: () throws(Complaint) -> Void) {
            do throws(Complaint) { try work() } catch {
                errors.append(ConfigurationError(at: position, path: path, error.message, hint: error.hint))
            }
        }
        var known: [Person] = []
        for entry in section[people] {
            check(entry.position, section.context.key(people.name).key(entry.key).path) { () throws(Complaint) in
                let person = Person(name: try ValueType<String>.checkedName(entry.key), contacts: entry.value)
                _ = try PeopleDirectory(people: known + [person], groups: [])
                known.append(person)
            }
        }
        let all = section[groups].map { PeopleGroup(name: $0.key, members: $0.value.members, order: $0.value.order) }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        let names = PeopleNames(people: known, groups: all)
        for (entry, group) in zip(section[groups], all) {
            check(entry.position, section.context.key(groups.name).key(entry.key).path) { () throws(Complaint) in
                _ = try ValueType<String>.checkedName(entry.key)
                try names.check(group)
            }
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        do throws(Complaint) { return try PeopleDirectory(people: known, groups: all) } catch {
            throw ConfigurationErrors(section.error(groups, error.message, hint: error.hint))
        }
    }
}

/// Checks groups one by one, so that an error stands at its group.
private struct PeopleNames {
    let people: [Person]
    let groups: [PeopleGroup]

    /// The group with those that it needs is a directory, or the complaint is its own.
    func check(_ group: PeopleGroup) throws(Complaint) {
        var needed = [group.name]
        var index = 0
        while index < needed.count {
            for member in groups.filter({ $0.name == needed[index] }).flatMap(\.members) where !needed.contains(member) {
                if groups.contains(where: { $0.name == member }) { needed.append(member) }
            }
            index += 1
        }
        let names = people.map(\.name) + groups.map(\.name)
        for member in group.members where !names.contains(member) && !member.contains("@") {
            let near = nearest(to: member, among: names).map { "did you mean '\($0)'?" }
            throw Complaint("there is no person or group '\(member)'", hint: near ?? "name it under people or groups, or write an address")
        }
        // A member's own mistake is told at the member.
        let others = groups.filter { needed.contains($0.name) }.map { other in
            var other = other
            if other.name != group.name { other.members.removeAll { !names.contains($0) && !$0.contains("@") } }
            if other.members.isEmpty, let anybody = people.first { other.members = [anybody.name] }
            return other
        }
        _ = try PeopleDirectory(people: people, groups: others)
    }
}
