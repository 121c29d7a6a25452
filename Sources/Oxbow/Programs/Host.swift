import CHost
import Glibc

/// What Oxbow asks of the kernel for its own process.
public enum Host {
    /// Keeps other processes of the same user from reading our memory, environment and descriptors through `/proc`, from tracing us,
    /// and the kernel from writing a core file (R18). A crash just ends us: Swift's runtime would print registers with the memory that
    /// they point to, into a log that may hold nothing in the clear (R17). To be called once, early.
    ///
    /// - Returns: Whether the kernel has agreed.
    @discardableResult
    public static func makeNonDumpable() -> Bool {
        for number in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] { signal(number, SIG_DFL) }
        return oxbow_make_non_dumpable() == 0
    }

    /// Makes a write to a program that is gone an error instead of the end of this process. Safe to call again.
    static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}
