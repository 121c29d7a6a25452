import Logging
import Subprocess
import Synchronization
import XMPP
import YAMLConfiguration

extension Program {
    /// Why a part of a process's service has ended.
    private enum Ending: Sendable {
        case output
        case input
        case killed
        case fault(ProgramConversation.Fault)
        /// A part that may end without the process: stderr, and the sender of unprompted messages.
        case minor
    }
    typealias Running = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

    /// Keeps the program running until it is cancelled.
    func run() async {
        Host.ignoreBrokenPipes()
        defer { launcher.shelf?.remove() }
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
                cannotStart(["error": "\(error.message)", "hint": "\(error.hint ?? "")"])
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
            cannotStart(["error": "\(error)"])
        }
    }

    private func cannotStart(_ details: Logger.Metadata) {
        count("start")
        logger.error("The program can't be started.", metadata: details)
        let waiting = state.withLock { state in
            state.isUnavailable = true
            defer { state.ready = Gate() }
            return state.ready
        }
        waiting.open()
    }

    private func report(_ ending: Ending, _ status: String) {
        guard !Task.isCancelled else { return }
        switch ending {
        case .fault(let fault):
            logger.error("The program broke the protocol and was ended.", metadata: ["reason": "\(fault.words)"])
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
        let (sends, send) = AsyncStream.makeStream(of: UnpromptedSend.self, bufferingPolicy: .bufferingOldest(limits.sends))
        let kill = Gate()
        let number = open(lines: line, kill: kill)
        defer { close(number) }
        return await withTaskGroup { group in
            group.addTask { await self.write(lines, to: running, number) }
            group.addTask { await self.read(running, send, number) }
            group.addTask {
                await self.logErrors(of: running)
                return .minor
            }
            group.addTask {
                await self.deliver(sends, number)
                return .minor
            }
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
        let (number, ready) = state.withLock { state in
            state.count += 1
            var incarnation = Incarnation(
                number: state.count,
                conversation: ProgramConversation(limits: limits),
                lines: lines,
                kill: kill
            )
            incarnation.write(ProgramInput.hello(bot: bot.name, account: account.description))
            state.incarnation = incarnation
            state.isUnavailable = false
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

    private func read(_ running: Running, _ sends: AsyncStream<UnpromptedSend>.Continuation, _ number: Int) async -> Ending {
        var splitter = LineSplitter(limit: limits.line)
        let stopwatch = Stopwatch(clock)
        do {
            for try await buffer in running.standardOutput {
                let bytes = buffer.withUnsafeBytes { Array($0) }
                for line in splitter.feed(bytes) {
                    guard let fault = take(line, stopwatch.elapsed, sends, number) else { continue }
                    count(fault.reason)
                    return .fault(fault)
                }
            }
        } catch {
            // The process has ended.
        }
        return .output
    }

    /// Copies stderr into the log: bounded in length and number, one line each.
    private func logErrors(of running: Running) async {
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
    }
}
