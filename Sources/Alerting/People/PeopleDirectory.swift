import XMPP
public import YAMLConfiguration

/// Who is who: people and groups by name, people by address.
public struct PeopleDirectory: Sendable, Hashable {
    /// The people by name.
    public let people: [String: Person]
    /// The groups by name.
    public let groups: [String: PeopleGroup]
    private let byContact: [Contact: String]

    /// How deep groups may stand in groups.
    public static let depthLimit = 8

    /// Nobody.
    public init() { (people, groups, byContact) = ([:], [:], [:]) }

    /// Puts people and groups together.
    ///
    /// - Throws: a name that means two things, an address that two people have, a member that doesn't exist, a circle of groups.
    public init(people: [Person], groups: [PeopleGroup]) throws(Complaint) {
        var byName: [String: Person] = [:]
        var byContact: [Contact: String] = [:]
        for person in people {
            guard byName.updateValue(person, forKey: person.name) == nil else { throw Complaint("'\(person.name)' stands here twice") }
            guard !person.contacts.isEmpty else { throw Complaint("'\(person.name)' has no address") }
            for contact in person.contacts {
                if let other = byContact.updateValue(person.name, forKey: contact) {
                    throw Complaint("\(contact) belongs to '\(other)' and to '\(person.name)'", hint: "an address says who somebody is")
                }
            }
        }
        var groupsByName: [String: PeopleGroup] = [:]
        for group in groups {
            guard byName[group.name] == nil else { throw Complaint("'\(group.name)' is a person and a group", hint: "rename one") }
            guard groupsByName.updateValue(group, forKey: group.name) == nil else { throw Complaint("'\(group.name)' stands here twice") }
            guard !group.members.isEmpty else { throw Complaint("the group '\(group.name)' has no members") }
        }
        self.people = byName
        self.groups = groupsByName
        self.byContact = byContact
        for name in groupsByName.keys.sorted() { _ = try plan(for: name) }
    }

    /// The person who has this address; somebody without a name if nobody has.
    public func person(at contact: Contact) -> Person {
        byContact[contact].flatMap { people[$0] } ?? Person(contact)
    }

    /// Who is meant by a name of a person or a group, or by an address.
    ///
    /// - Throws: an unknown name with the nearest known one, or a circle.
    public func plan(for name: String) throws(Complaint) -> CallPlan { try plan(for: name, within: []) }

    /// Who is meant by several names, told at the same time.
    public func plan(for names: [String]) throws(Complaint) -> CallPlan {
        var plan = CallPlan()
        for name in names { plan = plan.together(with: try self.plan(for: name)) }
        return plan
    }

    private func plan(for name: String, within path: [String]) throws(Complaint) -> CallPlan {
        if let person = people[name] { return CallPlan([[person]]) }
        guard let group = groups[name] else {
            // An address has an at-sign, or says mailto.
            if name.contains("@") { return CallPlan([[person(at: try Contact(parsing: name))]]) }
            let known = people.keys.sorted() + groups.keys.sorted()
            let near = nearest(to: name, among: known).map { "did you mean '\($0)'?" }
            throw Complaint("there is no person or group '\(name)'", hint: near ?? "name it under people or groups, or write an address")
        }
        guard !path.contains(name) else {
            throw Complaint("the group '\(name)' is a member of itself: " + (path + [name]).joined(separator: " > "))
        }
        guard path.count < Self.depthLimit else {
            throw Complaint("groups stand more than \(Self.depthLimit) deep in groups, at '\(name)'")
        }
        var plan = CallPlan()
        for member in group.members {
            let next = try self.plan(for: member, within: path + [name])
            switch group.order {
            case .all: plan = plan.together(with: next)
            case .inOrder: plan = plan.followed(by: next)
            }
        }
        return plan
    }
}
