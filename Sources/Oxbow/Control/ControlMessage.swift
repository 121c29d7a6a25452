import Foundation
import XMPP

/// The lines of the control socket: JSON objects, one a line, one answer for each request, in order.
///
/// Every request carries the protocol's version. Fields may be added within a version; a reader ignores what it doesn't know.
enum ControlProtocol {
    /// The version that this program speaks.
    static let version = 1
}

/// A request.
struct ControlRequest: Codable, Sendable {
    /// What is asked.
    enum Operation: String, Codable, Sendable {
        case status
        case send
        case outbox
        case store
        case keys
        case trust
        case untrust
        case exportKey = "export"
        case importKey = "import"
        case exportMailKey = "export-mail"
        case gateways
        case report
    }
    var version = ControlProtocol.version
    var operation: Operation
    var send: SendRequest?
    var outbox: OutboxRequest?
    var store: StoreRequest?
    var account: String?
    var peer: String?
    var fingerprint: String?
    var material: Data?
    var gateways: GatewayRequest?
    /// The report's name.
    var report: String?

    init(
        _ operation: Operation,
        send: SendRequest? = nil,
        outbox: OutboxRequest? = nil,
        account: Address? = nil,
        peer: Address? = nil,
        fingerprint: String? = nil,
        material: [UInt8]? = nil
    ) {
        self.operation = operation
        self.send = send
        self.outbox = outbox
        self.account = account?.description
        self.peer = peer?.description
        self.fingerprint = fingerprint
        self.material = material.map { Data($0) }
    }
}

/// An answer: exactly one of its fields is there.
struct ControlAnswer: Codable, Sendable {
    var error: ControlError?
    var status: StatusReport?
    var send: SendReport?
    var outbox: OutboxReport?
    var store: StoreReport?
    var keys: KeyReport?
    var certificate: String?
    var gateways: GatewayReport?
    /// JSON of whoever makes this report.
    var report: String?
}

/// The version of a request, read before the rest of it.
struct ControlVersion: Codable {
    var version: Int
}

/// JSON on one line.
enum ControlCoding {
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from line: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(line.utf8))
    }
}
