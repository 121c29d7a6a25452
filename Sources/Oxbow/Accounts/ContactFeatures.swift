import Synchronization
import XML
import XMPP

/// What the clients of contacts can do, as far as their presence says (XEP-0115).
///
/// Presence names a kind of client; what that kind can do is asked of one of them, once, and only when somebody wants to know. All of it is
/// bounded: a contact that shows more than that is taken for one that can do nothing more.
final class ContactFeatures: Sendable {
    /// How many clients, clients of one contact, and kinds of clients are remembered.
    struct Limits: Sendable {
        var clients = 2000
        var ofContact = 16
        var kinds = 200
    }

    fileprivate struct State {
        /// The kind of each client, by contact and resource.
        var clients: [Address: [Address: Capabilities]] = [:]
        var count = 0
        /// The features that are of interest here, of the kinds that were asked; a kind that didn't answer well has none.
        var kinds: [Capabilities: Set<String>] = [:]
        var asked: Set<Capabilities> = []
    }

    /// The features that are remembered: those that somebody asks for.
    private let interesting: Set<String> = [Namespace.correction]
    private let limits: Limits
    private let state = Mutex(State())

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Presence of a contact.
    func take(_ presence: InboundPresence) {
        switch presence.kind {
        case .available:
            let capabilities = Capabilities(presence: presence.element)
            state.withLock { state in
                guard let capabilities else { return state.remove(presence.from) }
                let contact = presence.from.bare
                let isNew = state.clients[contact]?[presence.from] == nil
                guard !isNew || (state.count < limits.clients && state.clients[contact]?.count ?? 0 < limits.ofContact) else { return }
                if isNew { state.count += 1 }
                state.clients[contact, default: [:]][presence.from] = capabilities
            }
        case .unavailable:
            state.withLock { $0.remove(presence.from) }
        case .subscribe, .subscribed, .unsubscribe, .unsubscribed, .probe, .error: break
        }
    }

    /// A new session begins: nobody has been seen in it. What kinds of clients can do stays.
    func forgetClients() {
        state.withLock { state in
            state.clients = [:]
            state.count = 0
            state.asked = []
        }
    }

    /// Whether one of a contact's clients has a feature, and which of them should be asked what they are.
    func has(_ feature: String, _ contact: Address) -> (answer: Bool, unknown: [(client: Address, kind: Capabilities)]) {
        state.withLock { state in
            var unknown: [(client: Address, kind: Capabilities)] = []
            for (client, kind) in state.clients[contact.bare] ?? [:] {
                if let known = state.kinds[kind] {
                    if known.contains(feature) { return (true, []) }
                } else if state.asked.count < limits.kinds, state.asked.insert(kind).inserted {
                    unknown.append((client, kind))
                }
            }
            return (false, unknown)
        }
    }

    /// What a client has answered; `nil` if it hasn't, which another of its kind may.
    func learn(_ info: DiscoInfo?, of kind: Capabilities) {
        state.withLock { state in
            guard let info else { return _ = state.asked.remove(kind) }
            if state.kinds.count >= limits.kinds { state.kinds = [:] }
            // XEP-0115 § 5.4: only what the hash was made of is believed of others; and who shows another hash is not asked for ever.
            state.kinds[kind] = kind.describe(info) ? interesting.intersection(info.features) : []
            state.asked.remove(kind)
        }
    }
}

extension ContactFeatures.State {
    fileprivate mutating func remove(_ client: Address) {
        guard clients[client.bare]?.removeValue(forKey: client) != nil else { return }
        count -= 1
        if clients[client.bare]?.isEmpty == true { clients[client.bare] = nil }
    }
}
