import Foundation
public import Oxbow
import OxbowSQLite
import WebKeys

/// Makes accounts work for real: store in the state directory, connections, keyrings.
public enum SystemLauncher {
    /// The runtime of a launch.
    ///
    /// - Throws: ``ControlError`` if the store can't be opened.
    public static func launch(_ launch: Launch) async throws -> any LaunchedRuntime {
        let door = StoreDoor(settings: launch.settings, environment: launch.environment, logger: launch.logger)
        if case .store = launch.purpose { try door.requireStore() }
        let database = try await door.open()
        var house = House(
            memories: Memories(
                store: database,
                upkeep: database,
                pins: database,
                logins: database,
                resumptions: database,
                policies: database
            ),
            modules: launch.modules,
            logger: launch.logger,
            environment: launch.environment,
            stateFolder: launch.settings.state,
            now: StoreDoor.now
        )
        house.spares = door.spares
        house.webKeys = WebKeyClient()
        return switch launch.purpose {
        case .serve: Runtime(settings: launch.settings, house: house)
        case .send, .keys, .store: SoloRuntime(settings: launch.settings, house: house)
        }
    }
}
