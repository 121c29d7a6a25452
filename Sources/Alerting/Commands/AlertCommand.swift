import YAMLConfiguration

/// What somebody asks for in chat.
public enum AlertCommand: Sendable, Hashable {
    /// What is open.
    case list
    /// All about one conversation.
    case show(Target?)
    /// Somebody sees to it.
    case ack(Target?, note: String)
    /// They don't any more.
    case unack(Target?)
    /// A silence in the alert manager, for so many seconds.
    case silence(Target?, seconds: Int64, reason: String)
    /// Ends the silences of a conversation.
    case unsilence(Target?)
    /// Ends a silence by its id.
    case unsilenceID(String)
    /// It is over, though its sender doesn't say so.
    case close(Target?, note: String)
    /// Who is told, who sees to what, who muted.
    case who
    /// Quiet for so many seconds: of one conversation's reminders and updates, or of everything.
    case mute(Target?, seconds: Int64)
    /// The end of it.
    case unmute(Target?)
    /// What there is.
    case help

    /// A conversation, or one alert of it: `12`, `12.3`.
    public struct Target: Sendable, Hashable {
        /// The conversation's number.
        public var number: Int
        /// The alert's number in it.
        public var member: Int?

        /// Makes a target.
        public init(_ number: Int, member: Int? = nil) {
            self.number = number
            self.member = member
        }
    }

    /// Why a text is no command: what to answer.
    public struct Misunderstanding: Error, Sendable, Hashable {
        /// The answer.
        public var text: String
    }

    /// The words that begin a command.
    public static let words = ["list", "show", "ack", "unack", "silence", "unsilence", "close", "who", "mute", "unmute", "help"]

    /// How long a silence or quiet may last, in seconds.
    public static let longest: Int64 = 90 * 86_400

    /// What `help` answers.
    public static let helpText = """
        list - what is open
        show N - all about #N
        ack N [note] - I see to #N; reminders and escalation stop
        unack N - I don't after all
        silence N 2h [reason] - a silence in Alertmanager for all of #N; N.1 for its first alert
        unsilence N - end the silences of #N; or give a silence's id
        close N [note] - #N is over, though its sender doesn't say so
        mute 30m - quiet for me; mute N 30m - no reminders of #N
        unmute - no longer quiet
        who - who is told, and who sees to what
        Within a conversation's thread N can be left out.
        """

    /// Reads a message. Case doesn't matter, nor a `!` or `/` in front, nor a `#` before a number.
    ///
    /// - Throws: what to answer to a message that can't be read.
    public init(_ text: String) throws(Misunderstanding) {
        // A client that quotes what it answers to puts "> " lines in front.
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix(">") }
        var words = lines.joined(separator: " ").split(whereSeparator: \.isWhitespace).prefix(500).map(String.init)
        guard var first = words.first?.lowercased() else { throw Misunderstanding(text: "Say \"help\" for what I understand.") }
        words.removeFirst()
        first = String(first.drop { "!/".contains($0) })
        while let mark = first.last, ":,.!".contains(mark) { first.removeLast() }
        switch Self.synonyms[first] ?? first {
        case "list": self = .list
        case "help": self = .help
        case "who": self = .who
        case "show": self = .show(try Self.target(&words))
        case "ack":
            let target = try? Self.target(&words)
            self = .ack(target, note: words.joined(separator: " "))
        case "close":
            let target = try Self.target(&words)
            self = .close(target, note: words.joined(separator: " "))
        case "unack": self = .unack(try Self.target(&words))
        case "silence":
            let target = try Self.target(&words)
            let seconds = try Self.seconds(&words, example: "silence 12 2h disk is being replaced")
            self = .silence(target, seconds: seconds, reason: words.joined(separator: " "))
        case "unsilence":
            if let word = words.first, word.utf8.count > 12, word.utf8.allSatisfy(Self.isPartOfID) {
                self = .unsilenceID(word)
            } else {
                self = .unsilence(try Self.target(&words))
            }
        case "mute":
            let target = try Self.target(&words)
            self = .mute(target, seconds: try Self.seconds(&words, example: "mute 30m"))
        case "unmute": self = .unmute(try Self.target(&words))
        default:
            let near = nearest(to: String(first.prefix(20)), among: Self.words).map { "Did you mean \"\($0)\"? " } ?? ""
            throw Misunderstanding(text: "I don't understand that. \(near)Say \"help\" for what I understand.")
        }
    }

    private static let synonyms = [
        "ls": "list", "alerts": "list", "status": "list", "?": "help", "h": "help", "acknowledge": "ack", "acked": "ack",
        "unacknowledge": "unack",
        "info": "show", "resolve": "close", "oncall": "who", "expire": "unsilence",
    ]

    /// A number with or without `#`, and with `.k`, at the front. What looks like a duration is none.
    private static func target(_ words: inout [String]) throws(Misunderstanding) -> Target? {
        guard let word = words.first else { return nil }
        let text = word.hasPrefix("#") ? word.dropFirst() : Substring(word)
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let number = Int(parts[0]), number > 0 else {
            guard parseDuration(word.lowercased()) == nil else { return nil }
            throw Misunderstanding(text: "\"\(ChatText.line(word, limit: 40))\" is no number of an alert; \"list\" shows them.")
        }
        var member: Int?
        if parts.count == 2, !parts[1].isEmpty {
            guard let inner = Int(parts[1]), inner > 0 else {
                throw Misunderstanding(
                    text: "\"\(ChatText.line(word, limit: 40))\" is no number of an alert; \"show \(number)\" shows them."
                )
            }
            member = inner
        }
        words.removeFirst()
        return Target(number, member: member)
    }

    private static func seconds(_ words: inout [String], example: String) throws(Misunderstanding) -> Int64 {
        guard let word = words.first, let duration = parseDuration(word.lowercased()) else {
            throw Misunderstanding(text: "For how long? Write it like: \(example)")
        }
        let seconds = duration.components.seconds
        guard (1...longest).contains(seconds) else { throw Misunderstanding(text: "That must be from 1s to 90d.") }
        words.removeFirst()
        return seconds
    }

    private static func isPartOfID(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
