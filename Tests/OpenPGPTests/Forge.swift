import Foundation
import OpenPGP
import TestSupport
import Testing

/// A plain GnuPG home, worked with the `gpg` program itself: it makes what our engine would never make.
final class Forge: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let path: String
    private let turn = Turn()

    init() throws {
        path = "/tmp/oxf-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        try Data("allow-weak-digest-algos\n".utf8).write(to: URL(fileURLWithPath: path + "/gpg.conf"))
    }

    /// Ends the agent that gpg has started and removes the home.
    func close() async {
        _ = try? await run("gpgconf", ["--homedir", path, "--kill", "all"])
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Runs gpg and returns what it wrote; throws if it fails.
    @discardableResult
    func gpg(_ arguments: [String], input: [UInt8] = [], passphrase: String = "") async throws -> [UInt8] {
        let result = try await attempt(arguments, input: input, passphrase: passphrase)
        guard result.status == 0 else { throw Failure(description: "gpg \(arguments): \(result.errors)") }
        return result.output
    }

    /// Runs gpg, whatever comes of it.
    func attempt(_ arguments: [String], input: [UInt8] = [], passphrase: String = "") async throws -> Finished {
        let fixed = [
            "--homedir", path, "--batch", "--no-tty", "--yes", "--quiet", "--trust-model", "always", "--pinentry-mode", "loopback",
            "--passphrase", passphrase,
        ]
        return try await turn.take { try await run("gpg", fixed + arguments, input: input) }
    }

    /// One gpg at a time: it reads a keyring wrongly while another gpg writes it.
    private actor Turn {
        private var taken = false
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func take(_ body: @Sendable () async throws -> Finished) async throws -> Finished {
            if taken { await withCheckedContinuation { waiting.append($0) } }
            taken = true
            defer {
                if waiting.isEmpty { taken = false } else { waiting.removeFirst().resume() }
            }
            return try await body()
        }
    }

    /// Makes a key and returns its fingerprint. `usage` is for the primary; `subkeys` are algorithm and usage of each subkey.
    func key(
        _ userID: String,
        algorithm: String = "ed25519",
        usage: String = "sign,cert",
        subkeys: [(String, String)] = [("cv25519", "encr")],
        at time: String? = nil,
        expires: String = "0"
    ) async throws -> Fingerprint {
        // Frozen: on a slow machine the subkey's gpg would else begin before the moment at which the primary was made.
        let clock = time.map { ["--faked-system-time", $0 + "!"] } ?? []
        try await gpg(clock + ["--quick-gen-key", userID, algorithm, usage, expires])
        let fingerprint = try await fingerprint(userID)
        for (algorithm, usage) in subkeys {
            try await gpg(clock + ["--quick-add-key", fingerprint.hex, algorithm, usage, expires])
        }
        return fingerprint
    }

    /// The fingerprint of the newest key with this User ID.
    func fingerprint(_ userID: String) async throws -> Fingerprint {
        let lines = String(decoding: try await gpg(["--with-colons", "--list-keys", "=\(userID)"]), as: UTF8.self).split(separator: "\n")
        let start = try #require(lines.lastIndex { $0.hasPrefix("pub:") })
        let line = try #require(lines[start...].first { $0.hasPrefix("fpr:") })
        return try #require(Fingerprint(line.split(separator: ":").last ?? ""))
    }

    /// The fingerprints of a key's subkeys, in order.
    func subkeys(of fingerprint: Fingerprint) async throws -> [Fingerprint] {
        let lines = String(decoding: try await gpg(["--with-colons", "--list-keys", fingerprint.hex]), as: UTF8.self).split(separator: "\n")
        return lines.filter { $0.hasPrefix("fpr:") }.compactMap { Fingerprint($0.split(separator: ":").last ?? "") }
            .filter { $0 != fingerprint }
    }

    /// Revokes a key with the certificate that gpg wrote when it made it.
    func revoke(_ fingerprint: Fingerprint) async throws {
        let file = "\(path)/openpgp-revocs.d/\(fingerprint.hex).rev"
        // gpg puts a colon before the armor, so that nobody uses it by accident.
        let text = try String(contentsOfFile: file, encoding: .utf8).replacingOccurrences(of: ":-----BEGIN", with: "-----BEGIN")
        try await gpg(["--import"], input: Array(text.utf8))
    }

    func export(_ fingerprint: Fingerprint) async throws -> [UInt8] { try await gpg(["--export", fingerprint.hex]) }

    /// Encrypts packets as they are, without a literal around them.
    func encrypt(packets: [UInt8], to recipient: Fingerprint) async throws -> [UInt8] {
        try await gpg(["--no-literal", "-z", "0", "-e", "-r", recipient.hex], input: packets)
    }

    /// Signs and encrypts as gpg does by default, compression included.
    func seal(_ text: String, signers: [Fingerprint], to recipients: [Fingerprint], _ more: [String] = []) async throws -> [UInt8] {
        let names = signers.flatMap { ["-u", $0.hex + "!"] } + recipients.flatMap { ["-r", $0.hex] }
        return try await gpg(more + (signers.isEmpty ? [] : ["-s"]) + ["-e"] + names, input: Array(text.utf8))
    }
}
