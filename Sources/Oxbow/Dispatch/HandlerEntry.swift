import Logging
import Synchronization
import XML
import XMPP

/// A handler as one account runs it: its definition, what handles, and its limits.
final class HandlerEntry: Sendable {
    let bot: BotDefinition
    let definition: HandlerDefinition
    /// What handles, or why nothing does.
    let handler: Result<any Handler, HandlerError>
    let slots: Slots
    private let rates: Mutex<RateLimiter?>

    init(bot: BotDefinition, definition: HandlerDefinition, handler: Result<any Handler, HandlerError>) {
        self.bot = bot
        self.definition = definition
        self.handler = handler
        self.slots = Slots(definition.concurrency)
        self.rates = Mutex(definition.rate.map(RateLimiter.init))
    }

    /// The program behind it, if it is one.
    var program: Program? { (try? handler.get()) as? Program }

    /// Whether the entry takes an element of a sender.
    func takes(_ element: Element, from sender: Address) -> Matcher.Verdict {
        guard definition.elements.contains(element.name), bot.allows(sender), definition.accepts(sender) else { return .differs }
        return definition.match?.verdict(on: element.text) ?? .matches
    }

    /// Counts a call against the rate.
    func rate(of sender: Address, at now: Duration) -> RateLimiter.Verdict {
        rates.withLock { $0?.call(by: sender, at: now) } ?? .allowed
    }

    /// The line of help for somebody who may use it; `nil` for others, and for entries that say no usage.
    func command(for event: Event) -> CommandDescription? {
        guard let usage = definition.usage, bot.allows(event.sender), definition.accepts(event.sender),
            definition.trustAccepts(event)
        else { return nil }
        return CommandDescription(usage: usage, summary: definition.summary ?? "", bot: bot.name)
    }
}

extension HandlerDefinition {
    /// Whether it declares an element and its text matches, whoever sends it.
    func takesText(of element: Element) -> Bool {
        guard elements.contains(element.name) else { return false }
        guard let match else { return true }
        return if case .matches = match.verdict(on: element.text) { true } else { false }
    }
}
