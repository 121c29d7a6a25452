import ArgumentParser
import Foundation
import Oxbow
import OxbowSQLite

/// `oxbow store …`.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Check, back up, restore or repair what must not be forgotten.",
        discussion: """
            The store is oxbow.sqlite in the state directory: messages on their way in and out, pinned keys, sessions. All of it is sealed, \
            and so is a backup, which is of use only together with the keyrings, or with the store_key of the configuration.

            check and backup work beside a running daemon. restore and repair need it stopped; after either, whatever was sent to an \
            account before counts as too old and is not run, since nobody knows any more whether it has been.
            """,
        subcommands: [Check.self, Backup.self, Restore.self, Repair.self]
    )

    struct Check: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read all of it and open every sealed value.",
            discussion: "Exits with 0 if all is as it was written, else with 1."
        )
        @OptionGroup var common: CommonOptions

        func run(_ tool: Tool) async throws -> CommandStatus {
            let settings = try await tool.ask(common, StoreRequest(.check))
            tool.console.print("\(settings.state)/oxbow.sqlite is in order")
            return .done
        }
    }

    struct Backup: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a copy into a new file, also while a daemon runs.",
            discussion: "The copy holds no key in the clear. Back the keyrings up, too: without them, or the store_key, nobody can read it."
        )
        @OptionGroup var common: CommonOptions
        @Argument(help: "A file that doesn't exist.")
        var file: String

        func run(_ tool: Tool) async throws -> CommandStatus {
            let target = URL(fileURLWithPath: file).standardizedFileURL.path
            _ = try await tool.ask(common, StoreRequest(.backup, target: target))
            tool.console.print(file)
            return .done
        }
    }

    struct Restore: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a backup in the place of the store.",
            discussion: """
                The store that is there is kept under another name. Messages that were waiting in the backup go out, with the ids that they \
                had: a recipient's client may show what it has already got.
                """
        )
        @OptionGroup var common: CommonOptions
        @Argument(help: "A file that oxbow store backup has written.")
        var file: String

        func run(_ tool: Tool) async throws -> CommandStatus {
            try await tool.alone(common) { door in
                let aside = try await door.renew { try await StateDatabase.restore(from: file, to: door.path, now: $0) }
                if let aside { tool.console.print("the store that was there is \(aside) now") }
                do {
                    try await door.use { try await $0.verify() }
                } catch {
                    throw Failure(.failed, "oxbow: \(file) was put in place, but can't be used: \(error)")
                }
                tool.console.print("\(door.path) is \(file) now")
            }
        }
    }

    struct Repair: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take over what can still be read of a damaged store.",
            discussion: "The damaged store is kept under another name. One that is in order is left alone."
        )
        @OptionGroup var common: CommonOptions

        func run(_ tool: Tool) async throws -> CommandStatus {
            try await tool.alone(common) { door in
                try door.requireStore()
                let (source, _) = try await door.source()
                let repair = try await door.renew { try await StateDatabase.repair(path: door.path, now: $0, key: source) }
                await door.spares.close()
                switch repair.outcome {
                case .sound: tool.console.print("\(door.path) is in order; nothing was changed")
                case .salvaged:
                    let counts = "\(repair.kept) rows of the old one; \(repair.unreadable) could not be read"
                    tool.console.print("\(door.path) is new, with \(counts)")
                case .startedAnew:
                    tool.console.print("nothing of it could be read; the next start makes a new store")
                    tool.console.print(
                        "lost with it: what waited to be sent, whose keys were trusted or refused, and which key is each account's own: the next "
                            + "start makes new keys, and people's clients see them as new. A backup keeps all of that: oxbow store restore FILE"
                    )
                }
                if let aside = repair.aside { tool.console.print("the damaged store is \(aside) now") }
            }
        }
    }
}

extension Tool {
    /// Asks the daemon that has the store, or opens it.
    fileprivate func ask(_ options: CommonOptions, _ request: StoreRequest) async throws -> Settings {
        let settings = try settings(options)
        _ = try await withControl(.store, in: settings) { control in try await control.store(request) }
        return settings
    }

    /// Does something with a store that nobody has open.
    fileprivate func alone(_ options: CommonOptions, _ body: (StoreDoor) async throws -> Void) async throws -> CommandStatus {
        let settings = try settings(options)
        let lock: StateLock
        do throws(StateLockError) {
            lock = try StateLock.take(settings.state)
        } catch {
            throw Failure(.failed, "oxbow: \(error.message)")
        }
        defer { withExtendedLifetime(lock) {} }
        do {
            try await body(StoreDoor(settings: settings, environment: environment, logger: quietLogger(settings)))
        } catch {
            throw Failure(error)
        }
        return .done
    }
}
