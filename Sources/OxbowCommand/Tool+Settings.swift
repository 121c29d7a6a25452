import GRE
import Logging
import Oxbow
import XMPP
import YAMLConfiguration

extension Tool {
    /// Reads the configuration; accounts that are wrong are put aside.
    func settings(_ options: CommonOptions) throws -> Settings {
        do throws(ConfigurationErrors) {
            let path = try Settings.locate(option: options.config, environment: environment)
            return try Settings.load(path: path, environment: environment, tolerant: true, parts: Tool.parts)
        } catch {
            throw Failure(error)
        }
    }

    /// The account that an option names, or the only one there is.
    func account(_ name: String?, option: String, in settings: Settings) throws -> AccountSettings {
        guard let name else {
            if settings.accounts.count + settings.rejected.count == 1, let only = settings.accounts.first { return only }
            if settings.accounts.isEmpty { throw Failure(ConfigurationErrors(settings.rejected.flatMap(\.errors.errors))) }
            throw Failure(.usage, "oxbow: there are several accounts: say \(option) and one of " + names(settings))
        }
        let address = try address(name, option)
        if let account = settings.account(address) { return account }
        if let rejected = settings.rejected.first(where: { $0.jid == address }) { throw Failure(rejected.errors) }
        throw Failure(.usage, "oxbow: the configuration has no account \(address); it has " + names(settings))
    }

    /// A bare JID given on the command line.
    ///
    /// Somebody behind a gateway can be written `mailto:carol@example.org via email.example.net`.
    func address(_ text: String, _ what: String) throws -> Address {
        if text.hasPrefix("mailto:") {
            do throws(LegacyAddressError) {
                return try LegacyAddress(parsing: text).jid
            } catch {
                throw Failure(.usage, "oxbow: \(what): \(error)")
            }
        }
        guard let address = Address(text), address.isBare, address.local != nil else {
            throw Failure(.usage, "oxbow: \(what): '\(text)' is no bare JID; write it like name@example.org")
        }
        return address
    }

    /// A logger that writes to the console as the configuration says.
    func logger(_ settings: Settings) -> Logger {
        let console = self.console
        let format = settings.logFormat
        var logger = Logger(label: "oxbow") { _ in LogLines(format: format) { console.print(error: $0) } }
        logger.logLevel = settings.logLevel
        return logger
    }

    private func names(_ settings: Settings) -> String { settings.accounts.map(\.jid.description).joined(separator: ", ") }
}
