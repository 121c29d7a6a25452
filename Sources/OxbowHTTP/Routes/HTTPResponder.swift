import Foundation
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import Oxbow

/// Answers the requests of a listener: asks the router, reads the body within its limits, writes, counts and logs.
struct HTTPResponder: Sendable {
    let router: HTTPRouter
    let entrance: Entrance
    let budget: BodyBudget

    /// One request.
    @concurrent func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        let started = ContinuousClock.now
        let peer = channel.remoteAddress.flatMap(\.ipAddress)
        let (step, subject) = await router.begin(request.head, at: entrance, peer: peer)
        var answer: Answer
        switch step {
        case .answer(let made): answer = made
        case .body(let limit, let then):
            if let length = request.headers.only("content-length").flatMap({ Int($0) }), length > limit {
                answer = Self.tooLarge(limit)
            } else {
                if request.headers.values("expect").first?.lowercased() == "100-continue" {
                    try await writer.writeInformationalHead(HTTPResponse(status: .continue))
                }
                answer = try await withBody(of: request, limit: limit, then)
            }
        }
        if request.method == .head {
            try await writer.writeResponse(answer.head)
        } else {
            try await writer.write(response: answer.head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
        }
        note(answer, request, subject, peer: peer, took: started.duration(to: .now))
    }

    private static func tooLarge(_ limit: Int) -> Answer {
        .refusal(.contentTooLarge, "too-large", "the body has more than \(limit) bytes; http.body_limit sets how many are read")
    }

    /// Reads the body, gives up where the limit is, and has it answered while it counts against the budget.
    private func withBody(of request: Request, limit: Int, _ then: @Sendable ([UInt8]) async -> Answer) async throws -> Answer {
        var taken = 0
        defer { budget.give(taken) }
        var bytes: [UInt8] = []
        do {
            for try await buffer in request.body {
                guard bytes.count + buffer.readableBytes <= limit else { return Self.tooLarge(limit) }
                guard budget.take(buffer.readableBytes) else {
                    return .refusal(.serviceUnavailable, "busy", "too many bodies are being read; send it again later")
                }
                taken += buffer.readableBytes
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch is HTTPParserError {
            return .refusal(.badRequest, "bad-body", "the body's framing can't be read")
        }
        // A connection that ended looks like the end of a body.
        if let length = request.headers.only("content-length").flatMap({ Int($0) }), length != bytes.count {
            return .refusal(.badRequest, "bad-body", "the body has \(bytes.count) bytes of \(length)")
        }
        return await then(bytes)
    }

    private func note(_ answer: Answer, _ request: Request, _ subject: HTTPRouter.Subject, peer: String?, took: Duration) {
        let surroundings = router.surroundings
        let route = answer.notes["hook"].map { "/hooks/" + $0 } ?? subject.name
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
        surroundings.counters.add(
            "oxbow_http_requests_total",
            ["listener": entrance.side.rawValue, "route": route, "status": "\(answer.status.code)"]
        )
        surroundings.counters.observe(seconds, "oxbow_http_seconds", ["route": route])
        if answer.status == .contentTooLarge { surroundings.counters.add("oxbow_http_refused_total", ["reason": "too-large"]) }
        // What is asked for by machines all the time is for those who look closer.
        let isRoutine = request.method == .get || request.method == .head
        let level: Logger.Level = isRoutine && answer.status.code < 400 ? .debug : .info
        var metadata: Logger.Metadata = [
            "method": "\(request.method.rawValue)", "route": "\(route)", "status": "\(answer.status.code)", "bytes": "\(answer.body.count)",
            "ms": "\(Int(seconds * 1000))",
        ]
        if let peer { metadata["peer"] = "\(peer)" }
        for (name, value) in answer.notes where name != "hook" && !value.isEmpty { metadata[name] = "\(value)" }
        surroundings.logger.log(level: level, "request", metadata: metadata)
    }
}
