import XMPP
import XMPPNIO
public import YAMLConfiguration

/// What can be said about settings on this machine without connecting to anything.
public struct SettingsProblems: Sendable {
    /// What keeps something from running.
    public var errors: [ConfigurationError] = []
    /// What the operator should know all the same.
    public var warnings: [ConfigurationError] = []

    /// None, or those that were found.
    public init(errors: [ConfigurationError] = [], warnings: [ConfigurationError] = []) {
        self.errors = errors
        self.warnings = warnings
    }
}

extension Settings {
    /// What is wrong besides the file itself: missing files and bots, paths that can't be used, secrets that can't be had; and what is
    /// dangerous. Looks at the file system; runs no command that gives a secret, doesn't load bots.
    public func problems(environment: [String: String]) -> SettingsProblems {
        self.problems(environment: environment, only: Set(accounts.map(\.jid)))
    }

    /// The same, without what is wrong with other accounts than these.
    func problems(environment: [String: String], only jids: Set<Address>) -> SettingsProblems {
        var problems = SettingsProblems()
        checkState(&problems)
        checkStoreKey(&problems, environment)
        checkAlarm(&problems, environment)
        for account in accounts where jids.contains(account.jid) { account.check(&problems, settings: self, environment: environment) }
        for (part, value) in zip(parts, partValues) {
            let found = part.problems(value, self, environment)
            problems.errors += found.errors
            problems.warnings += found.warnings
        }
        return problems
    }

    /// Whether whoever gets hold of the state directory alone can read what is stored in it (R17): the key lies there, too.
    public var storeKeyWarning: ConfigurationError? {
        func warning(_ message: String, _ hint: String) -> ConfigurationError {
            var error = ConfigurationError(file: path, message, hint: hint)
            error.path = Self.storeKeyKey.name
            return error
        }
        func isInState(_ path: String) -> Bool { path == state || path.hasPrefix(state + "/") }
        if let storeKey {
            guard let file = storeKey.file, isInState(file) else { return nil }
            return warning("\(file) lies beside what it protects: who copies the state directory can read all of it", "keep it elsewhere")
        }
        // Which account's key it is encrypted to: see the launcher.
        guard let account = accounts.first, isInState(account.keyring.home) else { return nil }
        if let passphrase = account.keyring.passphrase {
            guard let file = passphrase.file, isInState(file) else { return nil }
            return warning("\(file), which unlocks it, lies beside what it protects", "keep it elsewhere")
        }
        return warning(
            "it is encrypted to the key of \(account.jid), which has no passphrase and lies beside it: who copies the state directory can "
                + "read all of it",
            "give that account keyring: {passphrase: …}, or store_key: {command: […]}"
        )
    }

    private func checkStoreKey(_ problems: inout SettingsProblems, _ environment: [String: String]) {
        guard let storeKey else { return }
        let (error, warning) = storeKey.inspect(environment: environment)
        if let error { problems.errors.append(error) }
        if let warning { problems.warnings.append(warning) }
    }

    private func checkAlarm(_ problems: inout SettingsProblems, _ environment: [String: String]) {
        guard let alarm else { return }
        func make(_ key: String, _ message: String, _ hint: String) -> ConfigurationError {
            ConfigurationError(at: alarm.position, path: Self.alarmKey.name + "." + key, message, hint: hint)
        }
        if let program = alarm.command.first, !FileProbe.isProgram(program, environment: environment) {
            problems.errors.append(make(AlarmSchema.command.name, "there is no program \(program)", "install it, or write its path"))
        }
        if let mail = alarm.mail {
            // Now, and not when something has gone wrong already.
            if let problem = Host.webLibraryProblem { problems.errors.append(make(AlarmSchema.mail.name, "no mail can be sent", problem)) }
            if let problem = mail.ca.flatMap(FileProbe.problem(ofCertificates:)) {
                let key = AlarmSchema.mail.name + "." + AlarmMailSchema.ca.name
                problems.errors.append(make(key, problem, "write a file of PEM certificates"))
            }
            if let password = mail.password {
                let (error, warning) = password.inspect(environment: environment)
                if let error { problems.errors.append(error) }
                if let warning { problems.warnings.append(warning) }
            }
        }
        if let account = alarm.account, !alarm.needsNoAccount {
            for other in accounts where other.jid != account && other.admins.isEmpty {
                problems.warnings.append(
                    make(AlarmSchema.account.name, "\(other.jid) has no admins, so nobody hears of its troubles", "add admins to it")
                )
            }
            if accounts.contains(where: { $0.jid == account }) {
                problems.warnings.append(
                    make(AlarmSchema.account.name, "nobody hears when \(account) itself is in trouble", "add command or smtp beside it")
                )
            }
        }
    }

