import AlertsBot
import EchoBot
import HelpBot
import Logging
import Oxbow
import OxbowCommand
import RelayBot

/// The shipped executable: the command with the bots that come with it.
@main
enum Main {
    static func main() async {
        // Our own logger is handed down; this is for what a library may say on its own.
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var modules = SwiftModules()
        modules.register("echo") { _ in EchoBot() }
        modules.register("help") { _ in HelpBot() }
        modules.register("relay", check: RelayBot.check) { try RelayBot($0) }
        let alerts = AlertService()
        modules.register("alerts", audience: AlertService.audience) { _ in AlertsBot(desk: alerts.desk) }
        await Tool(modules: modules, alerts: alerts).main()
    }
}
