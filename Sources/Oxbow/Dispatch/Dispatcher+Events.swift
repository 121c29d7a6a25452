import Delivery
import Logging
import OX
import XML
import XMPP

/// A message, or an event of our own, in memory, with its journal entry.
struct DispatchedMessage: Sendable {
    enum Content: Sendable {
        case message(OpenedMessage)
        case occasion(Occasion)
    }
    var content: Content
    var number: Int64
    var attempts: Int
}

extension Dispatcher {
    /// How an event ended.
    private enum Outcome: String {
        case done
        case failed
        case timedOut = "timed-out"
        case untrusted
        case rate
        /// Too old for its handler (R6).
        case late
        /// Cancelled: it stays in the journal and runs again.
        case interrupted
    }

    /// Handles all elements of a message and settles its journal entry.
    func handle(_ dispatched: DispatchedMessage) async {
        let tasks =
            switch dispatched.content {
            case .message(let message): tasks(of: message, number: dispatched.number)
            case .occasion(let occasion): tasks(of: occasion, number: dispatched.number)
            }
        guard !tasks.isEmpty else { return await settle(.done(number: dispatched.number)) }
        guard dispatched.attempts < limits.attempts else { return await bury(dispatched) }
        // Without the count of attempts on disk a message that brings us down would do so for ever.
        guard await commit(.attempted(number: dispatched.number), "Could not journal the start of a handler; it waits.") else { return }
        for task in tasks {
            let outcome = await perform(task.event, task.entry, outgoing(for: task.event, key: task.key))
            note(outcome, task)
            if outcome == .interrupted { return }
        }
        await settle(.done(number: dispatched.number))
    }

    /// What one handler is to do.
    private struct HandlerTask {
        var event: Event
        var entry: HandlerEntry
        /// Names the event, whatever process handles it.
        var key: String
    }

    private func tasks(of message: OpenedMessage, number: Int64) -> [HandlerTask] {
        let attachments = message.gateway == nil ? [] : message.payload.compactMap(FileAttachment.init)
        return assign(message).map { index, entry in
            let event = Event(
                id: "\(number).\(index)",
                account: account,
                sender: message.sender,
                authorship: message.authorship,
                element: message.payload[index],
                thread: message.thread,
                messageID: message.id,
                time: message.time,
                subject: message.payload.first { $0.is("subject", Namespace.client) }.map(\.text),
                attachments: attachments,
                gateway: message.gateway
            )
            return HandlerTask(event: event, entry: entry, key: "\(message.hash.prefix(40))-\(index)")
        }
    }

    /// An event of our own is for the first handler of its bot that declares it; nobody has to be allowed to send it.
    private func tasks(of occasion: Occasion, number: Int64) -> [HandlerTask] {
        let element = occasion.element
        let entry = entries.first { $0.bot.name == occasion.bot && $0.definition.takesText(of: element) }
        guard let entry else {
            count("unhandled")
            logger.warning(
                "Nobody handles an event of our own: the account has no such bot, or none of its handlers declares the element.",
                metadata: ["bot": "\(occasion.bot)", "element": "\(element.name)"]
            )
            return []
        }
        let event = Event(own: element, id: "\(number).0", account: account, time: occasion.time)
        return [HandlerTask(event: event, entry: entry, key: "\(occasion.key)-0")]
    }

    private func note(_ outcome: Outcome, _ task: HandlerTask) {
        let bot = task.entry.bot.name
        surroundings.counters.add("oxbow_events_total", ["account": "\(account)", "bot": bot, "outcome": outcome.rawValue])
        surroundings.recent.note(
            RecentEvent(
                time: surroundings.now(),
                account: account,
                .handled,
                peer: task.event.isOwn ? nil : task.event.sender,
                bot: bot,
                handler: task.entry.definition.path,
                reason: outcome.rawValue,
                message: task.event.id
            )
        )
    }

    /// The elements that somebody takes, in payload order.
    private func assign(_ message: OpenedMessage) -> [(index: Int, entry: HandlerEntry)] {
        let assurance = Assurance(message)
        var assigned: [(Int, HandlerEntry)] = []
        var wasTooLittle = false
        for (index, element) in message.payload.enumerated() where !Occasion.namespaces.contains(element.namespace) {
            search: for entry in entries {
                switch entry.takes(element, from: message.sender) {
                case .differs: continue
                case .matches where !entry.definition.takes(assurance):
                    wasTooLittle = true
                    continue
                case .matches: assigned.append((index, entry))
                case .limit:
                    count("match-limit")
                    logger.warning("A pattern ran into its limits; the element was refused.", metadata: metadata(entry, message.sender))
                }
                break search
            }
        }
        if assigned.isEmpty, wasTooLittle {
            count(assurance.rawValue)
            logger.warning("A message was not handled.", metadata: ["sender": "\(message.sender.bare)", "reason": "\(assurance.words)"])
        } else if assigned.isEmpty {
            count("unhandled")
        }
        return assigned
    }

