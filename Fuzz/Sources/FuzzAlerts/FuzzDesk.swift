import Foundation
import XMPP

@testable import Alerting

/// An account's conversations with a route for each source, and what must hold for all that comes out of them.
struct FuzzDesk {
    private var machine: ConversationMachine
    private var now: Int64 = 1_795_284_840
    private var ordinal = 0
    private let asker: Address

    private static let sources = SourceRegistry().sources
    private static let samples = sources.flatMap { source in source.samples.map { (source, $0) } }
    private static let template = SourceRegistry().sources.map { try? AlertTemplate(standardFor: $0) }
    private static let blank: FuzzDesk? = try? FuzzDesk(first: ())

    /// A desk without conversations.
    init?() {
        guard let blank = Self.blank else { return nil }
        self = blank
    }

    private init?(first: ()) throws {
        let contacts = try ["ada@example.org", "mailto:bob@example.net via mail.example.org"].map { try Contact(parsing: $0) }
        let people = [Person(name: "ada", contacts: [contacts[0]]), Person(name: "bob", contacts: [contacts[1]])]
        let directory = try PeopleDirectory(people: people, groups: [])
        guard let account = Address("alerts@example.org") else { return nil }
        asker = contacts[0].address
        var random = Constant()
        machine = ConversationMachine(account: account, random: &random, now: now)
        let routes = zip(Self.sources, Self.template).map { source, template in
            AlertRoute(
                name: source.name,
                plan: CallPlan([[people[0]], [people[1]]]),
                template: template,
                fold: StormGuard.Limits(messages: 4, window: 300, summaryAfter: 60),
                escalation: Escalation(after: 300, end: .again),
                canSilence: true
            )
        }
        let rights = try CommandRights(["ada", "bob"], directory: directory)
        let heartbeat = HeartbeatRule(name: "dead man", route: "alertmanager", match: ["alertname": "Watchdog"], within: 600)
        take(machine.configure(routes: routes, directory: directory, rights: rights, heartbeats: [heartbeat], now: now))
    }

    private struct Constant: RandomNumberGenerator {
        mutating func next() -> UInt64 { 42 }
    }

    // MARK: Events

    /// A request made of fields: body, content type, value of each header, `group` of the query.
    mutating func request(source choice: Int, fields: [[UInt8]]) {
        let source = Self.sources[choice % Self.sources.count]
        let texts = fields.dropFirst().map { String(decoding: $0, as: UTF8.self) }
        var headers: [String: String] = [:]
        for (name, value) in zip(source.headers, texts.dropFirst(2)) where !value.isEmpty { headers[name] = value }
        receive(
            SourceRequest(
                body: fields.first ?? [],
                contentType: texts.first.flatMap { $0.isEmpty ? nil : $0 },
                headers: headers,
                query: texts.dropFirst().first.map { $0.isEmpty ? [:] : ["group": $0] } ?? [:],
                received: Date(timeIntervalSince1970: Double(now))
            ),
            source
        )
    }

    /// One of the sources' own samples with edits: each is a place (two bytes), how many bytes go there, and what comes instead.
    mutating func request(sample choice: Int, edits: [[UInt8]]) {
        let (source, sample) = Self.samples[choice % Self.samples.count]
        var body = Array(sample.body.utf8)
        for edit in edits where edit.count >= 3 {
            let place = (Int(edit[0]) << 8 | Int(edit[1])) % (body.count + 1)
            body.replaceSubrange(place..<min(place + Int(edit[2]), body.count), with: edit[3...])
        }
        receive(
            SourceRequest(
                body: body,
                contentType: sample.contentType,
                headers: sample.headers,
                query: sample.query,
                received: Date(timeIntervalSince1970: Double(now))
            ),
            source
        )
    }

    /// What ada writes; a further field is what Alertmanager answers.
    mutating func command(fields: [[UInt8]], isInThread: Bool) {
        let texts = fields.map { String(decoding: $0, as: UTF8.self) }
        ordinal += 1
        let thread = isInThread ? machine.openConversations.first?.thread : nil
        let actions = machine.command(texts.first ?? "", from: asker, thread: thread, id: String(ordinal), now: now)
        take(actions)
        let said = texts.dropFirst().first
        let outcome = said.map { $0.hasPrefix("!") ? SilenceOutcome.failed($0) : .done(id: $0) } ?? .done(id: "1")
        for action in actions {
            switch action {
            case .silence(let request):
                Harmless.check(request.comment, limit: 700, lines: false, "a silence's comment")
                take(machine.silenced(request, outcome, now: now))
            case .unsilence(let request): take(machine.unsilenced(request, outcome, now: now))
            default: break
            }
        }
    }

    /// Time passes: from nothing to some hours.
    mutating func wait(_ choice: Int) {
        now += Int64(choice) * 61
        take(machine.tick(now: now))
        if let due = machine.due, due <= now { fatalError("what was due is due again") }
    }

    // MARK: What comes out

    private mutating func receive(_ request: SourceRequest, _ source: any AlertSource) {
        let reading: SourceReading
        do throws(SourceError) { reading = try source.read(request) } catch {
            Harmless.check(error.description, limit: 2000, lines: false, "a refusal")
            return
        }
        ordinal += 1
        switch reading {
        case .nothing(let reason): Harmless.check(reason, limit: 500, lines: false, "a reason")
        case .intake(let intake):
            check(intake)
            take(machine.receive(intake, route: source.name, delivery: String(ordinal), now: now))
        }
    }

    private func check(_ intake: Intake) {
        let limits = SourceLimits()
        guard (1...200).contains(intake.groupKey.utf8.count) else { fatalError("a group's key has no fit length") }
        guard (1...limits.alerts).contains(intake.alerts.count) else { fatalError("the number of alerts isn't bounded") }
        guard !intake.title.isEmpty else { fatalError("there is no title") }
        Harmless.check(intake.groupKey, limit: 200, lines: false, "a group's key")
        Harmless.check(intake.title, limit: limits.title + 20, lines: false, "a title")
        for alert in intake.alerts {
            Harmless.check(alert.title, limit: limits.title + 20, lines: false, "an alert's title")
            Harmless.check(alert.text, limit: limits.text * 2 + 1, "an alert's text")
            guard alert.labels.count <= limits.labels, alert.annotations.count <= limits.labels + 4 else { fatalError("too many labels") }
            for (name, value) in alert.labels.merging(alert.annotations, uniquingKeysWith: { $1 }) {
                Harmless.check(name, limit: limits.name, lines: false, "a label's name")
                Harmless.check(value, limit: max(limits.value, limits.link), "a label's value")
            }
            for link in [alert.link, intake.externalURL].compactMap({ $0 }) {
                guard link.utf8.count <= limits.link, link.hasPrefix("http") || link.lowercased().hasPrefix("http"),
                    link.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
                else { fatalError("a link isn't one") }
            }
        }
    }

    private func take(_ actions: [AlertAction]) {
        for action in actions {
            switch action {
            case .message(let posting):
                Harmless.check(posting.text, limit: machine.limits.message, "a message")
                guard !posting.text.isEmpty, posting.thread?.utf8.count ?? 0 <= 200 else {
                    fatalError("an empty message, or a long thread")
                }
            case .remember(.put(let record)):
                guard let bytes = try? record.encoded(), let again = try? AlertRecord(encoded: bytes), again == record else {
                    fatalError("what is remembered changes when it is read again")
                }
            default: break
            }
        }
    }
}
