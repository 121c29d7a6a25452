public import Oxbow

/// Answers what it is told: `!echo TEXT` with TEXT, `!ping` with `pong`, anything else with itself.
public struct EchoBot: Handler {
    /// Makes the handler.
    public init() {}

    /// Answers one event.
    public func handle(_ event: Event, _ context: any HandlerContext) async throws {
        let words = event.text.split(separator: " ", maxSplits: 1)
        switch words.first {
        case "!ping": try await context.reply("pong")
        case "!echo": try await context.reply(words.count > 1 ? String(words[1]) : "There is nothing to say.")
        default: try await context.reply(event.text)
        }
    }
}
