import Foundation
import Synchronization
import Testing
import XMPP
import YAMLConfiguration

@testable import Alerting

/// A carrier and book in memory: batches are whole or not at all, an id is accepted once.
final class MemoryCarrier: AlertCarrier, AlertBook {
    struct Failure: Error {}
    struct Occurrence: Hashable {
        var schedule: String
        var handler: String
        var at: Int64
        var id: String
    }
    struct Account {
        var postings: [Posting] = []
        var ids: Set<String> = []
        var records: [String: [UInt8]] = [:]
        var batches = 0
    }
    struct State {
        var accounts: [Address: Account] = [:]
        var occurrences: [Occurrence] = []
        /// So many batches fail from now on.
        var failures = 0
        var readFailures = 0
        /// Batches with this text fail always.
        var poison: String?
        /// Accounts for which nothing is accepted.
        var refusing: Set<Address> = []
        var correctable: Set<Contact> = []
        /// Accounts whose batches wait, and those who wait.
        var held: Set<Address> = []
        var waiting: [(Address, CheckedContinuation<Void, Never>)] = []
    }
    let state = Mutex(State())

    func accept(_ postings: [Posting], _ changes: [AlertChange], from account: Address) async throws {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                guard state.held.contains(account) else { return true }
                state.waiting.append((account, continuation))
                return false
            }
            if goesOn { continuation.resume() }
        }
        try state.withLock { state in
            guard state.failures == 0 else {
                state.failures -= 1
                throw Failure()
            }
            guard !state.refusing.contains(account) else { throw Failure() }
            if let poison = state.poison, postings.contains(where: { $0.text.contains(poison) }) { throw Failure() }
            var own = state.accounts[account] ?? Account()
            for posting in postings where own.ids.insert(posting.id).inserted { own.postings.append(posting) }
            for change in changes { own.records[change.key] = try change.encoded() }
            own.batches += 1
            state.accounts[account] = own
        }
    }

    func correctable(among contacts: Set<Contact>, of account: Address) async -> Set<Contact> {
        state.withLock { $0.correctable.intersection(contacts) }
    }

    func occur(schedule: String, handler: String, at: Int64, id: String, account: Address) async throws {
        state.withLock { $0.occurrences.append(Occurrence(schedule: schedule, handler: handler, at: at, id: id)) }
    }

    func alertRecords(of account: Address) async throws -> [AlertRecord] {
        try state.withLock { state in
            guard state.readFailures == 0 else {
                state.readFailures -= 1
                throw Failure()
            }
            return try (state.accounts[account]?.records.values ?? [:].values).map { try AlertRecord(encoded: $0) }
        }
    }

    /// What is said, `ada: #1 FIRING …`.
    func lines(_ account: String = "alerts@example.org") throws -> [String] {
        let address = try #require(Address(account))
        return state.withLock { ($0.accounts[address]?.postings ?? []).map(AlertAction.message) }.lines
    }

    func hold(_ account: Address) { _ = state.withLock { $0.held.insert(account) } }

    func release(_ account: Address) {
        let free = state.withLock { state in
            state.held.remove(account)
            defer { state.waiting.removeAll { $0.0 == account } }
            return state.waiting.filter { $0.0 == account }.map(\.1)
        }
        for one in free { one.resume() }
    }

    /// Until so many batches of held accounts wait.
    func waits(_ count: Int = 1) async { while state.withLock({ $0.waiting.count }) < count { await Task.yield() } }
}

/// What a desk counted and logged.
final class DeskEar: Sendable {
    let counts = Mutex<[String: Int]>([:])
    let events = Mutex<[DeskEvent]>([])

    func count(_ name: String, _ labels: [String: String]) {
        let key = name + "{" + labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",") + "}"
        counts.withLock { $0[key, default: 0] += 1 }
    }
    subscript(key: String) -> Int { counts.withLock { $0[key] ?? 0 } }
    /// Everything that was logged, as one text.
    var log: String { events.withLock { $0.map { "\($0.level) \($0.what) \($0.details)" }.joined(separator: "\n") } }
}

/// A desk with its surroundings; the time is the test's.
struct DeskBench: Sendable {
    let carrier: MemoryCarrier
    let ear = DeskEar()
    let time: Clock
    let desk: AlertDesk

    final class Clock: Sendable {
        let now: Atomic<Int64>
        init(_ now: Int64) { self.now = Atomic(now) }
        func advance(_ seconds: Int64) { now.add(seconds, ordering: .relaxed) }
    }

