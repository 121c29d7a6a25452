import CCurl
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

    /// What to do when libcurl can't be had, which is loaded when something is first asked over HTTP or mailed; `nil` if it can. Looking loads it,
    /// and it stays: 5 MB, so this is for commands that end, and for those who are going to need it.
    public static var webLibraryProblem: String? {
        oxbow_curl_is_usable() != 0 ? nil : "libcurl.so.4 can't be loaded: install libcurl4"
    }

    /// Makes a write to a program that is gone an error instead of the end of this process. Safe to call again.
    static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}
