import Foundation

/// A command that can't outlive the tests, nor they wait for it forever (leash.py).
final class Leash: Sendable {
    /// What it has written, a line each.
    struct Line: Sendable, CustomStringConvertible {
        var isError: Bool
        var text: String
        var description: String { (isError ? "err: " : "out: ") + text }
    }
    /// How it has ended.
    struct End: Sendable {
        var code: Int
        var lines: [Line]
        var out: String { lines.filter { !$0.isError }.map(\.text).joined(separator: "\n") }
        var err: String { lines.filter(\.isError).map(\.text).joined(separator: "\n") }
    }
    /// What it says, in order.
    let lines = Recording<Line>()
    let pid: Int
    private let script: Script
    private let relay: Task<Int, Never>

    /// Starts a command.
    ///
    /// - Parameters:
    ///   - unprivileged: Whether it runs as `nobody` when the tests run as root.
    ///   - input: Its standard input, closed behind it; `nil` leaves it open for ``say(_:)``.
    init(
        _ command: [String],
        environment: [String: String] = [:],
        folder: String? = nil,
        unprivileged: Bool = false,
        input: String? = nil
    ) async throws {
        let script = try Script("leash")
        var order: [String: JSON] = [
            "command": .array(command.map(JSON.string)), "env": .object(environment.mapValues(JSON.string)),
            "unprivileged": .bool(unprivileged),
        ]
        order["cwd"] = folder.map(JSON.string)
        order["input"] = input.map(JSON.string)
        try script.say(.object(order))
        let started = try await script.lines.first("the start of \(command[0])") { $0["started"] != nil || $0["exit"] != nil }
        guard let pid = started.item["started"]?.int else {
            throw Trouble("\(command[0]) can't be started: \(script.lines.items)")
        }
        self.pid = pid
        self.script = script
        let lines = lines
        // Ends when the script's output does, which end(within:) and stop() bring about.
        relay = Task {
            var next = 0
            while let said = try? await script.lines.first(from: next, within: .seconds(3600), "a line", where: { _ in true }) {
                next = said.index + 1
                if let text = said.item["out"]?.string { lines.append(Line(isError: false, text: text)) }
                if let text = said.item["err"]?.string { lines.append(Line(isError: true, text: text)) }
                if let code = said.item["exit"]?.int {
                    lines.close()
                    return code
                }
            }
            lines.close()
            return -1000
        }
    }

    /// Sends a signal, such as `TERM`, to the command alone.
    func signal(_ name: String) throws { try script.say(["signal": .string(name)]) }

    /// Writes to the command's standard input.
    func say(_ text: String) throws { try script.say(["input": .string(text)]) }

    /// Closes the command's standard input.
    func close() throws { try script.say(["close": true]) }

    /// The next line that contains a text.
    @discardableResult
    func line(containing text: String, from start: Int = 0, within limit: Duration = .seconds(60)) async throws -> String {
        try await lines.first(from: start, within: limit, "'\(text)'") { $0.text.contains(text) }.item.text
    }

    /// Waits for the command's own end.
    func end(within limit: Duration = .seconds(60)) async throws -> End {
        try await script.lines.first(within: limit, "its end") { $0["exit"] != nil }
        return End(code: await relay.value, lines: lines.items)
    }

    /// Kills the command and all it has started, if they still run.
    func stop() async {
        await script.end()
        _ = await relay.value
    }

    /// Runs a command to its end.
    static func run(
        _ command: [String],
        environment: [String: String] = [:],
        folder: String? = nil,
        unprivileged: Bool = false,
        input: String = "",
        within limit: Duration = .seconds(60)
    ) async throws -> End {
        let leash = try await Leash(command, environment: environment, folder: folder, unprivileged: unprivileged, input: input)
        do {
            let end = try await leash.end(within: limit)
            await leash.stop()
            return end
        } catch {
            await leash.stop()
            throw Trouble("\(command.joined(separator: " ")): \(error)\n\(leash.lines.items.map(\.description).joined(separator: "\n"))")
        }
    }
}
