import XMPP

@testable import Delivery

/// A machine whose turns are shown as short lines.
struct Bench {
    var machine: OutboxMachine
    var now: Int64 = 1000
    let account: Address
    let juliet: Address
    let romeo: Address

    init(_ limits: OutboxMachine.Limits = .init(), plan: RetryPlan = .standard) throws {
        account = try address("bot@example.org")
        juliet = try address("juliet@example.org")
        romeo = try address("romeo@example.net")
        machine = OutboxMachine(account: account, limits: limits, plan: plan, random: { 0 })
    }

    /// Started, online, with these entries loaded.
    static func online(
        _ limits: OutboxMachine.Limits = .init(),
        limit: Int? = nil,
        with entries: (Bench) -> [OutboxEntry] = { _ in [] }
    ) throws -> (Bench, [String]) {
        var bench = try Bench(limits)
        _ = bench.say(.start)
        _ = bench.say(.summary(OutboxSummary()))
        let lines = bench.say(.online(limit: limit))
        let more = bench.answer(entries(bench))
        return (bench, lines + more)
    }

    func entry(_ number: Int64, to recipient: Address? = nil, _ change: (inout OutboxEntry) -> Void = { _ in }) -> OutboxEntry {
        let message = OutboxMessage(account: account, recipient: recipient ?? juliet, id: "m\(number)", payload: [], accepted: 1000)
        var entry = OutboxEntry(number: number, message)
        change(&entry)
        return entry
    }

    mutating func say(_ event: OutboxMachine.Event) -> [String] {
        let turn = machine.handle(event, now: now)
        return turn.changes.map(Self.line) + turn.steps.map(Self.line)
    }

    /// Answers the query that is under way.
    mutating func answer(_ entries: [OutboxEntry], isLast: Bool = true, nextDue: Int64? = nil) -> [String] {
        guard let query = machine.loading.query else { return ["there is no query"] }
        return say(.loaded(query, OutboxPage(entries: entries, isLast: isLast, nextDue: nextDue)))
    }

    mutating func seal(_ number: Int64, size: Int = 500) -> [String] {
        say(.sealed(number: number, OutboxSealed(bytes: [1], size: size, time: now)))
    }

    /// Seals and acknowledges.
    mutating func deliver(_ number: Int64) -> [String] {
        seal(number) + say(.acknowledged(number: number))
    }

    static func line(_ change: OutboxChange) -> String {
        switch change {
        case .accept(let message): "+accept \(message.id)"
        case .handed(let number, let sealed, let order): "+handed \(number)\(sealed == nil ? " same" : "") order \(order)"
        case .sent(let number, _, let retry): "+sent \(number)" + (retry == 0 ? "" : " again \(retry)")
        case .delivered(let number, _): "+delivered \(number)"
        case .waiting(let number, let isHeld, let failure, let attempts, let until):
            "+\(isHeld ? "held" : "waiting") \(number) \(failure.kind.rawValue) \(attempts) until \(until)"
        case .dead(let number, let failure, _): "+dead \(number) \(failure.kind.rawValue)"
        case .withdrawn(let number, _): "+withdrawn \(number)"
        case .retry(let number, _): "+retry \(number)"
        case .hasten(_, let recipient): "+hasten \(recipient)"
        case .learnt(_, let limit): "+learnt \(limit)"
        }
    }

    static func line(_ step: OutboxMachine.Step) -> String {
        switch step {
        case .load(let query):
            switch query.wish {
            case .due: "load\(query.recipient.map { " \($0)" } ?? "") after \(query.after)"
            case .expired: "load expired"
            default: "load ?"
            }
        case .summarize(let before): "summarize \(before)"
        case .seal(let entry): "seal \(entry.number)"
        case .send(let entry, let sealed): "send \(entry.number)\(sealed == nil ? " same" : "")"
        case .settled(let number, let state, _): "settled \(number) \(state)"
        case .withdrawal(let number, let state, let mayHaveLeft): "withdrawal \(number) \(state)\(mayHaveLeft ? " may have left" : "")"
        case .tell(let notice): "tell \(notice)"
        case .wake(let time): "wake \(time)"
        }
    }
}

func address(_ text: String) throws -> Address {
    guard let address = Address(text) else { throw NoAddress() }
    return address
}

struct NoAddress: Error {}