    static let yaml = """
        people: {ada: [ada@example.org, ada@example.com], bob: bob@example.org, carol: carol@example.org}
        groups: {oncall: {members: [ada, bob], notify: in-order}}
        alerts:
          account: alerts@example.org
          allow: [ada, bob]
          alertmanager: {url: "http://127.0.0.1:9093"}
          routes:
            ops: {source: alertmanager, to: [ada, bob]}
            pager: {source: json, to: oncall, escalate: {after: 5m}}
            other: {source: json, to: [carol], account: second@example.org}
        schedules:
          handover: {cron: "0 9 * * *", to: [ada], text: "Who has the pager?"}
          report: {cron: "0 10 * * *", handler: weekly}
        """

    init(carrier: MemoryCarrier = MemoryCarrier(), at start: Int64 = Desk.start) {
        self.carrier = carrier
        let (time, ear) = (Clock(start), ear)
        self.time = time
        desk = AlertDesk(
            carrier: carrier,
            book: carrier,
            isOnline: { _ in true },
            random: FixedRandom(),
            now: { time.now.load(ordering: .relaxed) },
            count: { ear.count($0, $1) },
            log: { event in ear.events.withLock { $0.append(event) } }
        )
    }

    static func settings(_ yaml: String = yaml) throws -> AlertingSettings {
        try AlertingSettings(ConfigurationFile(text: yaml, path: "config.yaml").read(AlertingSettings.schema, environment: [:]))
    }

    func configure(_ yaml: String = yaml, silencing: (any Silencing)? = nil) async throws {
        await desk.configure(try DeskConfiguration(Self.settings(yaml), silencing: silencing))
    }

    /// Runs the desk as long as `body` takes.
    func running(_ yaml: String = yaml, silencing: (any Silencing)? = nil, _ body: () async throws -> Void) async throws {
        try await configure(yaml, silencing: silencing)
        try await alive(body)
    }

    private func alive(_ body: () async throws -> Void) async throws {
        let desk = desk
        let task = Task { await desk.run() }
        defer { task.cancel() }
        do { try await body() } catch {
            task.cancel()
            await task.value
            throw error
        }
        task.cancel()
        await task.value
    }

    /// Alertmanager's request about these instances.
    static func webhook(_ firing: [String], over: [String] = []) -> SourceRequest {
        func alert(_ name: String, _ status: String) -> String {
            """
            {"status": "\(status)", "labels": {"alertname": "DiskFull", "instance": "\(name)", "severity": "warning"}, "annotations": {},
             "startsAt": "2026-11-21T18:00:00Z", "endsAt": "\(status == "firing" ? "0001-01-01T00:00:00Z" : "2026-11-21T18:10:00Z")",
             "generatorURL": "", "fingerprint": "\(name)"}
            """
        }
        let alerts = (firing.map { alert($0, "firing") } + over.map { alert($0, "resolved") }).joined(separator: ",")
        let body = """
            {"version": "4", "groupKey": "{}:{alertname=\\"DiskFull\\"}", "truncatedAlerts": 0, "status": "\(firing.isEmpty ? "resolved" : "firing")",
             "receiver": "oxbow", "groupLabels": {"alertname": "DiskFull"}, "commonLabels": {"alertname": "DiskFull"}, "commonAnnotations": {},
             "externalURL": "http://am.example.org", "alerts": [\(alerts)]}
            """
        return request(body)
    }

    static func request(_ body: String) -> SourceRequest {
        SourceRequest(body: Array(body.utf8), contentType: "application/json", received: Date(timeIntervalSince1970: Double(Desk.start)))
    }

    static func json(_ title: String, status: String = "firing", group: String = "door") -> SourceRequest {
        request(#"{"title": "\#(title)", "status": "\#(status)", "group": "\#(group)"}"#)
    }

    @discardableResult
    func receive(_ route: String, _ request: SourceRequest, delivery: String? = nil) async throws(HookError) -> HookOutcome {
        try await desk.receive(route, request, delivery: delivery)
    }

    func say(_ text: String, by name: String = "ada", thread: String? = nil, id: String) async throws {
        let (sender, account) = try (#require(Address("\(name)@example.org")), #require(Address("alerts@example.org")))
        try await desk.command(text, from: sender, thread: thread, id: id, account: account)
    }

    /// Lets an account do what is due, and waits for it: an event after it in the queue.
    func tick(_ account: String = "alerts@example.org") async throws {
        let address = try #require(Address(account))
        let own = try #require(await desk.account(address))
        await own.tick()
        // What comes after it in the queue.
        _ = try await own.hand(.otherMessage(Desk.contact("nobody")))
    }
}
