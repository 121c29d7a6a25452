import Logging
import XMPP
import YAMLConfiguration

/// Makes the runtime of one account's handlers.
struct HandlerMaker {
    var account: Address
    var modules: SwiftModules
    var surroundings: Dispatcher.Surroundings
    var logger: Logger

    func entry(_ bot: BotDefinition, _ definition: HandlerDefinition) -> HandlerEntry {
        var logger = logger
        logger[metadataKey: "bot"] = "\(bot.name)"
        let handler: Result<any Handler, HandlerError>
        switch definition.kind {
        case .swift(let name): handler = module(name, bot, definition, logger)
        case .program(let program):
            handler = .success(
                Program(
                    definition: program,
                    account: account,
                    bot: bot,
                    outgoing: surroundings.outgoing,
                    counters: surroundings.counters,
                    logger: logger,
                    clock: surroundings.clock,
                    stateFolder: surroundings.stateFolder
                )
            )
        }
        if case .failure(let error) = handler {
            logger.error("A handler can't be had; its events are answered as failed.", metadata: ["error": "\(error)"])
        }
        return HandlerEntry(bot: bot, definition: definition, handler: handler)
    }

    private func module(
        _ name: String,
        _ bot: BotDefinition,
        _ definition: HandlerDefinition,
        _ logger: Logger
    ) -> Result<any Handler, HandlerError> {
        guard let factory = modules[name] else {
            return .failure(HandlerError(.unavailable, "\(definition.position): \(definition.path): there is no Swift module '\(name)'"))
        }
        do {
            let settings = ModuleSettings(
                account: account,
                bot: bot.name,
                folder: bot.folder,
                values: definition.settings,
                logger: logger,
                counters: surroundings.counters,
                definition: bot
            )
            return .success(try factory(settings))
        } catch {
            return .failure(HandlerError(.unavailable, "\(definition.position): \(definition.path): \(error)"))
        }
    }
}
