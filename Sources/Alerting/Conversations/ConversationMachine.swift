public import XMPP

/// What becomes of an account's alerts: conversations, who is told what and when, and what people say to it.
///
/// A value without IO. An event with the time goes in, ``AlertAction``s come out; time is in seconds since 1970, and one that goes backwards
/// counts as the last one seen. What it remembers leaves as changes, and comes back as records at the next start, so that a process that ends
/// between two events goes on where it was.
///
/// Messages that follow from an event, and the changes with them, belong into one transaction. If that is lost, the same event makes the same
/// ids again; if it isn't, the event is a repeat (R28).
public struct ConversationMachine: Sendable {
    /// The account whose conversations these are.
    public let account: Address
    /// What is kept at most.
    public var limits: ConversationLimits

    var routes: [String: AlertRoute] = [:]
    var directory = PeopleDirectory()
    var rights = CommandRights()
    var roots: AlertRecord.Roots
    var conversations: [Int: Conversation] = [:]
    /// Open conversations by route and group.
    var open: [GroupID: Int] = [:]
    /// The last closed conversation of a route and group.
    var lastClosed: [GroupID: Int] = [:]
    var storms: [String: StormState] = [:]
    var mutes: [String: PersonMute] = [:]
    var seen: [RepeatKey: Int64] = [:]
    var heartbeats: [String: HeartbeatWatch] = [:]
    /// What was remembered of heartbeats that the configuration may still have.
    var heartbeatStates: [String: HeartbeatState] = [:]
    /// Messages outside of conversations that may have to go to another address, by their ids.
    var sent: [String: SentNote] = [:]

    /// The last message to an address, as far as this process knows: after a restart nothing is corrected before something new was said.
    var latest: [Contact: String] = [:]
    /// Addresses that didn't work, until when the next one of the person is used.
    var unreachable: [Contact: Int64] = [:]
    /// Who was refused, and when.
    var refused: [Contact: Int64] = [:]

    // Of the event that is being handled.
    var now: Int64
    var output: [AlertAction] = []
    var changed: Changed = Changed()
    var correctable: Set<Contact> = []
    var cause = ""

    struct GroupID: Hashable {
        var route: String
        var groupKey: String
    }

    struct Changed {
        var roots = false
        var conversations: Set<Int> = []
        var storms: Set<String> = []
        var mutes: Set<String> = []
        var heartbeats: Set<String> = []
    }

    /// Takes up what an account remembers.
    ///
    /// - Parameters:
    ///   - records: What ``AlertBook`` gives; records of other kinds, such as schedules', are passed over.
    ///   - random: Where the seed of ids and threads comes from, if there is none yet.
    ///   - now: When the process began: heartbeats are waited for from then on.
    public init(
        account: Address,
        records: [AlertRecord] = [],
        limits: ConversationLimits = ConversationLimits(),
        random: inout some RandomNumberGenerator,
        now: Int64
    ) {
        self.account = account.bare
        self.limits = limits
        self.now = now
        let digits = Array("0123456789abcdef")
        let seed = String((0..<32).map { _ in digits[Int.random(in: 0..<16, using: &random)] })
        roots = AlertRecord.Roots(seed: seed, number: 0, ordinal: 0)
        changed.roots = true
        for record in records {
            switch record {
            case .roots(let known):
                roots = known
                changed.roots = false
            case .conversation(let conversation): conversations[conversation.number] = conversation
            case .seen(let key, let until): seen[key] = until
            case .storm(let storm, let route): storms[route] = storm
            case .mute(let mute): mutes[mute.person] = mute
            case .heartbeat(let state): heartbeatStates[state.name] = state
            case .sent(let note): sent[note.id] = note
            case .ran: break
            }
        }
        for (number, conversation) in conversations.sorted(by: { $0.key < $1.key }) {
            let group = GroupID(route: conversation.route, groupKey: conversation.groupKey)
            if conversation.isClosed { lastClosed[group] = number } else { open[group] = number }
            // A conversation may have been stored although the roots are of an older backup.
            roots.number = max(roots.number, number)
        }
    }

