import NIOPosix

/// Threads for computations that take too long for an event loop: PBKDF2 with up to a million rounds.
enum BlockingThreads {
    /// Lives as long as the process: nothing has to shut it down.
    static let derivation: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        return threads
    }()
}
