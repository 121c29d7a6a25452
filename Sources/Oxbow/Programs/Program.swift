import Configuration
import Logging
import Subprocess
import Synchronization
import XML
import XMPP

/// A handler that is a program: kept running, restarted with growing pauses when it dies, ended with all its children when it hangs or
/// breaks the protocol (docs/exec-protocol.md).
///
/// ``run()`` owns the process. An event is over when the program says so, never because its line was written.
final class Program: Handler {
    /// What an open event gets to hear.
    private enum Answer: Sendable {
        case payload([Element])
        /// Something that may not be sent.
        case refused(String)
        case end(ProgramConversation.End)
        /// The program is gone.
        case lost
    }
    /// A message of the program's own accord.
    private struct Send: Sendable {
        var text: String
        var to: String
        var ref: String?
    }
    /// One process from its start to its end.
    private struct Incarnation {
        var number: Int
        var conversation: ProgramConversation
        var flights: [String: AsyncStream<Answer>.Continuation] = [:]
        var lines: AsyncStream<[UInt8]>.Continuation
        /// Lines that the program has not taken yet.
        var unread = 0
        var kill: Gate
    }
    private struct State {
        var incarnation: Incarnation?
        /// Opens when the next incarnation is there.
        var ready = Gate()
        var count = 0
    }
    /// Why a part of a process's service has ended.
    private enum Ending: Sendable {
        case output
        case input
        case killed
        case fault(ProgramConversation.Fault)
        /// A part that may end without the process: stderr, and the sender of unprompted messages.
        case minor
    }
    private typealias Running = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

