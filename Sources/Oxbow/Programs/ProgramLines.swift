import FoundationEssentials
import OX
import OpenPGP
import XML
import XMPP

/// What we write to a program, a JSON object a line; see docs/exec-protocol.md.
enum ProgramInput {
    /// The version that `hello` announces.
    static let version = 1

    private struct Hello: Encodable {
        var `protocol`: Int
        var bot: String
        var account: String
    }
    private struct Payload: Encodable {
        var name: String
        var namespace: String
        var text: String
        var attributes: [String: String]
        var xml: String
    }
    private struct Message: Encodable {
        var id: String
        var account: String
        var sender: String
        var from: String
        var fingerprint: String
        var trust: String
        var element: Payload
        var thread: String?
        var messageID: String?
        var time: Int64

        enum CodingKeys: String, CodingKey {
            case id, account, sender, from, fingerprint, trust, element, thread, time
            case messageID = "message_id"
        }
    }
    private struct Failure: Encodable {
        var ref: String
        var error: String
    }

    /// The first line.
    static func hello(bot: String, account: String) -> [UInt8] {
        line(["hello": Hello(protocol: version, bot: bot, account: account)])
    }

    /// An event.
    static func event(_ event: Event) -> [UInt8] {
        let element = event.element
        let attributes = Dictionary(element.attributes.map { ($0.key.description, $0.value) }, uniquingKeysWith: { $1 })
        let payload = Payload(
            name: element.local,
            namespace: element.namespace,
            text: element.text,
            attributes: attributes,
            xml: element.serialized()
        )
        let message = Message(
            id: event.id,
            account: event.account.description,
            sender: event.sender.bare.description,
            from: event.sender.description,
            fingerprint: event.fingerprint.hex,
            trust: event.trust.rawValue,
            element: payload,
            thread: event.thread,
            messageID: event.messageID,
            time: event.time
        )
        return line(["event": message])
    }

    /// A send with a `ref` was handed over.
    static func sent(_ ref: String) -> [UInt8] { line(["sent": ["ref": ref]]) }

    /// A send with a `ref` was not.
    static func failed(_ ref: String, _ error: String) -> [UInt8] { line(["failed": Failure(ref: ref, error: error)]) }

    private static func line(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and whole numbers always encode; an empty line would be ignored by any reader.
        guard let data = try? encoder.encode(value) else { return [UInt8(ascii: "\n")] }
        return Array(data) + [UInt8(ascii: "\n")]
    }
}

/// A line that a program has written.
enum ProgramOutput: Hashable {
    /// About an event: what to send to its sender, in this order, and whether it is over.
    case answer(id: String, text: String?, payload: [String], done: Bool, error: String?)
    /// A message of the program's own accord.
    case send(text: String, to: String, ref: String?)
    /// For the operator.
    case log(String)

    /// A line that is not of the protocol. The message says what is wrong with it, and nothing that stands in it.
    struct Fault: Error, Hashable {
        var message: String
        init(_ message: String) { self.message = message }
    }

    private static let known: Set<String> = ["id", "reply", "payload", "done", "error", "send", "to", "ref", "log"]

    /// Reads a line.
    init(_ line: [UInt8]) throws(Fault) {
        let object: Line
        do {
            object = try JSONDecoder().decode(Line.self, from: Data(line))
        } catch {
            throw Fault("a line is no JSON object, or a value in it has the wrong type")
        }
        let strangers = object.keys.subtracting(Self.known)
        guard strangers.isEmpty else { throw Fault("a line has \(strangers.count == 1 ? "a key" : "keys") that the protocol doesn't know") }
        switch (object.id, object.send, object.log) {
        case (.some(let id), nil, nil):
            guard object.keys.isDisjoint(with: ["to", "ref"]) else { throw Fault("'to' and 'ref' belong to 'send', not to an answer") }
            guard object.error == nil || object.done == true else { throw Fault("'error' belongs to 'done'") }
            guard object.reply != nil || object.payload != nil || object.done != nil else { throw Fault("an answer says nothing") }
            self = .answer(id: id, text: object.reply, payload: object.payload ?? [], done: object.done ?? false, error: object.error)
        case (nil, .some(let text), nil):
            guard let to = object.to, object.keys.isSubset(of: ["send", "to", "ref"]) else {
                throw Fault("'send' needs 'to', and nothing else but 'ref'")
            }
            self = .send(text: text, to: to, ref: object.ref)
        case (nil, nil, .some(let text)):
            guard object.keys == ["log"] else { throw Fault("'log' stands alone") }
            self = .log(text)
        default:
            throw Fault("a line must have exactly one of 'id', 'send' and 'log'")
        }
    }

    /// A line's keys as they stand there.
    private struct Line: Decodable {
        var keys: Set<String>
        var id, reply, error, send, to, ref, log: String?
        var payload: [String]?
        var done: Bool?

        private struct AnyKey: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: AnyKey.self)
            func text(_ key: String) throws -> String? { try container.decodeIfPresent(String.self, forKey: AnyKey(stringValue: key)) }
            keys = Set(container.allKeys.map(\.stringValue))
            id = try text("id")
            reply = try text("reply")
            error = try text("error")
            send = try text("send")
            to = try text("to")
            ref = try text("ref")
            log = try text("log")
            done = try container.decodeIfPresent(Bool.self, forKey: AnyKey(stringValue: "done"))
            let key = AnyKey(stringValue: "payload")
            if container.contains(key) {
                payload = try (try? container.decode([String].self, forKey: key)) ?? [container.decode(String.self, forKey: key)]
            }
        }
    }
}
