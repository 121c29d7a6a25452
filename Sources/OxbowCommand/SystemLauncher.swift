import Foundation
public import Oxbow
import OxbowSQLite

/// Makes accounts work for real: store in the state directory, connections, keyrings.
public enum SystemLauncher {
    /// The runtime of a launch.
    ///
    /// - Throws: ``ControlError`` if the store can't be opened.
    public static func launch(_ launch: Launch) async throws -> any LaunchedRuntime {
        let database: StateDatabase
        do {
            database = try await StateDatabase.open(path: launch.settings.state + "/oxbow.sqlite", now: now())
        } catch {
            throw ControlError(.failed, "\(error)")
        }
        let house = House(
            memories: Memories(journal: database, pins: database, logins: database, resumptions: database),
            modules: launch.modules,
            logger: launch.logger,
            environment: launch.environment,
            stateFolder: launch.settings.state,
            now: now
        )
        return switch launch.purpose {
        case .serve: Runtime(settings: launch.settings, house: house)
        case .send, .keys: SoloRuntime(settings: launch.settings, house: house)
        }
    }

    @Sendable private static func now() -> Int64 { Int64(Date().timeIntervalSince1970) }
}
