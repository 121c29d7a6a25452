public import Oxbow

/// Lists the commands that the asker may use, as the account's bots describe them.
public struct HelpBot: Handler {
    /// Makes the handler.
    public init() {}

    /// Answers one event.
    public func handle(_ event: Event, _ context: any HandlerContext) async throws {
        let lines = await context.commands().map { "\($0.usage): \($0.summary)" }
        try await context.reply(lines.isEmpty ? "There is nothing here that you may use." : lines.joined(separator: "\n"))
    }
}
