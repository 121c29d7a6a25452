import Oxbow
import XMPP

/// What stands under `with:` in the relay's `bot.yaml`: who is joined with whom, and the limits.
struct RelayRules: Sendable {
    /// One end of a rule.
    struct End: Hashable, Sendable {
        /// The address: on XMPP, or of somebody behind a gateway.
        var address: Address
        /// What the other end reads as the sender's name: the JID, or the address on the other network.
        var name: String
        /// Whether it is behind a gateway.
        var isLegacy: Bool
    }

    /// One way of a rule.
    struct Route: Hashable, Sendable {
        /// The rule's number, from 0; both ways of a rule share it.
        var rule: Int
        var from: End
        var to: End
    }

    /// The ways, in the order of the rules.
    var routes: [Route] = []
    /// What each rule carries at most, both ways together.
    var rate: Rate
    /// How many relays a message may have gone through before.
    var hops: Int
    /// Whether mail of programs and mailing lists is carried, too.
    var carriesAutomatic: Bool

    private static let known = ["rules", "rate", "hops", "automatic"]
    private static let syntax = "write it as: name@example.org <-> mailto:name@example.org via GATEWAY (or -> or <- for one way)"

    /// Reads the settings.
    ///
    /// - Throws: ``Oxbow/ModuleSettingsError`` that says what is wrong and where.
    init(_ settings: ModuleSettings) throws {
        for key in settings.values.keys.sorted() where !Self.known.contains(key) {
            throw ModuleSettingsError("with.\(key) is unknown; there are: \(Self.known.joined(separator: ", "))")
        }
        rate = try Self.value("rate", settings) { try ModuleSettings.rate($0) } ?? Rate(count: 30, window: .seconds(60))
        hops = try Self.value("hops", settings, Self.hops) ?? 3
        carriesAutomatic = try Self.value("automatic", settings, Self.automatic) ?? false
        let lines = (settings.values["rules"] ?? "").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        var rule = 0
        for (index, line) in lines.enumerated() {
            let text = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).first ?? line
            guard text.contains(where: { !$0.isWhitespace }) else { continue }
            do {
                try add(Self.routes(text, rule))
            } catch {
                throw ModuleSettingsError("with.rules, line \(index + 1): \(error)")
            }
            rule += 1
        }
        guard !routes.isEmpty else { throw ModuleSettingsError("with.rules names nobody; \(Self.syntax)") }
        try check(against: settings)
    }

    /// The ways on which a message of somebody goes on.
    func routes(from address: Address) -> [Route] { routes.filter { $0.from.address == address } }

    /// Everybody at an end of a rule.
    var ends: Set<Address> { Set(routes.flatMap { [$0.from.address, $0.to.address] }) }

    private mutating func add(_ more: [Route]) throws(ModuleSettingsError) {
        for route in more {
            if routes.contains(where: { $0.from == route.from && $0.to == route.to }) {
                throw ModuleSettingsError("another line carries messages from \(route.from.name) to \(route.to.name) already")
            }
            routes.append(route)
        }
    }

    private static func routes(_ text: Substring, _ rule: Int) throws(ModuleSettingsError) -> [Route] {
        let words = text.split(whereSeparator: \.isWhitespace)
        let arrows = words.indices.filter { ["<->", "->", "<-"].contains(words[$0]) }
        guard arrows.count == 1, let arrow = arrows.first else { throw ModuleSettingsError(syntax) }
        let one = try end(words[..<arrow])
        let other = try end(words[(arrow + 1)...])
        guard one.isLegacy != other.isLegacy else {
            throw ModuleSettingsError("one end must be on XMPP, and the other behind a gateway; \(syntax)")
        }
        let there = Route(rule: rule, from: one, to: other)
        let back = Route(rule: rule, from: other, to: one)
        return words[arrow] == "->" ? [there] : words[arrow] == "<-" ? [back] : [there, back]
    }

    private static func end(_ words: ArraySlice<Substring>) throws(ModuleSettingsError) -> End {
        guard let first = words.first else { throw ModuleSettingsError(syntax) }
        let address = try ModuleSettings.address(words.joined(separator: " "))
        let scheme = "mailto:"
        guard first.hasPrefix(scheme) else { return End(address: address, name: "\(address)", isLegacy: false) }
        return End(address: address, name: String(first.dropFirst(scheme.count)), isLegacy: true)
    }

    /// What the bot's own file would prevent, and the shortest loop of all.
    private func check(against settings: ModuleSettings) throws(ModuleSettingsError) {
        if let route = routes.first(where: { $0.from.address == settings.account.bare || $0.to.address == settings.account.bare }) {
            throw ModuleSettingsError(
                "with.rules: \(settings.account.bare) is this bot itself (rule \(route.rule + 1)): that would be a loop"
            )
        }
        guard let bot = settings.definition else { return }
        for route in routes {
            guard bot.allows(route.from.address) else {
                throw ModuleSettingsError("with.rules: nothing of \(route.from.name) would be carried: allow doesn't let them in")
            }
            guard bot.maySend(to: route.to.address) else {
                throw ModuleSettingsError("with.rules: nothing would reach \(route.to.name): send_to doesn't name them")
            }
        }
    }

    private static func value<Value>(
        _ key: String,
        _ settings: ModuleSettings,
        _ read: (String) throws -> Value
    ) throws(ModuleSettingsError) -> Value? {
        guard let text = settings.values[key] else { return nil }
        do {
            return try read(text)
        } catch {
            throw ModuleSettingsError("with.\(key): '\(text)': \(error)")
        }
    }

    private static func hops(_ text: String) throws(ModuleSettingsError) -> Int {
        guard let number = Int(text), (1...20).contains(number) else { throw ModuleSettingsError("expected a number from 1 to 20") }
        return number
    }

    private static func automatic(_ text: String) throws(ModuleSettingsError) -> Bool {
        switch text {
        case "drop": return false
        case "relay": return true
        default: throw ModuleSettingsError("expected drop or relay")
        }
    }
}
