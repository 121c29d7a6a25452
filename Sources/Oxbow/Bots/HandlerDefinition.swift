public import OX
public import XML
public import XMPP
public import YAMLConfiguration

/// One entry of a bot's `handlers:`: which payload elements it takes, from whom, within which limits, and what handles them.
public struct HandlerDefinition: Sendable {
    /// What handles an element.
    public enum Kind: Hashable, Sendable {
        /// A Swift module of this name.
        case swift(String)
        /// A program.
        case program(ProgramDefinition)
    }

    /// How surely the signing key must be the sender's (R15).
    public enum Trust: String, Sendable, CaseIterable {
        /// Only keys that the operator confirmed or the configuration names.
        case pinned
        /// These, and keys pinned at first sight.
        case tofu
        /// Whatever the account accepts, `trust: blind` included.
        case blind

        /// Whether a key that came to be trusted in this way is good enough.
        public func accepts(_ source: Pin.Source) -> Bool {
            switch source {
            case .operatorSaid, .configuration: true
            case .firstSight, .webKeyDirectory: self != .pinned
            // They command nothing (R20), unless the gateway's `commands_from` says so: that is asked elsewhere.
            case .gatewayVouched, .autocrypt: false
            case .blind: self == .blind
            }
        }
    }

    /// What becomes of content that nobody has signed (S19): gateways bring such.
    public enum Unsigned: String, Sendable, CaseIterable {
        /// It doesn't reach the handler.
        case refuse
        /// The handler gets it, marked as unverified.
        case accept
    }

    /// What signed mail must say about itself (R22).
    public enum Addressed: String, Sendable, CaseIterable {
        /// The signed part names us as a recipient and the sender as the author, and is of its time.
        case required
        /// Nothing: whoever got the mail from its author can have sent it on.
        case any
    }

    /// The element's names: `body` stands for two, any other for one.
    public var elements: Set<Name>
    /// What the element's text must match; `nil` for any.
    public var match: Matcher?
    /// From whom elements come here; empty for everybody whom the bot hears. Others' elements go to the next handler.
    public var from: [AddressGlob]
    /// Who may use this handler; empty for everybody whom the bot hears.
    public var allow: [AddressGlob]
    /// Who may not.
    public var deny: [AddressGlob]
    /// How to call it, for help; an entry without one isn't listed.
    public var usage: String?
    /// What it does, for help.
    public var summary: String?
    /// How long it may take for one event.
    public var timeLimit: Duration
    /// How many events of different senders it handles at a time.
    public var concurrency: Int
    /// How often one sender may call it; `nil` for any.
    public var rate: Rate?
    /// How surely the key must be the sender's.
    public var trust: Trust
    /// Whether it takes what nobody has signed.
    public var unsigned: Unsigned
    /// Whether signed mail must say whom it is for (R22).
    public var addressed: Addressed
    /// Whether it has effects beyond its answer.
    public var effects: Bool
    /// Older events than this are answered "too late" and don't run (R6).
    public var late: Duration
    /// What stands under `with:`, for a Swift module.
    public var settings: [String: String]
    /// What handles the element.
    public var kind: Kind
    /// Where `swift` or `exec` stands, for messages.
    public var position: Position
    /// The key path of `swift` or `exec`, for messages.
    public var path: String

    /// Whether the handler would take an element of this sender (the bot's own lists are not asked here).
    public func accepts(_ address: Address) -> Bool {
        let bare = address.bare
        return (from.isEmpty || from.contains { $0.matches(bare) })
            && (allow.isEmpty || allow.contains { $0.matches(bare) })
            && !deny.contains { $0.matches(bare) }
    }
}
