import CHost
import Oxbow
import ServiceLifecycle

/// Tells the service manager how the process does: that it is ready, in words how many accounts are online, that it ends; and, as long as it
/// really works, that it lives.
///
/// The watchdog hears nothing from a bare timer: each time the runtime has to say how it is, and its store has to answer. What hangs is
/// asked once and waited for, and the watchdog ends the process.
struct ServiceReporter: Service {
    let manager: ServiceManager
    let runtime: any LaunchedRuntime
    var clock: any Clock<Duration> = ContinuousClock()

    /// How often it looks, where no watchdog wants to hear of it more often.
    static let interval = Duration.seconds(10)

    /// How often it looks: a watchdog is told twice in its time at least.
    var interval: Duration { manager.watchdog.map { min(Self.interval, $0 / 2) } ?? Self.interval }

    /// Reports until the task is cancelled or a graceful shutdown begins. Put it last into its group: then its end is the first.
    func run() async {
        await cancelWhenGracefulShutdown { await report() }
        manager.tell([.stopping, .status("ending: handlers that are at work get ten seconds")])
    }

    private func report() async {
        var isReady = false
        var said: String?
        repeat {
            var message: [ServiceManager.Assignment] = []
            // What has made us is bound and at work: it is the start that is done, not any login.
            if !isReady { message.append(.ready) }
            if let words = await words() {
                if words != said { message.append(.status(words)) }
                said = words
                if manager.watchdog != nil, await runtime.answers { message.append(.watchdog) }
            }
            if Task.isCancelled { return }
            if !message.isEmpty, manager.tell(message) { isReady = true } else if !message.isEmpty { said = nil }
            try? await clock.sleep(for: interval)
        } while !Task.isCancelled
    }

    /// How many accounts are online, and which are not.
    private func words() async -> String? {
        guard let accounts = try? await runtime.status().accounts else { return nil }
        let others = accounts.filter { $0.state != "online" }.map { "\($0.jid) \($0.state)" }
        let shown = others.prefix(5).joined(separator: ", ") + (others.count > 5 ? " and \(others.count - 5) more" : "")
        return "\(accounts.count - others.count) of \(accounts.count) accounts online" + (others.isEmpty ? "" : ": " + shown)
    }

    /// Takes on changed files, and says that it does.
    func reload() async {
        manager.tell([.reloading(oxbow_monotonic_microseconds())])
        await runtime.reload()
        manager.tell([.ready])
    }
}

extension Controllable {
    /// Whether it works: it says how it is, and its store answers.
    var answers: Bool {
        get async {
            do {
                _ = try await status()
                _ = try await outbox(OutboxRequest(.list, limit: 1))
                return true
            } catch {
                return false
            }
        }
    }
}