    /// Lets one handler have one event, if its limits allow.
    private func perform(_ event: Event, _ entry: HandlerEntry, _ outgoing: any Outgoing) async -> Outcome {
        let context = EventContext(event: event, bot: entry.bot, outgoing: outgoing) { [entries] in
            entries.compactMap { $0.command(for: event) }
        }
        defer { context.close() }
        guard event.isOwn || entry.definition.trustAccepts(event) else {
            let words: Logger.Message = "A key is not trusted enough for a handler; oxbow keys trust confirms it."
            logger.warning(words, metadata: metadata(entry, event.sender, event.id))
            await answer(Answers.untrusted, context)
            return .untrusted
        }
        guard surroundings.now() - event.time <= entry.definition.late.components.seconds else {
            await answer(Answers.late, context)
            return .late
        }
        switch event.isOwn ? .allowed : entry.rate(of: event.sender.bare, at: stopwatch.elapsed) {
        case .allowed: break
        case .tell:
            if let rate = entry.definition.rate { await answer(Answers.tooMany(rate), context) }
            return .rate
        case .silent: return .rate
        }
        let handler: any Handler
        switch entry.handler {
        case .success(let found): handler = found
        case .failure(let error): return await fail(error, event, entry, context)
        }
        do {
            return try await entry.slots.withSlot {
                let stopwatch = Stopwatch(surroundings.clock)
                defer {
                    let labels = ["account": "\(account)", "bot": entry.bot.name, "handler": entry.definition.path]
                    surroundings.counters.observe(stopwatch.elapsed / .seconds(1), "oxbow_handler_seconds", labels)
                }
                return await run(handler, event, entry, context, outgoing)
            }
        } catch {
            return .interrupted
        }
    }

    /// The way out for an event.
    private func outgoing(for event: Event, key: String) -> any Outgoing {
        let answers = surroundings.outgoing.answering(key)
        guard event.isAutomatic else { return answers }
        return Unanswered(sender: event.sender.bare, others: answers) { [self] in count("automatic") }
    }

    /// Runs a handler against its time limit.
    private func run(
        _ handler: any Handler,
        _ event: Event,
        _ entry: HandlerEntry,
        _ context: EventContext,
        _ outgoing: any Outgoing
    ) async -> Outcome {
        await withTaskGroup(of: Result<Bool, any Error>.self) { group in
            group.addTask {
                do {
                    try await handler.handle(event, context)
                    return .success(true)
                } catch {
                    return .failure(error)
                }
            }
            group.addTask { [clock = surroundings.clock] in
                do {
                    try await clock.sleep(for: entry.definition.timeLimit)
                    return .success(false)
                } catch {
                    return .failure(error)
                }
            }
            defer { group.cancelAll() }
            switch await group.next() {
            case .success(true): return .done
            case .success(false):
                // The sender hears of it now: a handler that ignores cancellation would keep us here.
                context.close()
                logger.warning("A handler took too long.", metadata: metadata(entry, event.sender, event.id))
                await answer(Answers.timedOut, EventContext(event: event, bot: entry.bot, outgoing: outgoing) { [] })
                return .timedOut
            case .failure where Task.isCancelled: return .interrupted
            case .failure(let error): return await fail(error, event, entry, context)
            case nil: return .interrupted
            }
        }
    }

    private func fail(_ error: any Error, _ event: Event, _ entry: HandlerEntry, _ context: EventContext) async -> Outcome {
        var details = metadata(entry, event.sender, event.id)
        details["error"] = "\(error)"
        logger.warning("A handler failed.", metadata: details)
        await answer(Answers.failed, context)
        return .failed
    }

    /// Answers in our own name; what goes wrong with that is logged.
    private func answer(_ text: String, _ context: EventContext) async {
        guard !context.event.isOwn else { return }
        do {
            try await context.reply(text)
        } catch {
            count("answer")
            logger.warning("An answer could not be sent.", metadata: ["error": "\(error)"])
        }
    }

    /// Gives a message up (R2).
    private func bury(_ dispatched: DispatchedMessage) async {
        let (sender, what) =
            switch dispatched.content {
            case .message(let message): (message.sender.bare, "a message of \(message.sender.bare)")
            case .occasion(let occasion): (account, "a scheduled event for bot \(occasion.bot)")
            }
        count("dead")
        logger.error(
            "A message was given up: it was begun too often and never ended.",
            metadata: ["sender": "\(sender)", "message": "\(dispatched.number)", "attempts": "\(dispatched.attempts)"]
        )
        await settle(.dead(number: dispatched.number))
        await surroundings.tellAdmins("\(account): \(what) was given up. It was begun \(dispatched.attempts) times and never ended.")
    }

    private func settle(_ change: JournalChange) async {
        _ = await commit(change, "Could not journal the end of a message; if the process ends before that is possible, it runs again.")
    }

    /// Commits a change, and goes on trying while that fails; the sender's other messages wait. `false` once cancelled.
    private func commit(_ change: JournalChange, _ complaint: Logger.Message) async -> Bool {
        var pause = Duration.seconds(1)
        // Also when cancelled: what has ended should be on disk.
        while true {
            do {
                try await surroundings.journal.commit([change])
                return true
            } catch {
                count("journal")
                logger.error(complaint, metadata: ["error": "\(error)", "retry": "\(pause)"])
                guard (try? await surroundings.clock.sleep(for: pause)) != nil else { return false }
                pause = min(pause * 2, .seconds(30))
            }
        }
    }

    private func count(_ reason: String) {
        surroundings.counters.add("oxbow_dispatch_total", ["account": "\(account)", "reason": reason])
    }

    private func metadata(_ entry: HandlerEntry, _ sender: Address, _ message: String? = nil) -> Logger.Metadata {
        var details: Logger.Metadata = ["bot": "\(entry.bot.name)", "handler": "\(entry.definition.path)", "sender": "\(sender.bare)"]
        if let message { details["message"] = "\(message)" }
        return details
    }
}
