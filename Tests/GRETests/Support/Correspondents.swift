import Foundation
import Logging
import OpenPGP
import TestSupport

let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// People with mail programs: their keys are GnuPG's, in one home that `gpg` itself works on. Made once; after that nothing in it changes.
struct Correspondents: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// The home, and the engine whose agent serves it.
    let home: String
    let engine: GPGMEEngine
    /// carol@example.org, a second key in her name, and mallory@example.org.
    let carol: Fingerprint
    let carolsOther: Fingerprint
    let mallory: Fingerprint
    /// The bot's key, and the home that holds only it; every test works on a copy.
    let bot: Fingerprint
    let botHome: String
    /// When all of that was there, in seconds since 1970. Mail is of this time unless a test says otherwise, however long the machine takes.
    let time: Int64

    private static let made = Task { try await Correspondents() }
    static func assembled() async throws -> Correspondents { try await made.value }

    private init() async throws {
        home = try Scratch.folder() + "/h"
        // gpg itself needs the agent, also when the engine hasn't for a while. It ends with this process.
        engine = try await GPGMEEngine(home: home, options: .init(agentIdle: .seconds(7200)), logger: silent)
        carolsOther = try await engine.generateKey(userID: "Carol <carol@example.org>")
        mallory = try await engine.generateKey(userID: "<mallory@example.org>")
        // A day old, so that signatures can have been made at other times than now. The engine has started the agent for it.
        carol = try await Self.oldKey("<carol@example.org>", home: home)
        botHome = try Scratch.folder() + "/h"
        let own = try await GPGMEEngine(home: botHome, logger: silent)
        bot = try await own.generateKey(userID: "xmpp:bot@ox.test")
        let userID = "xmpp:bot@ox.test"
        _ = try await engine.importKey(try await own.export(bot, userID: userID), expected: bot, keep: [userID])
        await own.close()
        time = Int64(Date().timeIntervalSince1970) + 1
    }

    private static func oldKey(_ userID: String, home: String) async throws -> Fingerprint {
        let status = home + "/status"
        let common = [
            "--homedir", home, "--batch", "--no-tty", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", "--status-file", status,
            "--faked-system-time", "\(Int64(Date().timeIntervalSince1970) - 86_400)!",
        ]
        let made = try await run("gpg", common + ["--quick-generate-key", userID, "ed25519", "sign,cert", "never"])
        let words = ((try? String(contentsOfFile: status, encoding: .utf8)) ?? "").split(whereSeparator: \.isWhitespace)
        guard made.status == 0, let index = words.firstIndex(of: "KEY_CREATED"), let key = Fingerprint(words[index + 2]) else {
            throw Failure(description: "no key was made: \(made.errors)")
        }
        let added = try await run("gpg", common + ["--quick-add-key", key.hex, "cv25519", "encr", "never"])
        guard added.status == 0 else { throw Failure(description: "no subkey was made: \(added.errors)") }
        return key
    }

    /// A certificate with its one User ID.
    func certificate(_ key: Fingerprint) async throws -> [UInt8] {
        guard let userID = try await engine.key(key)?.userIDs.first else { throw Failure(description: "no such key") }
        return try await engine.export(key, userID: userID)
    }

    /// Signs and encrypts as RFC 3156 § 6.2 has it, at a time given in seconds since 1970.
    func seal(_ content: String, by signer: Fingerprint, to recipient: Fingerprint, at time: Int64? = nil) async throws -> [UInt8] {
        try await gpg(["--local-user", signer.hex, "--sign", "--recipient", recipient.hex, "--encrypt"], content, at: time)
    }

    /// Encrypts without a signature.
    func encrypt(_ content: String, to recipient: Fingerprint) async throws -> [UInt8] {
        try await gpg(["--recipient", recipient.hex, "--encrypt"], content)
    }

    /// An armored detached signature.
    func signature(_ content: String, by signer: Fingerprint) async throws -> String {
        String(decoding: try await gpg(["--local-user", signer.hex, "--armor", "--detach-sign"], content), as: UTF8.self)
    }

    /// Armor around a message.
    func armored(_ content: String, by signer: Fingerprint, to recipient: Fingerprint) async throws -> String {
        let bytes = try await gpg(
            ["--armor", "--local-user", signer.hex, "--sign", "--recipient", recipient.hex, "--encrypt"],
            content
        )
        return String(decoding: bytes, as: UTF8.self)
    }

    private func gpg(_ arguments: [String], _ content: String, at time: Int64? = nil) async throws -> [UInt8] {
        let name = "\(home)/t\(UInt64.random(in: .min ... .max))"
        defer { for suffix in ["", ".out"] { try? FileManager.default.removeItem(atPath: name + suffix) } }
        try Data(content.utf8).write(to: URL(fileURLWithPath: name))
        var all = [
            "--homedir", home, "--batch", "--no-tty", "--quiet", "--yes", "--trust-model", "always", "--no-auto-check-trustdb",
            "--output", name + ".out",
        ]
        all += ["--faked-system-time", "\(time ?? self.time)!", "--ignore-time-conflict", "--ignore-valid-from"]
        let result = try await run("gpg", all + arguments + [name])
        guard result.status == 0 else { throw Failure(description: "gpg \(arguments): \(result.errors)") }
        return Array(try Data(contentsOf: URL(fileURLWithPath: name + ".out")))
    }

    /// What a correspondent reads of a message of the bot, and who signed it.
    func open(_ message: [UInt8]) async throws -> OpenedData {
        try await engine.open(message, limits: OpenLimits(plaintextBytes: 16 << 20))
    }
}
