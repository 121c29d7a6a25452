internal import CGPGME
internal import Synchronization

/// A GPGME context that works for one home. One thread at a time uses it; ``GPGMEContexts`` owns it.
struct GPGMEContext: Sendable {
    let address: UInt

    var pointer: OpaquePointer {
        // Never zero: made only from a pointer that GPGME gave.
        OpaquePointer(bitPattern: address).unsafelyUnwrapped
    }
}

/// The contexts of one home, kept for reuse: telling a new one its home costs a start of `gpg`.
final class GPGMEContexts: Sendable {
    private let home: String
    private let spare = Mutex<[GPGMEContext]>([])

    /// GPGME wants this once, before anything else and before there are threads that use it.
    private static let version: String? = {
        guard let text = gpgme_check_version("1.18.0") else { return nil }
        return String(cString: text)
    }()

    /// Makes sure that GPGME and a `gpg` that we can work with are there, and returns gpg's version.
    @discardableResult
    static func checkVersions() throws -> Version {
        guard version != nil else {
            let found = gpgme_check_version(nil).map { String(cString: $0) } ?? "none"
            throw OpenPGPError(.engine, "GPGME 1.18 or later is needed, found \(found)")
        }
        let result = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP)
        guard code(result) == GPG_ERR_NO_ERROR else {
            throw OpenPGPError(.unavailable, "GnuPG can't be used: \(describe(result)); install gnupg 2.2.27 or later")
        }
        var next: gpgme_engine_info_t?
        gpgme_get_engine_info(&next)
        while let info = next, info.pointee.protocol != GPGME_PROTOCOL_OpenPGP { next = info.pointee.next }
        let text = next?.pointee.version.map { String(cString: $0) } ?? ""
        guard let found = Version(text), found >= Version(2, 2, 27) else {
            throw OpenPGPError(.engine, "GnuPG 2.2.27 or later is needed, found \"\(text)\"")
        }
        return found
    }

    /// A version of three numbers.
    struct Version: Comparable, Sendable {
        private let numbers: [Int]

        init(_ major: Int, _ minor: Int, _ patch: Int) { numbers = [major, minor, patch] }

        init?(_ text: String) {
            let numbers = text.split(separator: ".").prefix(3).map { Int($0.prefix { ("0"..."9").contains($0) }) }
            guard numbers.count == 3, !numbers.contains(nil) else { return nil }
            self.numbers = numbers.compactMap(\.self)
        }

        static func < (left: Version, right: Version) -> Bool { left.numbers.lexicographicallyPrecedes(right.numbers) }
    }

    init(home: String) { self.home = home }

    deinit { spare.withLock { $0.forEach { gpgme_release($0.pointer) } } }

    /// Lends a context to `body`. It is kept for the next, unless its operation was interrupted.
    func with<Value>(_ body: (GPGMEContext) throws -> Value) throws -> Value {
        let context = try spare.withLock { $0.popLast() } ?? make()
        let result = Result { try body(context) }
        if case .failure(let error) = result, (error as? OpenPGPError).map({ $0.code == .timedOut }) ?? true {
            gpgme_release(context.pointer)
        } else {
            gpgme_signers_clear(context.pointer)
            spare.withLock { $0.append(context) }
        }
        return try result.get()
    }

    private func make() throws -> GPGMEContext {
        try Self.checkVersions()
        var made: OpaquePointer?
        try check(gpgme_new(&made), "no GPGME context")
        guard let made else { throw OpenPGPError(.unavailable, "no GPGME context") }
        do {
            try check(gpgme_set_protocol(made, GPGME_PROTOCOL_OpenPGP), "no OpenPGP in GPGME")
            try check(gpgme_ctx_set_engine_info(made, GPGME_PROTOCOL_OpenPGP, nil, home), "the home can't be set")
            try check(gpgme_set_pinentry_mode(made, GPGME_PINENTRY_MODE_LOOPBACK), "no loopback pinentry")
            let listing = GPGME_KEYLIST_MODE_LOCAL | GPGME_KEYLIST_MODE_WITH_KEYGRIP
            try check(gpgme_set_keylist_mode(made, gpgme_keylist_mode_t(listing)), "no key listing")
            gpgme_set_armor(made, 0)
            gpgme_set_textmode(made, 0)
            gpgme_set_offline(made, 1)
            // Every status line of gpg's reaches the status callback.
            try check(gpgme_set_ctx_flag(made, "full-status", "1"), "no status")
            try check(gpgme_set_ctx_flag(made, "no-symkey-cache", "1"), "no symkey flag")
        } catch {
            gpgme_release(made)
            throw error
        }
        return GPGMEContext(address: UInt(bitPattern: made))
    }

    private func check(_ error: gpgme_error_t, _ what: String) throws {
        guard code(error) == GPG_ERR_NO_ERROR else { throw OpenPGPError(.unavailable, "\(what): \(describe(error))") }
    }
}

/// Whether an operation failed for want of something that the system gives: that says nothing about the data.
func isShortage(_ error: gpgme_error_t) -> Bool {
    switch code(error) {
    case GPG_ERR_EMFILE, GPG_ERR_ENFILE, GPG_ERR_ENOMEM, GPG_ERR_ENOSPC, GPG_ERR_EDQUOT, GPG_ERR_EAGAIN, GPG_ERR_EROFS, GPG_ERR_EIO: true
    default: false
    }
}

/// The code without the part that says where the error came from.
func code(_ error: gpgme_error_t) -> gpgme_err_code_t { gpgme_err_code(error) }

/// GnuPG's words for an error code. They are fixed texts and hold nothing of anyone's data.
func describe(_ error: gpgme_error_t) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    gpgme_strerror_r(error, &buffer, buffer.count)
    return text(of: buffer)
}
