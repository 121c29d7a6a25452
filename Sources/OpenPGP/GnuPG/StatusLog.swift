internal import CGPGME
internal import Glibc

/// What `gpg` said on its status channel during one operation, and its questions for the passphrase.
///
/// The channel is apart from the data, so content can't forge it.
final class StatusLog {
    /// One line: its keyword and its words.
    struct Line: Hashable, Sendable {
        let keyword: String
        let words: [String]
    }

    private(set) var lines: [Line] = []
    /// There were more lines than any proper message causes; gpg was ended then.
    private(set) var overflowed = false
    /// There were more signatures than ``mostSignatures``; gpg was ended then, since each costs it milliseconds: 1,500 bytes, compressed, hold
    /// thousands.
    private(set) var hasTooManySignatures = false
    /// More signatures on one message than any peer makes (A11).
    static let mostSignatures = 16
    /// The passphrase was asked for and we had none.
    private(set) var wantedPassphrase = false
    /// The passphrase that we gave was wrong.
    private(set) var passphraseWasWrong = false
    private let passphrase: SecretBytes?
    private var signatures = 0
    private let mostLines = 20_000

    init(passphrase: SecretBytes?) { self.passphrase = passphrase }

    /// How many lines have this keyword.
    func count(_ keyword: String) -> Int { lines.reduce(0) { $0 + ($1.keyword == keyword ? 1 : 0) } }

    /// The first line with this keyword.
    func first(_ keyword: String) -> Line? { lines.first { $0.keyword == keyword } }

    /// Whether an error line names a bad passphrase, for operations whose result doesn't. The code is in the lower half of the number, the
    /// part that reports it in the upper.
    var namesBadPassphrase: Bool {
        lines.contains { line in
            guard line.keyword == "ERROR", line.words.count >= 2, let number = UInt32(line.words[1]) else { return false }
            return number & 0xffff == GPG_ERR_BAD_PASSPHRASE.rawValue
        }
    }

    /// Listens to the operations that `body` runs on `context`.
    func during<Value>(_ context: GPGMEContext, _ body: () throws -> Value) rethrows -> Value {
        let hook = Unmanaged.passUnretained(self).toOpaque()
        gpgme_set_status_cb(
            context.pointer,
            { hook, keyword, arguments in
                guard let hook, let keyword else { return 0 }
                let words = arguments.map { String(cString: $0).split(separator: " ").map(String.init) } ?? []
                let goesOn = Unmanaged<StatusLog>.fromOpaque(hook).takeUnretainedValue().add(String(cString: keyword), words)
                // GPGME ends the operation on an error.
                return goesOn ? 0 : gpgme_error(GPG_ERR_LIMIT_REACHED)
            },
            hook
        )
        gpgme_set_passphrase_cb(
            context.pointer,
            { hook, _, _, wasBad, descriptor in
                guard let hook else { return gpgme_error(GPG_ERR_CANCELED) }
                return Unmanaged<StatusLog>.fromOpaque(hook).takeUnretainedValue().give(descriptor, wasBad: wasBad != 0)
            },
            hook
        )
        defer {
            gpgme_set_status_cb(context.pointer, nil, nil)
            gpgme_set_passphrase_cb(context.pointer, nil, nil)
        }
        return try withExtendedLifetime(self) { try body() }
    }

    /// Takes a line on, and says whether the operation is to go on.
    private func add(_ keyword: String, _ words: [String]) -> Bool {
        // An end-of-file line has no keyword.
        guard !keyword.isEmpty else { return true }
        if keyword == "NEWSIG" { signatures += 1 }
        hasTooManySignatures = signatures > Self.mostSignatures
        if lines.count < mostLines { lines.append(Line(keyword: keyword, words: words)) } else { overflowed = true }
        return !overflowed && !hasTooManySignatures
    }

    private func give(_ descriptor: Int32, wasBad: Bool) -> gpgme_error_t {
        // Our passphrase is for our keys. A message that holds something encrypted with a password, which gpg would try it on, gets nothing.
        guard count("NEED_PASSPHRASE_SYM") == 0 else { return gpgme_error(GPG_ERR_CANCELED) }
        guard let passphrase else {
            wantedPassphrase = true
            return gpgme_error(GPG_ERR_CANCELED)
        }
        guard !wasBad, !passphraseWasWrong else {
            passphraseWasWrong = true
            return gpgme_error(GPG_ERR_BAD_PASSPHRASE)
        }
        let written = passphrase.withUnsafeBytes { gpgme_io_writen(descriptor, $0.baseAddress, $0.count) }
        guard written == 0, gpgme_io_writen(descriptor, "\n", 1) == 0 else { return gpgme_error(GPG_ERR_EPIPE) }
        return 0
    }
}
