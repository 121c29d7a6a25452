import XMPP

/// Counts calls by sender in windows that begin with the first call (R18's flood, seen from the front).
struct RateLimiter {
    enum Verdict: Hashable {
        /// Within the rate.
        case allowed
        /// The first one over it: says so once.
        case tell
        /// Over it, and told.
        case silent
    }

    private struct Window {
        var end: Duration
        var count: Int
    }

    let rate: Rate
    private var windows: [Address: Window] = [:]
    private var sweepAt = 64

    init(_ rate: Rate) {
        self.rate = rate
    }

    /// How many senders are remembered.
    var size: Int { windows.count }

    /// Judges a call at a time on a clock that only goes forward.
    mutating func call(by sender: Address, at now: Duration) -> Verdict {
        var window = windows[sender] ?? Window(end: now + rate.window, count: 0)
        if window.end <= now { window = Window(end: now + rate.window, count: 0) }
        if window.count <= rate.count { window.count += 1 } else { return .silent }
        windows[sender] = window
        sweep(now)
        return window.count <= rate.count ? .allowed : .tell
    }

    /// Forgets windows that have ended, whenever the number has doubled.
    private mutating func sweep(_ now: Duration) {
        guard windows.count > sweepAt else { return }
        windows = windows.filter { $0.value.end > now }
        sweepAt = max(64, windows.count * 2)
    }
}
