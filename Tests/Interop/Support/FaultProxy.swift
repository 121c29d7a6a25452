/// A TCP proxy whose lines go wrong as a test says (fault_proxy.py). It ends with the running test.
final class FaultProxy: Sendable {
    /// Where to connect instead of the target.
    let port: Int
    private let script: Script

    /// Which way bytes go.
    enum Direction: String, Sendable, CaseIterable {
        /// From Oxbow to the server.
        case up
        /// From the server to Oxbow.
        case down
    }

    /// What becomes of bytes.
    enum Mode: Sendable {
        /// They go through.
        case flow
        /// They go through one at a time.
        case dribble
        /// They wait.
        case stall
        /// They vanish, and so does the end of a line.
        case drop
        /// Each piece is so many milliseconds late.
        case late(Int)

        fileprivate var json: JSON {
            switch self {
            case .flow: "flow"
            case .dribble: "dribble"
            case .stall: "stall"
            case .drop: "drop"
            case .late(let time): .number(Double(time))
            }
        }
    }

    /// How a line ends.
    enum Ending: String, Sendable, CaseIterable {
        /// By a reset: what was under way in the other direction is lost.
        case reset
        /// In order, as far as TCP goes.
        case close
    }

    /// Listens in front of a port of this machine.
    init(to target: Int) async throws {
        let script = try Script("fault_proxy")
        Cleanup.after { await script.end() }
        guard let port = try await script.ask(["do": "listen", "target": .number(Double(target))])["port"]?.int else {
            throw Trouble("fault_proxy.py listens nowhere")
        }
        (self.script, self.port) = (script, port)
    }

    /// What stands under `connect:` of an account that goes through it.
    func connect(_ server: Prosody) -> String { "{host: 127.0.0.1, port: \(port), tls: starttls, ca: \(server.ca)}" }

    /// Changes what becomes of bytes, on all lines now and later; `nil` leaves a direction as it is.
    func set(up: Mode? = nil, down: Mode? = nil) async throws {
        var order: [String: JSON] = ["do": "set"]
        order["up"] = up?.json
        order["down"] = down?.json
        try await ask(order)
    }

    /// Ends all lines, and returns how many there were.
    @discardableResult
    func cut(_ ending: Ending = .reset) async throws -> Int {
        try await ask(["do": "cut", "how": .string(ending.rawValue)])["lines"]?.int ?? 0
    }

    /// Ends the line over which so many more bytes go; they arrive.
    func cut(after bytes: Int, _ direction: Direction, _ ending: Ending = .reset) async throws {
        try await ask([
            "do": "cut-after", "bytes": .number(Double(bytes)), "direction": .string(direction.rawValue), "how": .string(ending.rawValue),
        ])
    }

    /// Whether new lines are reset.
    func refuse(_ isRefusing: Bool) async throws { try await ask(["do": "refuse", "on": .bool(isRefusing)]) }

    /// What has gone through.
    struct Numbers: Sendable {
        /// Lines that are open.
        var lines: Int
        /// Lines that were ever opened.
        var opened: Int
        var up: Int
        var down: Int
    }
    func numbers() async throws -> Numbers {
        let answer = try await ask(["do": "numbers"])
        func number(_ name: String) -> Int { answer[name]?.int ?? 0 }
        return Numbers(lines: number("lines"), opened: number("opened"), up: number("up"), down: number("down"))
    }

    // MARK: What happens

    /// Where a wait begins.
    var mark: Int { script.lines.count }

    /// Waits until ``cut(after:_:_:)`` has ended a line.
    func isCut(from start: Int) async throws { try await event("cut", from: start) }
    /// Waits until a line is opened.
    func isOpened(from start: Int) async throws { try await event("opened", from: start) }
    /// Waits until bytes wait or have vanished.
    func isHeld(_ direction: Direction, from start: Int) async throws { try await event("held", from: start, direction) }

    private func event(_ name: String, from start: Int, _ direction: Direction? = nil) async throws {
        try await script.lines.first(from: start, within: .seconds(120), "'\(name)' at the proxy") {
            $0["event"]?.string == name && (direction == nil || $0["direction"]?.string == direction?.rawValue)
        }
    }

    @discardableResult
    private func ask(_ order: [String: JSON]) async throws -> JSON {
        try await script.ask(order.merging(["port": .number(Double(port))]) { $1 })
    }
}
