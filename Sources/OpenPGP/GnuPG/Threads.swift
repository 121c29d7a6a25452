internal import CGPGME
internal import Glibc

/// Starts a thread of our own, which no executor shares; it may block as long as it likes.
///
/// SIGPIPE is blocked on it: GPGME writes to pipes whose reader may have died, and that must be an error here, not our end.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) throws {
    final class Box: Sendable {
        let name: String
        let body: @Sendable () -> Void
        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(name, body))
    let result = pthread_create(
        &thread,
        &attributes,
        { argument in
            guard let argument else { return nil }
            let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
            pthread_setname_np(pthread_self(), String(box.name.prefix(15)))
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            box.body()
            return nil
        },
        box.toOpaque()
    )
    guard result == 0 else {
        box.release()
        throw OpenPGPError(.unavailable, "no thread could be started for GnuPG (error \(result)); look at the limit on processes")
    }
}