    /// Takes a configuration, at the start and when it changes. What is open goes on by the new one.
    public mutating func configure(
        routes: [AlertRoute],
        directory: PeopleDirectory,
        rights: CommandRights = CommandRights(),
        heartbeats: [HeartbeatRule] = [],
        now: Int64
    ) -> [AlertAction] {
        begin(now)
        self.routes = Dictionary(routes.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        self.directory = directory
        self.rights = rights
        for (name, route) in self.routes { storms[name]?.storm.limits = route.fold }
        leaveOutWhoLeft()
        boundEscalations()
        configureHeartbeats(heartbeats)
        return finish()
    }

    /// Whom the configuration doesn't name any more hears nothing more of what is open.
    private mutating func leaveOutWhoLeft() {
        let people = Set(directory.people.values.flatMap(\.contacts))
        func isKnown(_ contact: Contact, _ route: String) -> Bool {
            people.contains(contact) || routes[route]?.plan.everybody.contains { $0.contacts.contains(contact) } ?? false
        }
        for number in open.values {
            guard var conversation = conversations[number], !conversation.told.allSatisfy({ isKnown($0.contact, conversation.route) })
            else {
                continue
            }
            conversation.told.removeAll { !isKnown($0.contact, conversation.route) }
            put(conversation)
        }
        for (route, state) in storms where !state.waiting.allSatisfy({ isKnown($0.contact, route) }) {
            storms[route]?.waiting.removeAll { !isKnown($0.contact, route) }
            changed.storms.insert(route)
        }
    }

    /// Nobody waits longer than a step has: neither after the rule was changed, nor when the clock was ahead as it was written down.
    private mutating func boundEscalations() {
        for number in open.values {
            guard var conversation = conversations[number], let rule = routes[conversation.route]?.escalation,
                let due = conversation.escalates, due > now + rule.after
            else { continue }
            conversation.escalates = now + rule.after
            put(conversation)
        }
    }

    /// The open conversations, by number.
    public var openConversations: [Conversation] {
        open.values.sorted().compactMap { conversations[$0] }
    }

    /// An open or recently closed conversation.
    public subscript(number: Int) -> Conversation? { conversations[number] }

    /// Something that isn't this machine's was sent to somebody: what was said before isn't the last message any more (R29).
    public mutating func otherMessage(to contact: Contact) { latest[contact] = nil }

    // MARK: An event's beginning and end

    mutating func begin(_ time: Int64) {
        now = max(now, time)
        output = []
        correctable = []
        cause = ""
    }

    /// The actions: messages and what else there is in their order, then changes, then when to come back.
    mutating func finish() -> [AlertAction] {
        // A sender chooses how many open and close; time passes only now and then.
        if conversations.count - open.count > limits.closed { forgetClosed() }
        if changed.roots { output.append(.remember(.put(.roots(roots)))) }
        for number in changed.conversations.sorted() {
            let change = conversations[number].map { AlertChange.put(.conversation($0)) } ?? .remove("conversation/\(number)")
            output.append(.remember(change))
        }
        for route in changed.storms.sorted() {
            guard let storm = storms[route] else { continue }
            output.append(.remember(.put(.storm(storm, route: route))))
        }
        for person in changed.mutes.sorted() {
            guard let mute = mutes[person] else { continue }
            output.append(.remember(.put(.mute(mute))))
        }
        for name in changed.heartbeats.sorted() {
            guard let state = heartbeats[name]?.state else { continue }
            output.append(.remember(.put(.heartbeat(state))))
        }
        changed = Changed()
        if let due { output.append(.wake(at: due)) }
        defer { output = [] }
        return output
    }

    mutating func count(_ reason: AlertCount) { output.append(.counted(reason)) }

    mutating func put(_ conversation: Conversation) {
        conversations[conversation.number] = conversation
        changed.conversations.insert(conversation.number)
    }

    // MARK: Ids

    /// A text of 32 hexadecimal digits that follows from the seed and the parts.
    func derived(_ purpose: String, _ parts: [String]) -> String {
        var digest = PartDigest(purpose)
        digest.add(roots.seed)
        digest.add(account.description)
        for part in parts { digest.add(part) }
        return String(digest.hex().prefix(32))
    }

    /// A thread that follows from the parts. It is written like the id of a mail: as such a gateway puts it into a mail's References, and a mail
    /// program that answers brings it back.
    func thread(_ parts: [String]) -> String { derived("thread", parts) + "@" + account.domain }
}
