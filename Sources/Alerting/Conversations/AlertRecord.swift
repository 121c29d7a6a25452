import Foundation

/// One thing that an account's alerts remember.
public enum AlertRecord: Sendable, Hashable {
    /// What numbers and ids follow from.
    case roots(Roots)
    /// A conversation, open or closed.
    case conversation(Conversation)
    /// A request that was told, and until when it counts as a repeat (R28).
    case seen(RepeatKey, until: Int64)
    /// A route's storm.
    case storm(StormState, route: String)
    /// Somebody who wants quiet.
    case mute(PersonMute)
    /// A heartbeat that is waited for.
    case heartbeat(HeartbeatState)
    /// A message outside of conversations, to somebody who has a further address.
    case sent(SentNote)
    /// When a schedule last ran.
    case ran(schedule: String, at: Int64)

    /// What numbers and ids follow from.
    public struct Roots: Sendable, Hashable, Codable {
        /// 128 random bits, made once for the account: threads and ids follow from it, so that nobody outside can guess them.
        public var seed: String
        /// The last conversation's number.
        public var number: Int
        /// Counts what was said outside of conversations.
        public var ordinal: Int
    }

    /// The key within the account: short, printable ASCII.
    public var key: String {
        switch self {
        case .roots: "roots"
        case .conversation(let conversation): "conversation/\(conversation.number)"
        case .seen(let key, _): "seen/\(key.digest)"
        case .storm(_, let route): "storm/" + Self.hash(route)
        case .mute(let mute): "mute/" + Self.hash(mute.person)
        case .heartbeat(let state): "heartbeat/" + Self.hash(state.name)
        case .sent(let note): "sent/" + note.id
        case .ran(let schedule, _): "ran/" + Self.hash(schedule)
        }
    }

    private static func hash(_ name: String) -> String {
        var digest = PartDigest("record")
        digest.add(name)
        return String(digest.hex().prefix(32))
    }
}

extension AlertRecord: Codable {
    /// The version that is written. A later one is refused: it belongs to a newer Oxbow.
    public static let version = 1

    private enum Field: String, CodingKey {
        case version = "v"
        case kind
        case value
        case name
        case time
    }

    private enum Kind: String, Codable {
        case roots
        case conversation
        case seen
        case storm
        case mute
        case heartbeat
        case sent
        case ran
    }

    /// Reads a record of this version.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        guard try fields.decode(Int.self, forKey: .version) == Self.version else {
            throw DecodingError.dataCorruptedError(
                forKey: .version,
                in: fields,
                debugDescription: "was written by a newer version of Oxbow"
            )
        }
        switch try fields.decode(Kind.self, forKey: .kind) {
        case .roots: self = .roots(try fields.decode(Roots.self, forKey: .value))
        case .conversation: self = .conversation(try fields.decode(Conversation.self, forKey: .value))
        case .seen: self = .seen(try fields.decode(RepeatKey.self, forKey: .value), until: try fields.decode(Int64.self, forKey: .time))
        case .storm: self = .storm(try fields.decode(StormState.self, forKey: .value), route: try fields.decode(String.self, forKey: .name))
        case .mute: self = .mute(try fields.decode(PersonMute.self, forKey: .value))
        case .heartbeat: self = .heartbeat(try fields.decode(HeartbeatState.self, forKey: .value))
        case .sent: self = .sent(try fields.decode(SentNote.self, forKey: .value))
        case .ran: self = .ran(schedule: try fields.decode(String.self, forKey: .name), at: try fields.decode(Int64.self, forKey: .time))
        }
    }

    /// Writes the record with its version.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        try fields.encode(Self.version, forKey: .version)
        func put(_ kind: Kind, _ value: some Encodable) throws {
            try fields.encode(kind, forKey: .kind)
            try fields.encode(value, forKey: .value)
        }
        switch self {
        case .roots(let roots): try put(.roots, roots)
        case .conversation(let conversation): try put(.conversation, conversation)
        case .seen(let key, let until):
            try put(.seen, key)
            try fields.encode(until, forKey: .time)
        case .storm(let storm, let route):
            try put(.storm, storm)
            try fields.encode(route, forKey: .name)
        case .mute(let mute): try put(.mute, mute)
        case .heartbeat(let state): try put(.heartbeat, state)
        case .sent(let note): try put(.sent, note)
        case .ran(let schedule, let at):
            try fields.encode(Kind.ran, forKey: .kind)
            try fields.encode(schedule, forKey: .name)
            try fields.encode(at, forKey: .time)
        }
    }

    /// The record as bytes, for a store that seals them.
    public func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return Array(try encoder.encode(self))
    }

    /// Reads what ``encoded()`` wrote.
    public init(encoded bytes: [UInt8]) throws { self = try JSONDecoder().decode(AlertRecord.self, from: Data(bytes)) }
}
