import Delivery
import XMPP

/// What the admins of accounts have to hear, and what they have heard: only that something is wrong, and how many; never what, never to whom.
///
/// It does no IO. Lines about one account and of one kind have a quarter of an hour between them; those that come up within one tick go as
/// one text. What could not be told is told later.
struct AlarmBook: Sendable {
    /// Something to be told.
    struct Line: Hashable, Sendable {
        /// The account that it is about.
        var account: Address
        /// What people read; without the account.
        var words: String
        /// Whether it says that a trouble is over.
        var isRelief: Bool
    }

    /// How an account stands, as it was looked at.
    struct Sight: Sendable {
        var account: Address
        var stuckAfter: Duration
        var state: AccountState
    }

    /// How many seconds lie at least between two lines about one account's connection.
    static let pause: Int64 = 900
    /// After how many seconds it is said again that an account is still down.
    static let reminder: Int64 = 86_400
    /// How many lines are kept at most; the oldest go first.
    static let limit = 200

    private struct Page: Sendable {
        var downSince: Int64?
        var told: Int64?
        var isToldDown = false
        /// Dead letters that were not told yet.
        var dead = 0
        /// How many are stuck, if that was not told yet.
        var stuck: Int?
        var isFlowing = false
    }
    private var pages: [Address: Page] = [:]
    private var unheard: [Line] = []

    /// Takes what an outbox says.
    mutating func note(_ notice: OutboxMachine.Notice, of account: Address) {
        switch notice {
        case .deadLetters(let count): pages[account, default: Page()].dead += count
        case .stuck(let count):
            pages[account, default: Page()].stuck = count
            pages[account]?.isFlowing = false
        case .flowing:
            // Trouble that has passed before anybody heard of it is none.
            if pages[account]?.stuck == nil { pages[account, default: Page()].isFlowing = true }
            pages[account]?.stuck = nil
        }
    }

    /// Takes how all accounts stand; forgets accounts that are not there.
    ///
    /// - Returns: What has to be told now.
    mutating func look(at sights: [Sight], now: Int64) -> [Line] {
        let accounts = Set(sights.map(\.account))
        pages = pages.filter { accounts.contains($0.key) }
        var lines = unheard.filter { accounts.contains($0.account) }
        unheard = []
        for sight in sights {
            lines += outboxLines(sight)
            if let line = connectionLine(sight, now: now) { lines.append(line) }
        }
        return lines
    }

    /// Takes back what could not be told, for the next time.
    mutating func keep(_ lines: [Line]) {
        unheard = Array((lines + unheard).suffix(Self.limit))
    }

    private mutating func outboxLines(_ sight: Sight) -> [Line] {
        guard var page = pages[sight.account] else { return [] }
        var lines: [Line] = []
        func add(_ words: String, isRelief: Bool = false) {
            lines.append(Line(account: sight.account, words: words, isRelief: isRelief))
        }
        if page.dead > 0 { add("\(Self.messages(page.dead)) given up") }
        if let stuck = page.stuck { add("\(Self.messages(stuck)) waiting for longer than \(Self.words(sight.stuckAfter))") }
        if page.isFlowing { add("no message is stuck any more", isRelief: true) }
        (page.dead, page.stuck, page.isFlowing) = (0, nil, false)
        pages[sight.account] = page
        return lines
    }

    private mutating func connectionLine(_ sight: Sight, now: Int64) -> Line? {
        var page = pages[sight.account] ?? Page()
        defer { pages[sight.account] = page }
        guard let trouble = sight.state.trouble else {
            page.downSince = nil
            guard page.isToldDown else { return nil }
            page.isToldDown = false
            return Line(account: sight.account, words: "online again", isRelief: true)
        }
        // A clock that was set back must not make it younger than nothing.
        let since = min(page.downSince ?? now, now)
        page.downSince = since
        let isDue = Duration.seconds(now - since) >= sight.stuckAfter
        let isTime = page.told.map { abs(now - $0) >= (page.isToldDown ? Self.reminder : Self.pause) } ?? true
        guard isDue, isTime else { return nil }
        page.isToldDown = true
        page.told = now
        return Line(
            account: sight.account,
            words: "down for \(Self.words(.seconds(now - since))) (\(trouble)); `oxbow status` says more",
            isRelief: false
        )
    }

    private static func messages(_ count: Int) -> String { count == 1 ? "1 message" : "\(count) messages" }

    /// A duration as the configuration writes it, without what is small beside the rest.
    private static func words(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        return switch seconds {
        case ..<120: "\(seconds)s"
        case ..<7200: "\(seconds / 60)m"
        case ..<172_800: "\(seconds / 3600)h"
        default: "\(seconds / 86_400)d"
        }
    }
}

extension AccountState {
    /// A word for what keeps an account from working; `nil` if nothing does. Nothing that a server has said stands in it.
    var trouble: String? {
        switch self {
        case .online: nil
        case .offline(let failure): failure.code.description
        case .starting, .failed, .stopped: word
        }
    }
}
