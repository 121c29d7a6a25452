import Alerting
import Foundation
import Testing
import XMPP
import YAMLConfiguration

/// A random source that always says the same.
struct FixedRandom: RandomNumberGenerator {
    var state: UInt64 = 7
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}

/// A machine with people, and the book that its changes go into.
struct Desk {
    static let start: Int64 = 1_795_284_840
    var machine: ConversationMachine
    var book: [String: AlertRecord] = [:]
    var now = Desk.start
    let directory: PeopleDirectory
    private var deliveries = 0
    let account: Address

    static let people = ["ada", "bob", "carol"]

    static func contact(_ name: String) throws -> Contact { try Contact(parsing: "\(name)@example.org") }

    init(
        to names: [String] = ["ada", "bob"],
        escalate: Escalation? = nil,
        then: [String] = [],
        fold: StormGuard.Limits = StormGuard.Limits(),
        limits: ConversationLimits = ConversationLimits(),
        heartbeats: [HeartbeatRule] = [],
        people: [Person]? = nil
    ) throws {
        let everybody = try people ?? Self.people.map { Person(name: $0, contacts: [try Self.contact($0)]) }
        directory = try PeopleDirectory(people: everybody, groups: [])
        account = try #require(Address("alerts@example.org"))
        var random = FixedRandom()
        machine = ConversationMachine(account: account, limits: limits, random: &random, now: now)
        try configure(to: names, escalate: escalate, then: then, fold: fold, heartbeats: heartbeats)
    }

    mutating func configure(
        to names: [String] = ["ada", "bob"],
        escalate: Escalation? = nil,
        then: [String] = [],
        fold: StormGuard.Limits = StormGuard.Limits(),
        heartbeats: [HeartbeatRule] = []
    ) throws {
        let plan = try then.reduce(directory.plan(for: names)) { $0.followed(by: try directory.plan(for: $1)) }
        let route = AlertRoute(name: "ops", plan: plan, fold: fold, escalation: escalate, canSilence: true)
        let rights = try CommandRights(Self.people.filter { directory.people[$0] != nil }, directory: directory)
        keep(machine.configure(routes: [route], directory: directory, rights: rights, heartbeats: heartbeats, now: now))
    }

    /// Writes changes down, as a store does.
    @discardableResult
    mutating func keep(_ actions: [AlertAction]) -> [AlertAction] {
        for case .remember(let change) in actions {
            switch change {
            case .put(let record): book[record.key] = record
            case .remove(let key): book[key] = nil
            }
        }
        return actions
    }

    /// The process ends, and a new one takes up what the book has, as bytes.
    mutating func restart() throws {
        let records = try book.values.map { try AlertRecord(encoded: $0.encoded()) }
        var random = FixedRandom(state: 99)
        machine = ConversationMachine(account: account, records: records, limits: machine.limits, random: &random, now: now)
    }

    mutating func after(_ seconds: Int64) { now += seconds }

    @discardableResult
    mutating func receive(_ intake: Intake, delivery: String? = nil, correctable: Set<Contact> = []) -> [AlertAction] {
        deliveries += 1
        return keep(
            machine.receive(intake, route: "ops", delivery: delivery ?? "delivery-\(deliveries)", correctable: correctable, now: now)
        )
    }

    @discardableResult
    mutating func tick() -> [AlertAction] { keep(machine.tick(now: now)) }

    @discardableResult
    mutating func say(_ text: String, by name: String = "ada", thread: String? = nil) throws -> [AlertAction] {
        let address = try Self.contact(name).address
        deliveries += 1
        return keep(machine.command(text, from: address, thread: thread, id: "said-\(deliveries)", now: now))
    }
}

/// An alert of a group as Alertmanager tells it: fingerprints that fire, fingerprints that are over.
func group(
    _ firing: [String],
    over: [String] = [],
    severity: Severity = .warning,
    key: String = "disk",
    truncated: Int = 0,
    common: [String: String] = ["alertname": "DiskFull"]
) -> Intake {
    var digest = AlertDigest()
    var alerts: [Alert] = []
    for name in firing {
        digest.add(fingerprint: name, starts: "1", ends: nil)
        alerts.append(
            Alert(
                fingerprint: name,
                status: .firing,
                severity: severity,
                name: "DiskFull",
                title: "disk of \(name)",
                labels: common.merging(["instance": name]) { $1 }
            )
        )
    }
    for name in over {
        digest.add(fingerprint: name, starts: "1", ends: "2")
        alerts.append(
            Alert(
                fingerprint: name,
                status: .resolved,
                severity: severity,
                title: "disk of \(name)",
                labels: common.merging(["instance": name]) { $1 }
            )
        )
    }
    if truncated > 0 { digest.add(fingerprint: "omitted", starts: String(truncated), ends: nil) }
    return Intake(
        source: "alertmanager",
        groupKey: key,
        status: firing.isEmpty ? .resolved : .firing,
        title: "DiskFull",
        commonLabels: common,
        alerts: alerts,
        truncated: truncated,
        repeats: .alerts(digest: digest.hex())
    )
}

/// Something that somebody posts.
func posted(_ title: String, _ status: AlertStatus, key: String = "door", severity: Severity = .warning, onlyWhenOpen: Bool = false)
    -> Intake
{
    Intake(
        source: "json",
        groupKey: key,
        status: status,
        title: title,
        alerts: [Alert(fingerprint: key, status: status, severity: severity, title: title)],
        onlyWhenOpen: onlyWhenOpen
    )
}

extension [AlertAction] {
    var postings: [Posting] { compactMap { if case .message(let posting) = $0 { posting } else { nil } } }
    var counts: [AlertCount] { compactMap { if case .counted(let count) = $0 { count } else { nil } } }
    var wake: Int64? { compactMap { if case .wake(let time) = $0 { time } else { nil } }.last }
    var silences: [SilenceRequest] { compactMap { if case .silence(let request) = $0 { request } else { nil } } }
    /// `ada: #1 FIRING …`, the first line of each message.
    var lines: [String] {
        postings.map { "\($0.recipient.address.local ?? ""): \($0.text.prefix { $0 != "\n" })" + ($0.replaces == nil ? "" : " [corrects]") }
    }
}
