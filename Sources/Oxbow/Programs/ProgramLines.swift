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
    /// A file that came with the message, as the program sees it.
    struct File: Encodable {
        var name: String?
        var type: String
        var size: Int
        var path: String
    }
    private struct Message: Encodable {
        var id: String
        var account: String
        var sender: String
        var from: String
        var verified: Bool
        var fingerprint: String?
        var trust: String?
        var element: Payload
        var subject: String?
        var thread: String?
        var messageID: String?
        var time: Int64
        var gateway: String?
        var address: String?
        var addressed: Bool?
        var automatic: Bool?
        var attachments: [File]?
        var own: Bool?

        enum CodingKeys: String, CodingKey {
            case id, account, sender, from, verified, fingerprint, trust, element, subject, thread, time
            case gateway, address, addressed, automatic, attachments, own
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
    ///
    /// - Parameter files: Where the program finds the files that came with it.
    static func event(_ event: Event, files: [File] = []) -> [UInt8] {
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
            verified: event.isVerified,
            fingerprint: event.fingerprint?.hex,
            trust: event.trust?.rawValue,
            element: payload,
            subject: event.subject,
            thread: event.thread,
            messageID: event.messageID,
            time: event.time,
            gateway: event.gateway?.gateway.description,
            address: event.gateway?.legacyAddress,
            addressed: event.gateway?.isAddressed,
            automatic: event.gateway?.isAutomatic,
            attachments: event.gateway == nil ? nil : files,
            own: event.isOwn ? true : nil
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
    case answer(id: String, answer: Reply, done: Bool, error: String?)
    /// A message of the program's own accord.
    case send(text: String, to: String, ref: String?)
    /// For the operator.
    case log(String)

    /// What is to be sent to an event's sender: a text with what belongs to it, and XML as a message of its own.
    struct Reply: Hashable, Sendable {
        var text: String?
        var subject: String?
        var files: [File] = []
        var payload: [String] = []

        var isEmpty: Bool { text == nil && payload.isEmpty && files.isEmpty }
    }

    /// A file that is to go with a text.
    struct File: Hashable, Sendable, Decodable {
        var name: String?
        var type: String?
        /// Where it lies, within the program's own folders.
        var path: String?
        /// Its content, in base64.
        var data: String?
    }

    /// A line that is not of the protocol. The message says what is wrong with it, and nothing that stands in it.
    struct Fault: Error, Hashable {
        var message: String
        init(_ message: String) { self.message = message }
    }

    private static let known: Set<String> = [
        "id", "reply", "subject", "attachments", "payload", "done", "error", "send", "to", "ref", "log",
    ]

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
            guard object.reply != nil || object.payload != nil || object.attachments != nil || object.done != nil else {
                throw Fault("an answer says nothing")
            }
            guard object.subject == nil || object.reply != nil || object.attachments != nil else {
                throw Fault("'subject' belongs to 'reply' or 'attachments'")
            }
            let files = object.attachments ?? []
            guard files.allSatisfy({ ($0.path == nil) != ($0.data == nil) }) else {
                throw Fault("an attachment has either 'path' or 'data'")
            }
            guard files.count <= 100 else { throw Fault("an answer has more than 100 attachments") }
            let reply = Reply(text: object.reply, subject: object.subject, files: files, payload: object.payload ?? [])
            self = .answer(id: id, answer: reply, done: object.done ?? false, error: object.error)
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
        var id, reply, subject, error, send, to, ref, log: String?
        var attachments: [File]?
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
            subject = try text("subject")
            attachments = try container.decodeIfPresent([File].self, forKey: AnyKey(stringValue: "attachments"))
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