    private let definition: ProgramDefinition
    private let account: Address
    private let bot: BotDefinition
    private let outgoing: any Outgoing
    private let counters: Counters
    private let logger: Logger
    private let clock: any Clock<Duration>
    private let launcher: ProgramLauncher
    private let limits: ProgramConversation.Limits
    private let chance: @Sendable () -> Double
    private let state = Mutex(State())

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
        let name = definition.command.first.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? ""
        logger[metadataKey: "program"] = "\(name)"
        self.logger = logger
        self.clock = clock
        self.launcher = ProgramLauncher(definition: definition, stateFolder: stateFolder)
        self.limits = limits
        self.chance = chance
    }

    // MARK: Events

    func handle(_ event: Event, _ context: any HandlerContext) async throws {
        let answers = try await begin(event)
        var failure: (any Error)?
        for await answer in answers {
            switch answer {
            case .payload(let payload):
                do {
                    try await context.reply(payload)
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
    private func begin(_ event: Event) async throws -> AsyncStream<Answer> {
        let line = ProgramInput.event(event)
        let (answers, continuation) = AsyncStream.makeStream(of: Answer.self)
        while true {
            let ready: Gate? = state.withLock { state in
                guard state.incarnation != nil else { return state.ready }
                state.incarnation?.conversation.begin(event.id)
                state.incarnation?.flights[event.id] = continuation
                state.incarnation?.unread += 1
                state.incarnation?.lines.yield(line)
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

    // MARK: The process

    /// Keeps the program running until it is cancelled.
    func run() async {
        Host.ignoreBrokenPipes()
        var backoff = Backoff(most: definition.restart)
        var isProbed = false
        while !Task.isCancelled {
            let stopwatch = Stopwatch(clock)
            do throws(Complaint) {
                if !isProbed { try await launcher.probe() }
                isProbed = true
                let configuration = try await launcher.prepare()
                await serve(configuration)
            } catch {
                count("start")
                logger.error("The program can't be started.", metadata: ["error": "\(error.message)", "hint": "\(error.hint ?? "")"])
            }
            guard !Task.isCancelled else { return }
            let pause = backoff.pause(afterRunning: stopwatch.elapsed, chance: chance())
            logger.notice("The program is started again after a pause.", metadata: ["pause": "\(pause)"])
            try? await clock.sleep(for: pause)
        }
    }

    /// Runs one process to its end.
    private func serve(_ configuration: Subprocess.Configuration) async {
        do {
            let result = try await Subprocess.run(configuration, input: .inputWriter, output: .sequence, error: .sequence) { running in
                let ending = await self.converse(with: running)
                // The last act, whatever happened: a grandchild that ignores every other signal goes as well.
                try? running.send(signal: .kill, toProcessGroup: true)
                return ending
            }
            report(result.closureResult, "\(result.terminationStatus)")
        } catch {
            guard !Task.isCancelled else { return }
            count("start")
            logger.error("The program can't be started.", metadata: ["error": "\(error)"])
        }
    }

    private func report(_ ending: Ending, _ status: String) {
        guard !Task.isCancelled else { return }
        switch ending {
        case .fault(let fault):
            logger.error("The program broke the protocol and was ended.", metadata: ["reason": "\(Self.describe(fault).words)"])
        case .killed:
            count("hang")
            logger.error("The program did not end an event in time and was ended.")
        case .output, .input, .minor:
            count("exit")
            logger.error("The program has ended.", metadata: ["status": "\(status)"])
        }
    }

    /// Speaks with a process until one side has had enough.
    private func converse(with running: Running) async -> Ending {
        let (lines, line) = AsyncStream.makeStream(of: [UInt8].self)
        let (sends, send) = AsyncStream.makeStream(of: Send.self, bufferingPolicy: .bufferingOldest(limits.sends))
        let kill = Gate()
        let number = open(lines: line, kill: kill)
        defer { close(number) }
        return await withTaskGroup { group in
            group.addTask { await self.write(lines, to: running, number) }
            group.addTask { await self.read(running, send, number) }
            group.addTask { await self.logErrors(of: running) }
            group.addTask { await self.send(sends, number) }
            group.addTask {
                await kill.wait()
                return .killed
            }
            var ending = Ending.minor
            while case .minor = ending, let next = await group.next() { ending = next }
            // What is blocked in a pipe ends with the process.
            try? running.send(signal: .kill, toProcessGroup: true)
            group.cancelAll()
            return ending
        }
    }

    private func open(lines: AsyncStream<[UInt8]>.Continuation, kill: Gate) -> Int {
        lines.yield(ProgramInput.hello(bot: bot.name, account: account.description))
        let (number, ready) = state.withLock { state in
            state.count += 1
            state.incarnation = Incarnation(
                number: state.count,
                conversation: ProgramConversation(limits: limits),
                lines: lines,
                unread: 1,
                kill: kill
            )
            defer { state.ready = Gate() }
            return (state.count, state.ready)
        }
        ready.open()
        return number
    }

    private func close(_ number: Int) {
        let flights = state.withLock { state in
            guard state.incarnation?.number == number else { return [AsyncStream<Answer>.Continuation]() }
            defer { state.incarnation = nil }
            return state.incarnation.map { Array($0.flights.values) } ?? []
        }
        for flight in flights {
            flight.yield(.lost)
            flight.finish()
        }
    }

    private func write(_ lines: AsyncStream<[UInt8]>, to running: Running, _ number: Int) async -> Ending {
        do {
            for await line in lines {
                _ = try await running.standardInputWriter.write(line)
                state.withLock { if $0.incarnation?.number == number { $0.incarnation?.unread -= 1 } }
            }
        } catch {
            // The other end is closed; the process's end says the rest.
        }
        return .input
    }

    private func read(_ running: Running, _ sends: AsyncStream<Send>.Continuation, _ number: Int) async -> Ending {
        var splitter = LineSplitter(limit: limits.line)
        let stopwatch = Stopwatch(clock)
        do {
            for try await buffer in running.standardOutput {
                let bytes = buffer.withUnsafeBytes { Array($0) }
                for line in splitter.feed(bytes) {
                    guard let fault = take(line, stopwatch.elapsed, sends, number) else { continue }
                    count(Self.describe(fault).reason)
                    return .fault(fault)
                }
            }
        } catch {
            // The process has ended.
        }
        return .output
    }

    /// Does what a line asks for; returns a fault if the program has to go.
    private func take(
        _ line: LineSplitter.Line,
        _ now: Duration,
        _ sends: AsyncStream<Send>.Continuation,
        _ number: Int
    ) -> ProgramConversation.Fault? {
        let (action, unread) = state.withLock { state -> (ProgramConversation.Action?, Int) in
            guard state.incarnation?.number == number else { return (nil, 0) }
            return (state.incarnation?.conversation.line(line, at: now), state.incarnation?.unread ?? 0)
        }
        guard unread <= limits.unread else { return .flood }
        switch action {
        case nil: return nil
        case .fault(let fault): return fault
        case .log(let text): logger.info("The program says: \(LogText.clean(text))")
        case .stray(let isLate):
            count(isLate ? "late" : "unknown-id")
            logger.warning("The program answers an event that is \(isLate ? "over" : "not known"); the answer was dropped.")
        case .send(let text, let to, let ref):
            if case .dropped = sends.yield(Send(text: text, to: to, ref: ref)) { return .flood }
        case .answer(let id, let text, let payload, let end):
            let flight = state.withLock { state in
                end == nil ? state.incarnation?.flights[id] : state.incarnation?.flights.removeValue(forKey: id)
            }
            for answer in Self.answers(text, payload) { flight?.yield(answer) }
            if let end {
                flight?.yield(.end(end))
                flight?.finish()
            }
        }
        return nil
    }

    /// What a line's text and XML come to: one message each.
    private static func answers(_ text: String?, _ payload: [String]) -> [Answer] {
        var answers: [Answer] = []
        if let text { answers.append(.payload([Element("body", Namespace.client, text: text)])) }
        guard !payload.isEmpty else { return answers }
        var elements: [Element] = []
        for xml in payload {
            do throws(ParseError) {
                elements.append(try Document.parse(Array(xml.utf8)))
            } catch {
                return answers + [.refused("an answer's payload is no XML that may be sent: \(error)")]
            }
        }
        return answers + [.payload(elements)]
    }

    /// Sends what the program says of its own accord, one after the other (R18).
    private func send(_ sends: AsyncStream<Send>, _ number: Int) async -> Ending {
        for await send in sends {
            let problem = await problem(sending: send)
            if let problem { logger.warning("A message of the program was not sent.", metadata: ["error": "\(problem)"]) }
            guard let ref = send.ref else { continue }
            state.withLock { state in
                guard state.incarnation?.number == number else { return }
                state.incarnation?.unread += 1
                state.incarnation?.lines.yield(problem.map { ProgramInput.failed(ref, $0) } ?? ProgramInput.sent(ref))
            }
        }
        return .minor
    }

    private func problem(sending send: Send) async -> String? {
        guard let address = Address(send.to) else {
            count("bad-address")
            return "'to' is no JID"
        }
        guard bot.maySend(to: address) else {
            count("send-to")
            return "send_to does not name the address"
        }
        do {
            let body = Element("body", Namespace.client, text: send.text)
            try await outgoing.send(payload: [body], to: address, thread: nil, account: account)
            return nil
        } catch {
            count("send")
            return "\(error)"
        }
    }

    /// Copies stderr into the log: bounded in length and number, one line each.
    private func logErrors(of running: Running) async -> Ending {
        var splitter = LineSplitter(limit: 1000)
        var flood = LogFlood(lines: 100)
        let stopwatch = Stopwatch(clock)
        do {
            for try await buffer in running.standardError {
                for line in splitter.feed(buffer.withUnsafeBytes { Array($0) }) {
                    let bytes =
                        switch line {
                        case .whole(let bytes), .tooLong(let bytes): bytes
                        }
                    switch flood.line(at: stopwatch.elapsed) {
                    case .log: logger.info("stderr: \(LogText.clean(bytes))")
                    case .lastOne:
                        count("stderr-flood")
                        logger.warning("The program writes more to stderr than is logged; the rest of ten seconds is dropped.")
                    case .drop: break
                    }
                }
            }
        } catch {
            // The process has ended.
        }
        if let rest = splitter.finish() { logger.info("stderr: \(LogText.clean(rest))") }
        return .minor
    }

    private func count(_ reason: String) {
        counters.add("oxbow_program_total", ["account": "\(account)", "bot": bot.name, "reason": reason])
    }

    private static func describe(_ fault: ProgramConversation.Fault) -> (reason: String, words: String) {
        switch fault {
        case .garbage(let words): ("garbage", words)
        case .tooLong: ("line-too-long", "a line is too long")
        case .flood: ("flood", "too many lines")
        }
    }
}