    /// What is wrong with one account on this machine, and so keeps only this one from running.
    public func problems(of account: AccountSettings, environment: [String: String]) -> SettingsProblems {
        var problems = SettingsProblems()
        account.check(&problems, settings: self, environment: environment)
        return problems
    }

    private func checkState(_ problems: inout SettingsProblems) {
        func error(_ message: String, _ hint: String) {
            var error = ConfigurationError(file: path, message, hint: hint)
            error.path = Self.stateKey.name
            problems.errors.append(error)
        }
        if FileProbe.exists(state), !FileProbe.isFolder(state) {
            error("\(state) is no folder", "remove it, or name another")
        } else if !FileProbe.isWritable(FileProbe.nearestFolder(of: state)) {
            error("\(state) can't be written", "give its folder to the user that runs Oxbow, or name another")
        }
        let length = controlSocket.utf8.count
        if length > LocalSocketPath.maximumLength {
            let limit = "a socket's path may have \(LocalSocketPath.maximumLength) bytes, \(controlSocket) has \(length)"
            error(limit, "name a state directory with a shorter path")
        }
    }
}

extension AccountSettings {
    fileprivate func check(_ problems: inout SettingsProblems, settings: Settings, environment: [String: String]) {
        let prefix = String(place.path.dropLast(AccountSchema.jid.name.count))
        func make(_ key: String, _ message: String, _ hint: String) -> ConfigurationError {
            ConfigurationError(at: place.position, path: prefix + key, message, hint: hint)
        }
        for secret in [password, keyring.passphrase].compactMap({ $0 }) {
            let (error, warning) = secret.inspect(environment: environment)
            if let error { problems.errors.append(error) }
            if let warning { problems.warnings.append(warning) }
        }
        if let problem = connect.ca.flatMap(FileProbe.problem(ofCertificates:)) {
            problems.errors.append(make("connect.ca", problem, "write a file of PEM certificates"))
        }
        if FileProbe.exists(keyring.home), !FileProbe.isFolder(keyring.home) {
            problems.errors.append(make("keyring.home", "\(keyring.home) is no folder", "remove it, or name another"))
        } else if !FileProbe.isWritable(FileProbe.nearestFolder(of: keyring.home)) {
            problems.errors.append(make("keyring.home", "\(keyring.home) can't be written", "give it to the user that runs Oxbow"))
        }
        for bot in botPlaces where settings.folder(ofBot: bot.name) == nil {
            let known = settings.botFolders.flatMap { FileProbe.folders(in: $0) }.filter { settings.folder(ofBot: $0) != nil }
            let hint =
                known.isEmpty
                ? "make \(BotFile.path(of: bot.name, in: settings.botFolders.first ?? "bots")), or name the folder that holds it under "
                    + "'bots' (those that come with Oxbow: /usr/share/oxbow/bots, or bots of its sources)"
                : "there are: " + known.joined(separator: ", ")
            problems.errors.append(ConfigurationError(at: bot.position, path: bot.path, "there is no bot '\(bot.name)'", hint: hint))
        }
        if connect.insecureSkipVerify {
            problems.warnings.append(
                make(
                    "connect.insecure_skip_verify",
                    "any certificate is taken: whoever is in between reads the password",
                    "name a ca instead"
                )
            )
        }
        if trust == .blind {
            problems.warnings.append(make("trust", "any key that a server announces is believed", "write trust: tofu or pinned"))
        }
        if trust == .pinned, keys.isEmpty {
            problems.warnings.append(make("trust", "no key is trusted: keys names nobody", "add keys: {name@example.org: [FINGERPRINT]}"))
        }
        for address in recipients + admins where trust == .pinned && keys[address] == nil {
            problems.warnings.append(make("keys", "has no key for \(address), so nothing can be sent there", "add its fingerprint"))
        }
    }
}
