import Logging
import Synchronization
import XML
import XMPP
import YAMLConfiguration

/// A handler that is a program: kept running, restarted with growing pauses when it dies, ended with all its children when it hangs or
/// breaks the protocol (docs/exec-protocol.md).
///
/// This file is what events see of it; ``run()`` in Program+Process.swift owns the process. An event is over when the program says so, never
/// because its line was written.
final class Program: Handler {
    /// What an open event gets to hear.
    enum Answer: Sendable {
        case payload([Element])
        /// A text and files, which are read when it is sent.
        case message(ProgramOutput.Reply)
        /// Something that may not be sent.
        case refused(String)
        case end(ProgramConversation.End)
        /// The program is gone.
        case lost
    }

    /// One process from its start to its end.
    struct Incarnation {
        var number: Int
        var conversation: ProgramConversation
        var flights: [String: AsyncStream<Answer>.Continuation] = [:]
        /// What the process is going to read.
        var lines: AsyncStream<[UInt8]>.Continuation
        /// Lines that it has not taken yet.
        var unread = 0
        /// Ends the process when it is opened.
        var kill: Gate

        mutating func write(_ line: [UInt8]) {
            unread += 1
            lines.yield(line)
        }
    }

    struct State {
        var incarnation: Incarnation?
        /// Opens when the next incarnation is there, or can't be had.
        var ready = Gate()
        /// Whether the last attempt to start the program has failed: events need not wait for it then.
        var isUnavailable = false
        var count = 0
    }

    let definition: ProgramDefinition
    let account: Address
    let bot: BotDefinition
    let outgoing: any Outgoing
    let logger: Logger
    let clock: any Clock<Duration>
    let launcher: ProgramLauncher
    let limits: ProgramConversation.Limits
    let chance: @Sendable () -> Double
    let state = Mutex(State())
    private let counters: Counters

    /// Makes the handler; the process begins with ``run()``.
    ///
    /// - Parameter chance: Random numbers in 0..<1, for the pauses between restarts.
    init(
        definition: ProgramDefinition,
        account: Address,
        bot: BotDefinition,
        outgoing: any Outgoing,
        counters: Counters,
        logger: Logger,
        clock: any Clock<Duration>,
        stateFolder: String?,
        limits: ProgramConversation.Limits = .init(),
        chance: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.definition = definition
        self.account = account
        self.bot = bot
        self.outgoing = outgoing
        self.counters = counters
        var logger = logger
        logger[metadataKey: "program"] = "\(definition.command.first?.split(separator: "/").last ?? "")"
        self.logger = logger
        self.clock = clock
        self.launcher = ProgramLauncher(definition: definition, stateFolder: stateFolder)
        self.limits = limits
        self.chance = chance
    }

    func handle(_ event: Event, _ context: any HandlerContext) async throws {
        guard !event.attachments.isEmpty else { return try await handle(event, files: [], context) }
        guard let shelf = launcher.shelf else {
            throw HandlerError(.unavailable, "there is no file system in memory (/dev/shm) for attachments, and they may not lie on a disk")
        }
        let tray = try await reported { [launcher] () throws(Complaint) in
            try shelf.tray(
                event.attachments,
                owner: try ProgramProblem.account(launcher.definition),
                isSandboxed: launcher.definition.isolation == .bubblewrap
            )
        }
        defer { tray.clear() }
        try await handle(event, files: tray.files, context)
    }

    /// Runs what may block, off the pool; what it complains about is the handler's error.
    private func reported<Value: Sendable>(_ body: @escaping @Sendable () throws(Complaint) -> Value) async throws(HandlerError) -> Value {
        do throws(Complaint) {
            return try await offPool(body)
        } catch {
            throw HandlerError(.program, error.message)
        }
    }

    private func handle(_ event: Event, files: [ProgramInput.File], _ context: any HandlerContext) async throws {
        let answers = try await begin(event, files)
        var failure: (any Error)?
        for await answer in answers {
            switch answer {
            case .payload(let payload):
                do {
                    try await context.reply(payload)
                } catch {
                    failure = failure ?? error
                }
            case .message(let reply):
                do {
                    let files = ProgramFiles(definition)
                    let attachments = try await reported { () throws(Complaint) in try files.read(reply.files) }
                    try await context.reply(.message(reply.text ?? "", subject: reply.subject, attachments: attachments))
                } catch {
                    failure = failure ?? error
                }
            case .refused(let reason): failure = failure ?? HandlerError(.payload, reason)
            case .end(.failed(let text)): throw HandlerError(.program, "the program says: \(LogText.clean(text))")
            case .end(.done):
                if let failure { throw failure }
                return
            case .lost: throw HandlerError(.program, "the program ended before the event was done")
            }
        }
        // Cancelled: it hangs, or we are being shut down. Only the end of the process stops what it does for the event.
        abandon(event.id)
        throw CancellationError()
    }

    /// Waits for the process and writes the event to it.
    private func begin(_ event: Event, _ files: [ProgramInput.File]) async throws -> AsyncStream<Answer> {
        let line = ProgramInput.event(event, files: files)
        let (answers, continuation) = AsyncStream.makeStream(of: Answer.self)
        while true {
            let ready: Gate? = try state.withLock { state in
                if state.incarnation == nil {
                    guard !state.isUnavailable else { throw HandlerError(.unavailable, "the program can't be started; the log says why") }
                    return state.ready
                }
                state.incarnation?.conversation.begin(event.id)
                state.incarnation?.flights[event.id] = continuation
                state.incarnation?.write(line)
                return nil
            }
            guard let ready else { return answers }
            await ready.wait()
            try Task.checkCancellation()
        }
    }

    private func abandon(_ id: String) {
        let kill: Gate? = state.withLock { $0.incarnation?.conversation.open.contains(id) == true ? $0.incarnation?.kill : nil }
        kill?.open()
    }

    func count(_ reason: String) {
        counters.add("oxbow_program_total", ["account": "\(account)", "bot": bot.name, "reason": reason])
    }
}
