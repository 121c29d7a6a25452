import Logging
import Oxbow
import Synchronization

/// Says in the log who isn't let in: the first time for each reason, then at most once a minute with how many there were.
final class RefusalLog: Sendable {
    private struct Entry {
        var next: Int64 = .min
        var unsaid = 0
    }
    private let entries = Mutex<[String: Entry]>([:])
    private let logger: Logger
    private let now: @Sendable () -> Int64

    /// How long a reason is quiet after it was logged, in seconds.
    static let pause: Int64 = 60

    init(logger: Logger, now: @escaping @Sendable () -> Int64) {
        self.logger = logger
        self.now = now
    }

    /// Notes a refusal. Returns whether it was logged.
    @discardableResult
    func note(_ reason: String, endpoint: String, peer: String?) -> Bool {
        let time = now()
        let unsaid: Int? = entries.withLock { entries in
            guard time >= entries[reason]?.next ?? .min else {
                entries[reason]?.unsaid += 1
                return nil
            }
            let unsaid = entries[reason]?.unsaid ?? 0
            entries[reason] = Entry(next: time + Self.pause)
            return unsaid
        }
        guard let unsaid else { return false }
        var metadata: Logger.Metadata = ["reason": "\(reason)", "endpoint": "\(endpoint)"]
        if let peer { metadata["peer"] = "\(peer)" }
        if unsaid > 0 { metadata["unsaid"] = "\(unsaid)" }
        logger.warning("a request was refused", metadata: metadata)
        return true
    }
}
