import Foundation
import Logging
import Synchronization
import Testing

@testable import OpenPGP

/// A GnuPG home in a temporary directory with a short path, gone when the test is.
struct Home: ~Copyable {
    let path: String

    init() {
        path = "/tmp/ox-\(String(UInt32.random(in: .min ... .max), radix: 36))"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// An engine over this home; close it before the home goes.
    func engine(passphrase: String? = nil, options: GPGMEEngine.Options = .init()) async throws -> GPGMEEngine {
        try await GPGMEEngine(
            home: path,
            passphrase: passphrase.map { .constant(SecretBytes($0.utf8)) },
            options: options,
            logger: .silent
        )
    }
}

/// Counts how often a passphrase is asked for.
final class Asked: Sendable {
    private let count = Mutex(0)
    var times: Int { count.withLock { $0 } }

    func source(_ text: String) -> PassphraseSource {
        PassphraseSource { [self] in
            count.withLock { $0 += 1 }
            return SecretBytes(text.utf8)
        }
    }
}

extension Logger {
    static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}

extension GPGMEEngine {
    /// The agent's process, if one is up.
    var agentProcess: pid_t? {
        get async {
            let socket = home.socket
            return try? await workers.run(home: "test", limit: .seconds(5)) { _ in
                guard let socket = AgentSocket(path: socket) else { return nil }
                defer { socket.close() }
                return socket.processID()
            }
        }
    }

    /// Runs `body` while the agent is up, for gpg itself to use.
    func withAgent(_ body: () async throws -> Void) async throws {
        // An operation that needs the agent starts it, and it stays for a while.
        try await delete(#require(Fingerprint(String(repeating: "0", count: 40))))
        try await body()
    }
}
