import ArgumentParser
import Oxbow
import OxbowSQLite

/// `oxbow forget-login`: the operator's way back when a server has become able to do less (R13).
struct ForgetLoginCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget-login",
        abstract: "Forget what earlier logins of an account have proved.",
        discussion: """
            An account never logs in with less than has worked before: no PLAIN after SCRAM, no SCRAM without channel binding after SCRAM \
            with it. Where the server's operator confirms that the server has changed, this lets the next login begin anew. Not while \
            oxbow run works on the same state.
            """
    )

    @OptionGroup var common: CommonOptions
    @Argument(help: "The account's bare JID.")
    var account: String

    func run(_ tool: Tool) async throws -> CommandStatus {
        let settings = try tool.settings(common)
        let jid = try tool.address(account, "the account")
        guard settings.account(jid) != nil else { throw Failure(.usage, "oxbow: \(jid) is no account in \(settings.path)") }
        let lock: StateLock
        do throws(StateLockError) {
            lock = try StateLock.take(settings.state)
        } catch {
            throw Failure(.failed, "oxbow: \(error.message)")
        }
        defer { withExtendedLifetime(lock) {} }
        do {
            let door = StoreDoor(settings: settings, environment: tool.environment, logger: tool.quietLogger(settings))
            try await door.use { try await $0.setLoginPins(nil, of: jid) }
        } catch {
            throw Failure(error)
        }
        tool.console.print("\(jid): the next login begins anew")
        return .done
    }
}
