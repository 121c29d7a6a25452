import DequeModule

/// The rules of the exec protocol for one running program: which events are open, what a line means, and when it is too much.
struct ProgramConversation {
    /// What a program may do.
    struct Limits: Hashable {
        /// The longest line in bytes, either way out.
        var line = 256 * 1024
        /// Lines in ten seconds.
        var lines = 2000
        /// Answers to one event, and their bytes.
        var answers = 100
        var answerBytes = 1 << 20
        /// Messages of its own accord that wait to be sent.
        var sends = 100
        /// Lines that wait to be read by the program.
        var unread = 1000
    }

    /// What a line asks for.
    enum Action: Hashable {
        /// Something for an open event.
        case answer(id: String, ProgramOutput.Reply, end: End?)
        /// A message of its own accord.
        case send(text: String, to: String, ref: String?)
        /// A line for the log.
        case log(String)
        /// An answer to an event that isn't open: over, or never known.
        case stray(isLate: Bool)
        /// The protocol is broken: the program has to go.
        case fault(Fault)
    }

    /// How an event ends.
    enum End: Hashable {
        case done
        /// The program says that it failed; the text is for the log.
        case failed(String)
    }

    /// Why a program is ended.
    enum Fault: Hashable {
        case garbage(String)
        case tooLong
        case flood
    }

    private struct Flight {
        var answers = 0
        var bytes = 0
    }

    let limits: Limits
    private var flights: [String: Flight] = [:]
    private var over: Deque<String> = []
    private var windowEnd: Duration = .zero
    private var linesInWindow = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// The events that are open.
    var open: Set<String> { Set(flights.keys) }

    /// An event is being handed to the program.
    mutating func begin(_ id: String) {
        flights[id] = Flight()
    }

    /// A line has come, at a time on a clock that only goes forward.
    mutating func line(_ line: LineSplitter.Line, at now: Duration) -> Action {
        guard case .whole(let bytes) = line else { return .fault(.tooLong) }
        if now >= windowEnd {
            windowEnd = now + .seconds(10)
            linesInWindow = 0
        }
        linesInWindow += 1
        guard linesInWindow <= limits.lines else { return .fault(.flood) }
        let output: ProgramOutput
        do throws(ProgramOutput.Fault) {
            output = try ProgramOutput(bytes)
        } catch {
            return .fault(.garbage(error.message))
        }
        switch output {
        case .log(let text): return .log(text)
        case .send(let text, let to, let ref): return .send(text: text, to: to, ref: ref)
        case .answer(let id, let reply, let done, let error):
            guard var flight = flights[id] else { return .stray(isLate: over.contains(id)) }
            if !reply.isEmpty {
                flight.answers += 1
                flight.bytes += bytes.count
            }
            guard flight.answers <= limits.answers, flight.bytes <= limits.answerBytes else { return .fault(.flood) }
            flights[id] = flight
            if done { close(id) }
            return .answer(id: id, reply, end: done ? error.map(End.failed) ?? .done : nil)
        }
    }

    private mutating func close(_ id: String) {
        flights[id] = nil
        over.append(id)
        if over.count > 256 { over.removeFirst() }
    }
}
