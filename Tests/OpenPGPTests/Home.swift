import Foundation
import Logging
import OpenPGP

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
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }
}
