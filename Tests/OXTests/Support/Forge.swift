import Foundation
import OpenPGP
import TestSupport

/// A GnuPG home, worked by `gpg` itself, in which peers and attackers live: it makes what an honest engine refuses to make.
final class Forge: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let home: String
    /// When keys are made unless told otherwise, in seconds since 1970: a day ago, so that signatures of theirs can be older than this moment.
    let past = Int64(Date().timeIntervalSince1970) - 86_400
    private let agent: Companion
    private let queue = Queue()

    init() throws {
        home = try Scratch.folder()
        agent = Companion("/usr/bin/gpg-agent", ["--homedir", home, "--quiet", "--allow-loopback-pinentry", "--daemon", "cat"])
    }

    /// Waits until the agent listens.
    func start() async throws {
        for _ in 0..<200 {
            if try await run("gpg-connect-agent", ["--homedir", home, "--no-autostart", "/bye"]).status == 0,
                FileManager.default.fileExists(atPath: home + "/S.gpg-agent")
            {
                return
            }
        }
        throw Failure(description: "the agent doesn't start")
    }

    private func gpg(_ arguments: [String], input: [UInt8]? = nil, changes: Bool = false) async throws -> [UInt8] {
        try await queue.run(exclusive: changes) { try await call(arguments, input: input) }
    }

    @discardableResult
    private func call(_ arguments: [String], input: [UInt8]? = nil) async throws -> [UInt8] {
        let name = "\(home)/\(UInt64.random(in: .min ... .max))"
        let output = name + ".out"
        defer {
            try? FileManager.default.removeItem(atPath: name)
            try? FileManager.default.removeItem(atPath: output)
        }
        var all = [
            "--homedir", home, "--batch", "--no-tty", "--quiet", "--yes", "--no-autostart", "--pinentry-mode", "loopback",
            "--passphrase", "", "--trust-model", "always", "--no-auto-check-trustdb", "--output", output,
        ]
        all += arguments
        if let input {
            try Data(input).write(to: URL(fileURLWithPath: name))
            all.append(name)
        }
        let result = try await run("gpg", all)
        guard result.status == 0 else { throw Failure(description: "gpg \(arguments.joined(separator: " ")): \(result.errors)") }
        return (try? Data(contentsOf: URL(fileURLWithPath: output))).map(Array.init) ?? []
    }

    /// Makes a key: ed25519 [SC] and cv25519 [E] unless told otherwise.
    func key(
        _ userID: String,
        primary: String = "ed25519/sign,cert",
        subkeys: [String] = ["cv25519/encr"],
        expires: String = "never",
        options: [String] = []
    ) async throws -> Fingerprint {
        let parts = primary.split(separator: "/").map(String.init)
        let status = "\(home)/\(UInt64.random(in: .min ... .max)).status"
        defer { try? FileManager.default.removeItem(atPath: status) }
        return try await queue.run(exclusive: true) {
            let options = ["--faked-system-time", "\(past)!"] + options
            try await call(options + ["--status-file", status, "--quick-generate-key", userID] + parts + [expires])
            let words = try String(contentsOfFile: status, encoding: .utf8).split(whereSeparator: \.isWhitespace)
            guard let index = words.firstIndex(of: "KEY_CREATED"), let made = Fingerprint(words[index + 2]) else {
                throw Failure(description: "no key was made for \(userID)")
            }
            for subkey in subkeys {
                try await call(options + ["--quick-add-key", made.hex] + subkey.split(separator: "/").map(String.init) + [expires])
            }
            return made
        }
    }

    /// The fingerprints of a key's subkeys, in order.
    func subkeys(_ fingerprint: Fingerprint) async throws -> [Fingerprint] {
        Array(try await colons([fingerprint.hex]).filter { $0.first == "fpr" }.compactMap { Fingerprint($0[9]) }.dropFirst())
    }

    private func colons(_ keys: [String]) async throws -> [[String]] {
        let listing = try await gpg(["--with-colons", "--with-fingerprint", "--with-fingerprint", "--list-keys"] + keys, listing: true)
        return listing.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init) }
    }

    /// Listings go to the standard output whatever `--output` says.
    private func gpg(_ arguments: [String], listing: Bool) async throws -> String {
        let all = ["--homedir", home, "--batch", "--no-autostart"] + arguments
        return String(decoding: try await queue.run(exclusive: false) { try await run("gpg", all).output }, as: UTF8.self)
    }

    /// A key as its owner publishes it.
    func export(_ keys: Fingerprint..., armored: Bool = false, options: [String] = []) async throws -> [UInt8] {
        try await gpg(options + (armored ? ["--armor"] : []) + ["--export-options", "export-minimal", "--export"] + keys.map(\.hex))
    }

    func exportSecret(_ key: Fingerprint) async throws -> [UInt8] {
        try await gpg(["--export-secret-keys", key.hex])
    }

    func add(_ material: [UInt8]) async throws { _ = try await gpg(["--import"], input: material, changes: true) }

    /// Signs and encrypts, as the peers do, at a time in seconds since 1970: a test's own, since a busy machine may take its time.
    func seal(
        _ text: String,
        by signers: [String],
        to recipients: [Fingerprint],
        at time: Int64,
        options: [String] = ["-z", "0"]
    ) async throws -> [UInt8] {
        var arguments = ["--faked-system-time", "\(time)!"] + options
        for signer in signers { arguments += ["--local-user", signer] }
        for recipient in recipients { arguments += ["--recipient", recipient.hex] }
        if !recipients.isEmpty { arguments.append("--encrypt") }
        if !signers.isEmpty { arguments.append("--sign") }
        return try await gpg(arguments, input: Array(text.utf8))
    }

    /// Revokes a key with the certificate that GnuPG has made in advance (its first colon keeps it from being used by mistake).
    func revoke(_ key: Fingerprint) async throws {
        let text = try String(contentsOfFile: "\(home)/openpgp-revocs.d/\(key.hex).rev", encoding: .utf8)
        try await add(Array(text.replacingOccurrences(of: ":-----BEGIN", with: "-----BEGIN").utf8))
    }

    /// Works on a key with gpg's own prompt.
    func edit(_ key: Fingerprint, _ script: String) async throws {
        let all = ["--homedir", home, "--no-tty", "--quiet", "--no-autostart", "--pinentry-mode", "loopback", "--passphrase", ""]
        let result = try await queue.run(exclusive: true) {
            try await run("gpg", all + ["--command-fd", "0", "--edit-key", key.hex], input: Array(script.utf8))
        }
        guard result.status == 0 else { throw Failure(description: "gpg --edit-key: \(result.errors)") }
    }

    /// Encrypts something signed anew, as anybody can who may read it; without signing.
    func encrypt(signed: [UInt8], to recipients: Fingerprint...) async throws -> [UInt8] {
        try await gpg(["--no-literal"] + recipients.flatMap { ["--recipient", $0.hex] } + ["--encrypt"], input: signed)
    }

    /// The packets of a message, decrypted where that can be.
    func packets(_ message: [UInt8]) async throws -> String {
        let name = "\(home)/\(UInt64.random(in: .min ... .max)).msg"
        try Data(message).write(to: URL(fileURLWithPath: name))
        defer { try? FileManager.default.removeItem(atPath: name) }
        return try await gpg(["--no-tty", "--list-packets", name], listing: true)
    }

    /// Decrypts what we have sealed.
    func open(_ message: [UInt8]) async throws -> String {
        String(decoding: try await gpg(["--decrypt"], input: message), as: UTF8.self)
    }
}
