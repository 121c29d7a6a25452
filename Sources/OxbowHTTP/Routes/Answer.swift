import Foundation
import HTTPTypes

/// What is answered.
struct Answer: Sendable {
    var status: HTTPResponse.Status
    var headers: [(name: HTTPField.Name, value: String)] = []
    var contentType: String
    var body: [UInt8]
    /// What the log says besides: fixed words and message ids.
    var notes: [String: String] = [:]

    /// A text, with a line break at its end.
    init(_ status: HTTPResponse.Status, text: String) {
        self.status = status
        contentType = "text/plain; charset=utf-8"
        body = Array((text + "\n").utf8)
    }

    /// A document of a given type.
    init(_ status: HTTPResponse.Status, _ document: String, type: String) {
        self.status = status
        contentType = type
        body = Array(document.utf8)
    }

    /// A value as JSON.
    init(_ status: HTTPResponse.Status, json value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            body = Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
            self.status = status
        } catch {
            // Nothing that we encode has a number that JSON lacks; a sender repeats what is answered so.
            body = Array(#"{"error":"internal","message":"the answer can't be written as JSON"}"#.utf8)
            self.status = .internalServerError
        }
        contentType = "application/json"
    }

    /// A refusal: a stable word, and what to do about it.
    static func refusal(_ status: HTTPResponse.Status, _ code: String, _ message: String) -> Answer {
        var answer = Answer(status, json: Refusal(error: code, message: message))
        answer.notes["reason"] = code
        if status == .serviceUnavailable { answer.headers.append((.retryAfter, "5")) }
        return answer
    }

    /// The body of every refusal.
    struct Refusal: Codable, Hashable {
        var error: String
        var message: String
    }

    /// The head that goes out.
    var head: HTTPResponse {
        var fields = HTTPFields()
        fields[.contentType] = contentType
        fields[.contentLength] = String(body.count)
        for (name, value) in headers { fields.append(HTTPField(name: name, value: value)) }
        return HTTPResponse(status: status, headerFields: fields)
    }
}

extension HTTPFields {
    /// The values of a header by its name in lower case, in their order.
    func values(_ name: String) -> [String] { filter { $0.name.canonicalName == name }.map(\.value) }

    /// The one value of a header; `nil` when there is none or several.
    func only(_ name: String) -> String? {
        let found = values(name)
        return found.count == 1 ? found.first : nil
    }
}
