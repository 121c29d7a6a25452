import Foundation
import HTTPTypes
import Oxbow

extension HTTPRouter {
    /// `POST /api/send`.
    func send(_ call: Call) -> Step {
        guard !Self.isCrossSite(call.request) else { return .answer(refused(.crossSite, call)) }
        let caller: CredentialBook.Caller
        do throws(AuthenticationFailure) { caller = try admitted(call, .send) } catch { return .answer(refused(error, call)) }
        let type = call.headers.values("content-type").first?.prefix { $0 != ";" }.lowercased().trimmingCharacters(in: .whitespaces)
        guard type == "application/json" else {
            return .answer(.refusal(.unsupportedMediaType, "content-type", "send Content-Type: application/json"))
        }
        let key: String?
        do throws(IdempotencyKey.Malformed) { key = try IdempotencyKey.read(call.headers) } catch { return .answer(IdempotencyKey.refusal) }
        let scoped = key.map { IdempotencyKey.scoped($0, to: caller.name) }
        return .body(limit: call.policy.bodyLimit) { body in await send(body, key: scoped) }
    }

    private func send(_ body: [UInt8], key: String?) async -> Answer {
        let message: MessageBody
        do throws(MessageBody.Malformed) { message = try MessageBody.read(body) } catch {
            return .refusal(error.isShape ? .unprocessableContent : .badRequest, error.isShape ? "shape" : "not-json", error.message)
        }
        let request = SendRequest(
            from: message.from,
            to: message.to,
            text: message.text,
            timeout: 60,
            queue: true,
            subject: message.subject,
            key: key
        )
        do {
            let report = try await surroundings.control.send(request)
            return SendAnswer.answer(report, isRepeatable: key != nil)
        } catch let error as ControlError {
            return Self.answer(error)
        } catch {
            return .refusal(.serviceUnavailable, "unavailable", "the message could not be accepted; send it again later")
        }
    }

    /// `GET /api/messages/ID`.
    func message(_ id: String) async -> Answer {
        let unknown = Answer.refusal(.notFound, "unknown-message", "no outbox has this message, or no longer")
        // Numbers are the store's own; whoever sent something has an id.
        guard id.utf8.count <= 200, Int64(id) == nil else { return unknown }
        do {
            guard let item = try await surroundings.control.outbox(OutboxRequest(.show, message: id)).items.first else { return unknown }
            var answer = Answer(.ok, json: item)
            answer.notes["messages"] = item.id
            return answer
        } catch let error as ControlError where error.code == .unknown {
            return unknown
        } catch {
            // Nobody knows whether it is there: who asks is to ask again.
            return .refusal(.serviceUnavailable, "unavailable", "the outbox can't be asked now")
        }
    }

    /// What a request that was refused as a whole is answered.
    private static func answer(_ error: ControlError) -> Answer {
        switch error.code {
        case .usage: .refusal(.unprocessableContent, error.code.description, error.message)
        case .noKey: .refusal(.unprocessableContent, error.code.description, error.message)
        // The rest is mended by time or by the operator: it is worth being repeated.
        default: .refusal(.serviceUnavailable, error.code.description, error.message)
        }
    }
}

/// The body of `POST /api/send`.
struct MessageBody: Hashable, Sendable {
    var to: [String]
    var text: String
    var from: String?
    var subject: String?

    /// Why a body can't be taken.
    struct Malformed: Error {
        var message: String
        /// Whether it is JSON, and of another shape.
        var isShape: Bool
    }

    /// The most recipients of one request.
    static let recipientLimit = 100
    /// The longest subject, in bytes.
    static let subjectLimit = 1_000

    /// Reads it.
    static func read(_ bytes: [UInt8]) throws(Malformed) -> MessageBody {
        let value: MessageBody
        do {
            value = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch let error as Malformed {
            throw error
        } catch let error as DecodingError {
            switch error {
            case .keyNotFound(let key, _): throw Malformed(message: "\(key.stringValue) is missing", isShape: true)
            case .typeMismatch(_, let context), .valueNotFound(_, let context):
                let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined()
                let what = path.isEmpty ? "the body" : path
                throw Malformed(message: "\(what) is of another type than expected: {to: [ADDRESS], text, from?, subject?}", isShape: true)
            default: throw Malformed(message: "the body isn't JSON", isShape: false)
            }
        } catch {
            throw Malformed(message: "the body isn't JSON", isShape: false)
        }
        guard (1...recipientLimit).contains(value.to.count) else {
            throw Malformed(message: "to has \(value.to.count) addresses; there are 1 to \(recipientLimit)", isShape: true)
        }
        guard value.subject?.utf8.count ?? 0 <= subjectLimit else {
            throw Malformed(message: "subject has more than \(subjectLimit) bytes", isShape: true)
        }
        return value
    }
}

extension MessageBody: Decodable {
    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
    private enum Keys: String, CodingKey, CaseIterable { case to, text, from, subject }

    init(from decoder: any Decoder) throws {
        let names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        guard names.allSatisfy({ Keys(rawValue: $0) != nil }) else {
            let known = Keys.allCases.map(\.rawValue).joined(separator: ", ")
            throw Malformed(message: "the body has a key that isn't known; there are \(known)", isShape: true)
        }
        let container = try decoder.container(keyedBy: Keys.self)
        if let one = try? container.decode(String.self, forKey: .to) {
            to = [one]
        } else {
            to = try container.decode([String].self, forKey: .to)
        }
        text = try container.decode(String.self, forKey: .text)
        from = try container.decodeIfPresent(String.self, forKey: .from)
        subject = try container.decodeIfPresent(String.self, forKey: .subject)
    }
}

/// What the sender of a message is told.
struct SendAnswer: Codable, Hashable {
    /// What became of it for one recipient.
    struct Item: Codable, Hashable {
        /// The recipient.
        var to: String
        /// `accepted`, or `not sent`.
        var state: String
        /// The id, for `/api/messages/ID`.
        var id: String?
        /// Why it wasn't accepted.
        var error: String?
    }
    /// In the order of the request.
    var messages: [Item]

    /// 202 when all are on disk. When some aren't: 503 if the request has an `Idempotency-Key`, since then repeating it does no harm; 207 if it
    /// has none and some are accepted, 503 if none is.
    static func answer(_ report: SendReport, isRepeatable: Bool) -> Answer {
        let items = report.outcomes.map { Item(to: $0.to, state: $0.state.rawValue, id: $0.id, error: $0.error?.message) }
        let accepted = report.outcomes.filter { $0.state == .accepted || $0.state == .sent }.count
        let status: HTTPResponse.Status =
            accepted == items.count && !items.isEmpty
            ? .accepted : accepted > 0 && !isRepeatable ? HTTPResponse.Status(code: 207) : .serviceUnavailable
        var answer = Answer(status, json: SendAnswer(messages: items))
        if status == .serviceUnavailable { answer.headers.append((.retryAfter, "5")) }
        answer.notes["messages"] = items.compactMap(\.id).joined(separator: " ")
        answer.notes["accepted"] = "\(accepted)/\(items.count)"
        return answer
    }
}
