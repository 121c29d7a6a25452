import Foundation

/// What the tests send over HTTP besides what curl, hey and Alertmanager do: whole requests, raw bytes, slow ones, many (web.py).
final class Web: Sendable {
    private let script: Script

    /// It ends with the running test.
    init() throws {
        let script = try Script("web")
        Cleanup.after { await script.end() }
        self.script = script
    }

    /// Ports of 127.0.0.1 that are free.
    func ports(_ count: Int) async throws -> [Int] {
        let ports = try await script.ask(["do": "ports", "count": .number(Double(count))])["ports"]?.array?.compactMap(\.int) ?? []
        guard ports.count == count else { throw Trouble("no ports") }
        return ports
    }

    /// What a request was answered with.
    struct Answer: Sendable, CustomStringConvertible {
        var status: Int
        var headers: [String: String]
        var body: String
        var json: JSON? { try? JSON(line: body) }
        var description: String { "\(status) \(body)" }
    }

    /// Where a request goes.
    enum Place: Sendable {
        case port(Int)
        case socket(String)

        fileprivate var members: [String: JSON] {
            switch self {
            case .port(let port): ["port": .number(Double(port))]
            case .socket(let path): ["unix": .string(path)]
            }
        }
    }

    /// Sends one request.
    ///
    /// - Parameter times: How often the body stands in the request, one behind the other.
    func request(
        _ method: String,
        _ path: String,
        at place: Place,
        headers: [(String, String)] = [],
        body: String? = nil,
        times: Int = 1
    ) async throws -> Answer {
        var order = place.members
        order["do"] = "request"
        order["method"] = .string(method)
        order["path"] = .string(path)
        order["headers"] = Self.json(headers)
        order["body"] = body.map(JSON.string)
        order["repeat"] = .number(Double(times))
        let answer = try await script.ask(order, within: .seconds(90))
        guard let status = answer["status"]?.int, case .object(let members)? = answer["headers"] else { throw Trouble("web.py: \(answer)") }
        return Answer(status: status, headers: members.compactMapValues(\.string), body: answer["body"]?.string ?? "")
    }

    /// What came back for raw bytes.
    struct Echo: Sendable, CustomStringConvertible {
        var said: String
        /// Whether the other side has closed the line.
        var isClosed: Bool
        /// The status of the first answer.
        var status: Int? { said.firstMatch(of: /^HTTP\/1\.[01] (\d{3})/).flatMap { Int($0.1) } }
        var description: String { "\(isClosed ? "closed" : "open") after '\(said.prefix(300))'" }
    }

    /// Writes bytes as they are and returns what comes back, until the line is closed or nothing comes any more.
    func raw(_ bytes: [UInt8], port: Int, wait: Int = 5, isHalf: Bool = false) async throws -> Echo {
        let answer = try await script.ask(
            [
                "do": "raw", "port": .number(Double(port)), "bytes": .string(Data(bytes).base64EncodedString()),
                "wait": .number(Double(wait)), "half": .bool(isHalf),
            ],
            within: .seconds(120)
        )
        return Echo(said: answer["said"]?.string ?? "", isClosed: answer["closed"] == .bool(true))
    }

    /// Opens lines that say a head at once, and what follows a byte at a time, for as long as they are let.
    func loris(_ count: Int, port: Int, head: String, drip: String) async throws {
        try await script.ask([
            "do": "loris", "port": .number(Double(port)), "count": .number(Double(count)), "head": .string(head), "drip": .string(drip),
        ])
    }

    /// Waits until so many of those lines were ended by the other side.
    func dropped(_ count: Int, within limit: Duration = .seconds(120)) async throws {
        var next = 0
        for number in 0..<count {
            next =
                try await script.lines.first(from: next, within: limit, "the end of slow line \(number)") {
                    $0["event"]?.string == "dropped"
                }.index + 1
        }
    }

    /// What became of many requests.
    struct Flood: Sendable {
        /// The texts that were accepted.
        var accepted: [String]
        /// The texts whose answer never came.
        var unknown: [String]
        /// How often each status was answered.
        var codes: [String: Int]
    }

    /// Where a wait begins.
    var mark: Int { script.lines.count }

    /// Waits until so many tens of a flood were answered since a mark.
    func flooded(_ tens: Int, from start: Int) async throws {
        var next = start
        for _ in 0..<tens {
            next = try await script.lines.first(from: next, "answers to a flood") { $0["event"]?.string == "flooded" }.index + 1
        }
    }

    /// Sends many requests, each with another text: what stands for `NUMBER` in the body.
    func flood(
        _ count: Int,
        _ path: String,
        port: Int,
        headers: [(String, String)],
        body: String,
        prefix: String,
        parallel: Int = 8
    ) async throws -> Flood {
        let answer = try await script.ask(
            [
                "do": "flood", "port": .number(Double(port)), "path": .string(path), "headers": Self.json(headers), "body": .string(body),
                "prefix": .string(prefix), "count": .number(Double(count)), "parallel": .number(Double(parallel)),
            ],
            within: .seconds(180)
        )
        guard case .object(let codes)? = answer["codes"] else { throw Trouble("web.py: \(answer)") }
        func texts(_ key: String) -> [String] { answer[key]?.array?.compactMap(\.string) ?? [] }
        return Flood(accepted: texts("accepted"), unknown: texts("unknown"), codes: codes.compactMapValues(\.int))
    }

    private static func json(_ headers: [(String, String)]) -> JSON {
        .array(headers.map { .array([.string($0.0), .string($0.1)]) })
    }
}
