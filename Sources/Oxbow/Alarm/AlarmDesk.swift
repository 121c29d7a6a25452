import Delivery
import Logging
import Synchronization
import XMPP
import YAMLConfiguration

/// Sees to it that admins hear of an account's troubles by another way than this account (`alarm:`): another account, a program,
/// a mail, or several of them.
///
/// Without a way the log says it, and the account itself tells its admins what it can while it is online.
final class AlarmDesk: Sendable {
    /// An account that is watched.
    struct Subject: Sendable {
        var account: Address
        var admins: [Address]
        var stuckAfter: Duration
        var state: AccountState
    }

    /// What the desk works with.
    struct Surroundings: Sendable {
        /// The accounts, as they stand now.
        var subjects: @Sendable () async -> [Subject]
        /// The way, as it is configured now.
        var settings: @Sendable () -> AlarmSettings?
        /// Lets an account send a text to somebody; returns once the text is safe.
        var send: @Sendable (_ text: String, _ admin: Address, _ sender: Address) async throws -> Void
        /// Runs a program with a text on its standard input; throws if that fails.
        var run: @Sendable (_ text: String, _ command: [String]) async throws -> Void
        /// Sends a text by mail; returns once the mail server has taken it.
        var mail: @Sendable (_ text: String, _ settings: AlarmMailSettings) async throws -> Void
        var counters: Counters
        var logger: Logger
        var clock: any Clock<Duration>
        var now: @Sendable () -> Int64
    }

    /// How often the accounts are looked at: no text goes out more often.
    static let interval = Duration.seconds(10)
    /// After how many looks something that could not be told is tried again.
    static let patience = 30

    private let book = Mutex(AlarmBook())

    /// Takes what an outbox says; it is told with the next look.
    func note(_ notice: OutboxMachine.Notice, of account: Address) {
        book.withLock { $0.note(notice, of: account) }
    }

    /// Looks and tells until it is cancelled.
    func run(_ surroundings: Surroundings) async {
        let teller = AlarmTeller(surroundings: surroundings)
        var wait = 0
        while !Task.isCancelled {
            try? await surroundings.clock.sleep(for: Self.interval)
            guard !Task.isCancelled else { return }
            let subjects = await surroundings.subjects()
            let sights = subjects.map { AlarmBook.Sight(account: $0.account, stuckAfter: $0.stuckAfter, state: $0.state) }
            let lines = book.withLock { $0.look(at: sights, now: surroundings.now()) }
            guard !lines.isEmpty else { continue }
            if wait > 0 {
                wait -= 1
                book.withLock { $0.keep(lines) }
                continue
            }
            let unheard = await teller.tell(lines, subjects)
            guard !unheard.isEmpty else { continue }
            book.withLock { $0.keep(unheard) }
            wait = Self.patience
        }
    }

}

/// Brings lines to people.
private struct AlarmTeller: Sendable {
    let surroundings: AlarmDesk.Surroundings

    /// Tells by every way there is; returns what nobody has heard although there is a way.
    func tell(_ lines: [AlarmBook.Line], _ subjects: [AlarmDesk.Subject]) async -> [AlarmBook.Line] {
        for line in lines {
            let metadata: Logger.Metadata = ["account": "\(line.account)", "alarm": "\(line.words)"]
            surroundings.logger.log(level: line.isRelief ? .notice : .error, "alarm", metadata: metadata)
        }
        guard let settings = surroundings.settings() else {
            await tellByThemselves(lines, subjects)
            return []
        }
        var heard: Set<AlarmBook.Line> = []
        if !settings.command.isEmpty, await attempt("command", { try await surroundings.run(Self.text(lines), settings.command) }) {
            heard.formUnion(lines)
        }
        if let mail = settings.mail, await attempt("smtp", { try await surroundings.mail(Self.text(lines), mail) }) {
            heard.formUnion(lines)
        }
        if let sender = settings.account { heard.formUnion(await tell(lines, subjects, by: sender)) }
        // An account without admins has nobody to tell.
        let mute = Set(subjects.filter(\.admins.isEmpty).map(\.account))
        return lines.filter { line in
            guard !heard.contains(line) else { return false }
            return settings.needsNoAccount || (line.account != settings.account && !mute.contains(line.account))
        }
    }

    /// Each admin gets one text about all the accounts that name them; the account that tells says nothing about itself.
    private func tell(_ lines: [AlarmBook.Line], _ subjects: [AlarmDesk.Subject], by sender: Address) async -> Set<AlarmBook.Line> {
        var heard: Set<AlarmBook.Line> = []
        for admin in Set(subjects.flatMap(\.admins)).sorted(by: { $0.description < $1.description }) {
            let accounts = Set(subjects.filter { $0.admins.contains(admin) && $0.account != sender }.map(\.account))
            let theirs = lines.filter { accounts.contains($0.account) }
            guard !theirs.isEmpty else { continue }
            if await attempt("account", { try await surroundings.send(Self.text(theirs), admin, sender) }) { heard.formUnion(theirs) }
        }
        return heard
    }

    private func tellByThemselves(_ lines: [AlarmBook.Line], _ subjects: [AlarmDesk.Subject]) async {
        for subject in subjects {
            guard case .online = subject.state else { continue }
            let theirs = lines.filter { $0.account == subject.account }
            guard !theirs.isEmpty else { continue }
            for admin in subject.admins {
                await attempt("itself") { try await surroundings.send(Self.text(theirs), admin, subject.account) }
            }
        }
    }

    @discardableResult
    private func attempt(_ way: String, _ body: () async throws -> Void) async -> Bool {
        do {
            try await body()
            surroundings.counters.add(1, "oxbow_alarms_total", ["way": way, "outcome": "told"])
            return true
        } catch {
            surroundings.counters.add(1, "oxbow_alarms_total", ["way": way, "outcome": "failed"])
            surroundings.logger.warning("admins could not be told", metadata: ["way": "\(way)", "error": "\(Self.words(error))"])
            return false
        }
    }

    private static func words(_ error: any Error) -> String {
        guard let complaint = error as? Complaint else { return "\(error)" }
        return [complaint.message, complaint.hint].compactMap(\.self).joined(separator: "; ")
    }

    private static func text(_ lines: [AlarmBook.Line]) -> String {
        lines.map { "\($0.account): \($0.words)" }.joined(separator: "\n")
    }
}
