import Logging
import Synchronization
import XMPP
import YAMLConfiguration

extension Runtime {
    /// The configuration as it stands in the files now.
    private struct Reading: Sendable {
        var settings: Settings
        var plans: [AccountPlan]
    }

    /// Reads everything again and takes on what has changed, or says why nothing is changed.
    func takeOnChanges() async {
        let now = house.now()
        let outcome: StatusReport.Reload
        do throws(ConfigurationErrors) {
            let reading = try await read()
            await takeOn(reading)
            outcome = StatusReport.Reload(time: now)
        } catch {
            for error in error.errors {
                house.logger.error("the configuration is not taken on, nothing is changed: \(error)")
            }
            outcome = StatusReport.Reload(time: now, error: "\(error)")
        }
        house.counters.add(1, "oxbow_reloads_total", ["outcome": outcome.error == nil ? "done" : "refused"])
        state.withLock { $0.reload = outcome }
    }

    /// Reads and judges everything.
    ///
    /// - Throws: All that is wrong with the files, and what is wrong on this machine with accounts that would begin anew.
    private func read() async throws(ConfigurationErrors) -> Reading {
        let (current, tenancies) = state.withLock { ($0.settings, $0.tenancies) }
        let images = Dictionary(tenancies.map { ($0.plan.settings.jid, $0.plan.image) }) { first, _ in first }
        let (modules, environment) = (house.modules, house.environment)
        let result: Result<(Reading, SettingsProblems), ConfigurationErrors>? = try? await offPool {
            do throws(ConfigurationErrors) {
                let settings = try Settings.load(path: current.path, environment: environment, parts: current.parts)
                guard settings.state == current.state else {
                    var error = ConfigurationError(
                        file: settings.path,
                        "is \(settings.state) now: a running Oxbow keeps its state directory",
                        hint: "stop it and start it again"
                    )
                    error.path = Settings.stateKey.name
                    throw ConfigurationErrors(error)
                }
                let plans = settings.accounts.map { AccountPlan($0, of: settings, modules: modules, environment: environment) }
                let changed = plans.filter { images[$0.settings.jid] != $0.image }
                var problems = settings.problems(environment: environment, only: Set(changed.map(\.settings.jid)))
                // A bot that isn't there at all is among both.
                problems.errors += changed.flatMap(\.errors).filter { !problems.errors.contains($0) }
                guard problems.errors.isEmpty else { throw ConfigurationErrors(problems.errors) }
                return .success((Reading(settings: settings, plans: plans), problems))
            } catch {
                return .failure(error)
            }
        }
        guard let (reading, problems) = try result?.get() else {
            throw ConfigurationErrors(ConfigurationError(file: current.path, "can't be read now"))
        }
        for warning in problems.warnings { house.logger.warning("\(warning)") }
        for name in reading.settings.fixed.differences(from: current.fixed) {
            house.logger.warning("\(name) has changed: that takes effect when Oxbow is stopped and started again")
        }
        return reading
    }

    /// Ends what is gone or has changed, then begins what is new or has changed. What is the same notices nothing.
    private func takeOn(_ reading: Reading) async {
        let tenancies = state.withLock { $0.tenancies }
        let images = Dictionary(reading.plans.map { ($0.settings.jid, $0.image) }) { first, _ in first }
        var leaving: [Tenancy] = []
        var staying: [Address: Tenancy] = [:]
        for tenancy in tenancies {
            let jid = tenancy.plan.settings.jid
            if images[jid] == tenancy.plan.image, await !tenancy.account.state.isWaitingForMending {
                staying[jid] = tenancy
            } else {
                leaving.append(tenancy)
            }
        }
        // Before others begin: a keyring may pass from one account to another.
        await withDiscardingTaskGroup { group in
            for tenancy in leaving {
                house.logger.notice("the account is ended by a reload", metadata: ["account": "\(tenancy.plan.settings.jid)"])
                group.addTask { await tenancy.end(grace: Self.grace) }
            }
        }
        let next = reading.plans.map { staying[$0.settings.jid] ?? Tenancy($0, house: house) }
        state.withLock { state in
            state.settings = reading.settings
            state.tenancies = next
        }
        let beginning = next.filter { staying[$0.plan.settings.jid] == nil }
        for tenancy in beginning { arrival.yield(tenancy) }
        // The line below says that all of it counts: also what other parts of the process take from it.
        for body in state.withLock(\.listeners) { await body(reading.settings) }
        house.logger.notice(
            "configuration taken on",
            metadata: ["ended": "\(leaving.count)", "begun": "\(beginning.count)", "unchanged": "\(staying.count)"]
        )
    }
}

extension AccountState {
    /// Whether it tries again only now and then, and what has been mended may lie outside of any file: a password behind a command, a keyring.
    fileprivate var isWaitingForMending: Bool {
        switch self {
        case .offline(let failure): failure.code == .login
        case .failed: true
        case .starting, .online, .stopped: false
        }
    }
}

extension Settings.FixedSettings {
    /// The keys that differ.
    fileprivate func differences(from other: Self) -> [String] {
        var names: [String] = []
        if storeKey != other.storeKey { names.append(Settings.storeKeyKey.name) }
        if log != other.log { names.append(Settings.logKey.name) }
        return names
    }
}
