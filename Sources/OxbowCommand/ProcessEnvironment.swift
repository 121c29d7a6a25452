import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The environment of the process itself, which everything inherits that a library starts: GPGME's `gpg` above all.
enum ProcessEnvironment {
    /// Removes the variables that no library of ours needs. Passwords and passphrases come to us in variables; what wants them (`${NAME}`,
    /// a secret's command) has them of ``Tool/environment``, which was taken before.
    ///
    /// Call it before anything else runs: other threads may read variables meanwhile.
    static func clear() {
        for name in ProcessInfo.processInfo.environment.keys where !isKept(name) { unsetenv(name) }
    }

    /// Whether a variable stays: those that say where things are and how to speak.
    static func isKept(_ name: String) -> Bool {
        names.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }

    private static let names: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TZDIR", "TMPDIR", "TERM", "XDG_RUNTIME_DIR", "SSL_CERT_FILE",
        "SSL_CERT_DIR", "RES_OPTIONS", "LOCALDOMAIN",
    ]
    /// Locale, the loader, the allocator, and what instruments a program.
    private static let prefixes = ["LC_", "LD_", "MALLOC_", "GLIBC_", "SWIFT_", "ASAN_", "LSAN_", "TSAN_", "UBSAN_", "LLVM_"]
}
