import Foundation
import Testing
import YAMLConfiguration

@testable import Oxbow

@Suite("Settings on this machine")
struct SettingsProblemsTests {
    /// The problems of a file in a folder, without the folder's path.
    private func problems(_ text: String, in folder: String, environment: [String: String] = [:]) throws -> (
        errors: [String], warnings: [String]
    ) {
        try text.write(toFile: folder + "/config.yaml", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "/config.yaml")
        let settings = try Settings.load(path: folder + "/config.yaml", environment: environment)
        let problems = settings.problems(environment: environment)
        func short(_ errors: [ConfigurationError]) -> [String] { errors.map { $0.description.replacing(folder + "/", with: "") } }
        return (short(problems.errors), short(problems.warnings))
    }

    @Test("missing files and bots are found, with what there is instead")
    func missing() async throws {
        try await withSettingsFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/bots/echo", withIntermediateDirectories: true)
            try "".write(toFile: folder + "/bots/echo/bot.yaml", atomically: true, encoding: .utf8)
            try FileManager.default.createDirectory(atPath: folder + "/bots/empty", withIntermediateDirectories: true)
            let text = """
                accounts:
                  - jid: a@b
                    password: {file: nothing}
                    connect: {host: h, ca: no.pem}
                    bots: [echo, ecko, empty]
                """
            let (errors, warnings) = try problems(text, in: folder)
            #expect(
                errors == [
                    "config.yaml:3:15: accounts[0].password: can't open nothing: no such file or directory",
                    "config.yaml:2:10: accounts[0].connect.ca: there is no file no.pem that we may read; write a file of PEM certificates",
                    "config.yaml:5:18: accounts[0].bots[1]: there is no bot 'ecko'; there are: echo",
                    "config.yaml:5:24: accounts[0].bots[2]: there is no bot 'empty'; there are: echo",
                ]
            )
            #expect(warnings == [])
        }
    }

    @Test("where there is no bot at all, the folder of bots is what may be wrong")
    func noBots() async throws {
        try await withSettingsFolder { folder in
            let (errors, _) = try problems("accounts: [{jid: a@b, password: x, bots: [alerts]}]\n", in: folder)
            #expect(errors.count == 1)
            #expect(errors.first?.hasPrefix("config.yaml:1:43: accounts[0].bots[0]: there is no bot 'alerts'; make ") == true)
            #expect(errors.first?.contains("or name the folder that holds it under 'bots'") == true)
        }
    }

    @Test("a ca that holds no certificate is found")
    func noCertificate() async throws {
        try await withSettingsFolder { folder in
            try "nothing".write(toFile: folder + "/ca.pem", atomically: true, encoding: .utf8)
            let (errors, _) = try problems("accounts: [{jid: a@b, password: x, connect: {ca: ca.pem}}]\n", in: folder)
            #expect(errors == ["config.yaml:1:18: accounts[0].connect.ca: ca.pem holds no certificate; write a file of PEM certificates"])
        }
    }

    @Test("a state directory that can't hold a socket, or is none, is found before anything starts (R14)")
    func state() async throws {
        try await withSettingsFolder { folder in
            let long = String(repeating: "x", count: 100)
            let account = "accounts: [{jid: a@b, password: x}]\n"
            let (errors, _) = try problems(account + "state: \(long)\n", in: folder)
            #expect(errors.count == 1)
            #expect(errors.first?.contains("state: a socket's path may have 107 bytes") == true, "\(errors)")
            try "".write(toFile: folder + "/file", atomically: true, encoding: .utf8)
            #expect(
                try problems(account + "state: file\n", in: folder).errors.first
                    == "config.yaml: state: file is no folder; remove it, or name another"
            )
            #expect(FileManager.default.fileExists(atPath: folder + "/" + long) == false, "judging makes nothing")
        }
    }

    @Test("what is dangerous is said")
    func warnings() async throws {
        try await withSettingsFolder { folder in
            let text = """
                accounts:
                  - {jid: a@b, password: x, trust: blind, connect: {host: h, insecure_skip_verify: true}}
                  - {jid: c@b, password: x, trust: pinned, recipients: [d@e]}
                """
            let (errors, warnings) = try problems(text, in: folder)
            #expect(errors == [])
            #expect(
                warnings == [
                    "config.yaml:2:11: accounts[0].connect.insecure_skip_verify: any certificate is taken: whoever is in between reads the "
                        + "password; name a ca instead",
                    "config.yaml:2:11: accounts[0].trust: any key that a server announces is believed; write trust: tofu or pinned",
                    "config.yaml:3:11: accounts[1].trust: no key is trusted: keys names nobody; add keys: {name@example.org: [FINGERPRINT]}",
                    "config.yaml:3:11: accounts[1].keys: has no key for d@e, so nothing can be sent there; add its fingerprint",
                ]
            )
        }
    }

    @Test("the first configuration in the order of search is taken; one that was named must be there")
    func search() async throws {
        try await withSettingsFolder { folder in
            #expect(try Settings.locate(option: "x.yaml", environment: ["OXBOW_CONFIG": "y.yaml"]) == "x.yaml")
            #expect(try Settings.locate(option: nil, environment: ["OXBOW_CONFIG": "y.yaml"]) == "y.yaml")
            try FileManager.default.createDirectory(atPath: folder + "/.config/oxbow", withIntermediateDirectories: true)
            let file = folder + "/.config/oxbow/config.yaml"
            try "".write(toFile: file, atomically: true, encoding: .utf8)
            // The test's working directory is the package, which has a config.yaml of its own or not.
            let found = try Settings.locate(option: nil, environment: ["HOME": folder])
            #expect(found == file || found == "config.yaml")
            #expect(throws: ConfigurationErrors(ConfigurationError(file: "no.yaml", "can't open no.yaml: no such file or directory"))) {
                try Settings.load(path: Settings.locate(option: "no.yaml", environment: [:]), environment: [:])
            }
        }
    }
}

/// A folder for one test, with a short path, removed when its body is done.
func withSettingsFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = "/tmp/oxs-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}
