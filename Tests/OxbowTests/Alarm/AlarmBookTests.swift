import Delivery
import Testing
import XMPP

@testable import Oxbow

@Suite("Alarm: what is told, and how often")
struct AlarmBookTests {
    private static let down = AccountState.offline(SessionFailure(.login, "The server says: secret words."))
    private let account: Address
    private let up: AccountState

    init() throws {
        account = try #require(Address("bot@localhost"))
        up = .online(account)
    }

    private func look(_ book: inout AlarmBook, _ state: AccountState, at now: Int64) -> [String] {
        book.look(at: [AlarmBook.Sight(account: account, stuckAfter: .seconds(600), state: state)], now: now).map(\.words)
    }

    @Test("an account that is down is told of once after stuck_after, and again only a day later")
    func down() {
        var book = AlarmBook()
        #expect(look(&book, Self.down, at: 1000) == [])
        #expect(look(&book, Self.down, at: 1599) == [])
        #expect(look(&book, Self.down, at: 1600) == ["down for 10m (login); `oxbow status` says more"])
        #expect(look(&book, Self.down, at: 1630) == [])
        #expect(look(&book, Self.down, at: 80_000) == [])
        #expect(look(&book, Self.down, at: 1600 + 86_400) == ["down for 24h (login); `oxbow status` says more"])
    }

    @Test("that it is back is told if it was told that it is down, and only then")
    func back() {
        var book = AlarmBook()
        #expect(look(&book, Self.down, at: 1000) == [])
        #expect(look(&book, up, at: 1100) == [])
        #expect(look(&book, Self.down, at: 1200) == [])
        #expect(look(&book, Self.down, at: 1800).count == 1)
        #expect(look(&book, up, at: 1830) == ["online again"])
        #expect(look(&book, up, at: 1860) == [])
    }

    @Test("an account that comes and goes is told of once in a quarter of an hour")
    func flapping() {
        var book = AlarmBook()
        var told = 0
        for time in stride(from: Int64(0), through: 7200, by: 30) {
            let state = time % 720 < 690 ? Self.down : up
            told += look(&book, state, at: time).filter { $0.hasPrefix("down") }.count
        }
        #expect(told > 0 && told <= 7200 / 900 + 1, "\(told)")
    }

    @Test("a clock that is set back neither hastens nor silences")
    func clock() {
        var book = AlarmBook()
        #expect(look(&book, Self.down, at: 10_000) == [])
        #expect(look(&book, Self.down, at: 1000) == [])
        #expect(look(&book, Self.down, at: 1599) == [])
        #expect(look(&book, Self.down, at: 1600).count == 1)
    }

    @Test("what the outbox says is counted, and nothing else of it is told")
    func outbox() {
        var book = AlarmBook()
        book.note(.deadLetters(2), of: account)
        book.note(.deadLetters(1), of: account)
        book.note(.stuck(1), of: account)
        #expect(look(&book, up, at: 0) == ["3 messages given up", "1 message waiting for longer than 10m"])
        #expect(look(&book, up, at: 30) == [])
        book.note(.flowing, of: account)
        #expect(look(&book, up, at: 60) == ["no message is stuck any more"])
        book.note(.stuck(5), of: account)
        book.note(.flowing, of: account)
        #expect(look(&book, up, at: 90) == [], "it passed before anybody heard of it")
    }

    @Test("what could not be told comes again, bounded, and not of accounts that are gone")
    func unheard() {
        var book = AlarmBook()
        let line = AlarmBook.Line(account: account, words: "x", isRelief: false)
        book.keep(Array(repeating: line, count: AlarmBook.limit + 5))
        #expect(look(&book, up, at: 0).count == AlarmBook.limit)
        book.keep([line])
        #expect(book.look(at: [], now: 0) == [])
        #expect(look(&book, up, at: 0) == [])
    }
}
