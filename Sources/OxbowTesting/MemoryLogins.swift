public import XMPP

/// Login pins and resumable sessions that are forgotten at the end of the process; otherwise it behaves as OxbowSQLite's.
public actor MemoryLogins: LoginMemory, ResumptionMemory {
    private var pins: [Address: LoginPins] = [:]
    private var sessions: [Address: ResumptionRecord] = [:]

    /// Makes an empty memory.
    public init() {}

    /// The pins of an account; `nil` if it has never logged in.
    public func loginPins(of account: Address) -> LoginPins? { pins[account.bare] }

    /// Keeps the pins of an account; `nil` forgets them.
    public func setLoginPins(_ new: LoginPins?, of account: Address) { pins[account.bare] = new }

    /// The session that may be resumed, if any.
    public func resumption(of account: Address) -> ResumptionRecord? { sessions[account.bare] }

    /// Remembers a session, or with `nil` that there is none; an older count of the same session changes nothing.
    public func setResumption(_ record: ResumptionRecord?, of account: Address) {
        if let record, let stored = sessions[account.bare], record.isBehind(stored) { return }
        sessions[account.bare] = record
    }
}
