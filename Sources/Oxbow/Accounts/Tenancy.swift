import XMPP

/// An account's time in a process: begun with others, and ended alone when a reload says so.
final class Tenancy: Sendable {
    let plan: AccountPlan
    let account: Account
    private let notices: AsyncStream<Void>
    private let notice: AsyncStream<Void>.Continuation
    private let departures: AsyncStream<Void>
    private let departure: AsyncStream<Void>.Continuation

    init(_ plan: AccountPlan, house: House) {
        self.plan = plan
        account = Account(settings: plan.settings, bots: plan.bots, house: house)
        (notices, notice) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (departures, departure) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Keeps the account online until ``end(grace:)``, or until it is cancelled. Call it once.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.account.run() }
            group.addTask { for await _ in self.notices { break } }
            await group.next()
            group.cancelAll()
        }
        departure.finish()
    }

    /// Lets handlers that are at work finish, for a time; then the stream is closed and the agent stopped. Returns when that is done.
    func end(grace: Duration) async {
        await account.finish(grace: grace)
        notice.yield()
        for await _ in departures {}
    }
}
