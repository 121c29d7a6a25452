import Foundation
import Testing

@testable import OpenPGP

/// A home's mode, settings and socket (S17), and what a crash leaves in it.
@Suite struct GnuPGHomeTests {
    private let version = GPGMEContexts.Version(2, 2, 40)

    private func prepared(_ path: String, version: GPGMEContexts.Version? = nil) throws -> GnuPGHome {
        try GnuPGHome(preparing: path, smartcards: false, version: version ?? self.version)
    }

    private func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test("A new home is 0700, with parents, and says what S17 asks for") func new() throws {
        let home = Home()
        let path = home.path + "/a/b"
        let prepared = try prepared(path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        #expect(prepared.path == path)
        #expect(prepared.socket == path + "/S.gpg-agent" || prepared.socket.hasPrefix("/run/user/"))
        let settings = try lines(path + "/gpg.conf")
        for setting in [
            "no-auto-key-retrieve", "no-auto-key-locate", "disable-dirmngr", "no-encrypt-to", "no-autostart", "require-cross-certification",
            "weak-digest SHA1", "trust-model always",
        ] {
            #expect(settings.contains(setting))
        }
        #expect(!settings.contains("batch"))
        let agent = try lines(path + "/gpg-agent.conf")
        #expect(agent.contains("allow-loopback-pinentry") && agent.contains("disable-scdaemon"))
        for file in ["/gpg.conf", "/gpg-agent.conf"] {
            let mode = try FileManager.default.attributesOfItem(atPath: path + file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        // A second start changes nothing.
        let before = try FileManager.default.attributesOfItem(atPath: path + "/gpg.conf")[.systemFileNumber] as? Int
        #expect(try self.prepared(path).remarks.isEmpty)
        #expect(try FileManager.default.attributesOfItem(atPath: path + "/gpg.conf")[.systemFileNumber] as? Int == before)
    }

    @Test("The operator's own lines stay, and those that matter are named") func ownLines() throws {
        let home = Home()
        try FileManager.default.createDirectory(
            atPath: home.path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        try Data("# mine\nencrypt-to 0xDEADBEEF\ncompress-level 3\n".utf8).write(to: URL(fileURLWithPath: home.path + "/gpg.conf"))
        let first = try prepared(home.path)
        let settings = try lines(home.path + "/gpg.conf")
        #expect(settings.prefix(3) == ["# mine", "encrypt-to 0xDEADBEEF", "compress-level 3"])
        #expect(settings.firstIndex(of: "no-encrypt-to").map { $0 > 3 } == true)
        #expect(first.remarks.count == 1)
        #expect(first.remarks.first?.contains("encrypt-to") == true)
        _ = try prepared(home.path)
        #expect(try lines(home.path + "/gpg.conf") == settings)
    }

    @Test("GnuPG 2.4 is told not to promise AEAD, 2.2 does not know the word") func versions() throws {
        let home = Home()
        _ = try prepared(home.path, version: .init(2, 4, 0))
        #expect(try lines(home.path + "/gpg.conf").contains { $0.hasPrefix("default-preference-list") && $0.hasSuffix(" no-aead") })
        _ = try prepared(home.path)
        #expect(try !lines(home.path + "/gpg.conf").contains { $0.contains("no-aead") })
        #expect(GPGMEContexts.Version("2.4.7-beta12").map { $0 > .init(2, 4, 6) } == true)
        #expect(GPGMEContexts.Version("2.2") == nil)
        #expect(GPGMEContexts.Version(2, 2, 40) < GPGMEContexts.Version(2, 3, 0))
    }

    @Test("A home that others may read is refused, with the command that mends it", arguments: [0o755, 0o750, 0o770, 0o701])
    func mode(_ mode: Int) throws {
        let home = Home()
        try FileManager.default.createDirectory(
            atPath: home.path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: mode]
        )
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: home.path)
        let error = #expect(throws: OpenPGPError.self) { try prepared(home.path) }
        #expect(error?.code == .keyring)
        #expect(error?.message.contains("chmod 700 \(home.path)") == true)
    }

    @Test("Somebody else's home, a file, a relative path, a path that can't be made") func refused() throws {
        let home = Home()
        try Data().write(to: URL(fileURLWithPath: home.path))
        for path in ["/proc/1/fdinfo/x", home.path, home.path + "/below", "relative", ""] {
            let error = #expect(throws: OpenPGPError.self) { try prepared(path) }
            #expect(error?.code == .keyring, "\(path)")
        }
    }

    @Test("A path too long for a socket is refused before anything hangs on it") func longPath() throws {
        let home = Home()
        let path = home.path + "/" + String(repeating: "x", count: 120)
        // Where GnuPG has a directory below /run/user, the length of the home's path does not matter.
        do {
            #expect(try prepared(path).socket.hasPrefix("/run/"))
        } catch let error as OpenPGPError {
            #expect(error.code == .keyring)
            #expect(error.message.contains("choose a shorter path"))
        }
    }

    @Test("A home that uses keyboxd is refused, since nothing starts it") func keyboxd() throws {
        let home = Home()
        try FileManager.default.createDirectory(
            atPath: home.path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        try Data("use-keyboxd\n".utf8).write(to: URL(fileURLWithPath: home.path + "/common.conf"))
        let error = #expect(throws: OpenPGPError.self) { try prepared(home.path) }
        #expect(error?.message.contains("use-keyboxd") == true)
    }

    @Test("What a crash leaves is cleared away, what is in use is not") func leftovers() throws {
        let home = Home()
        _ = try prepared(home.path)
        func write(_ name: String, _ text: String, age: TimeInterval) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(home.path)/\(name)"))
            let date = Date(timeIntervalSinceNow: -age)
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: "\(home.path)/\(name)")
        }
        try FileManager.default.createDirectory(atPath: home.path + "/staging-1/private-keys-v1.d", withIntermediateDirectories: true)
        try write("staging-1/pubring.kbx", "x", age: 0)
        // Held by a process that is not GnuPG's: by us.
        try write("pubring.kbx.lock", "\(getpid())\nsome-container\n", age: 100)
        try write(".#lk0x00005581.some-container.1", "         1\nsome-container\n", age: 100)
        // Just made: its owner may be about to say who it is.
        try write("trustdb.gpg.lock", "1\nhost\n", age: 0)
        try write("pubring.kbx", "not a lock", age: 100)
        Leftovers.clear(home: home.path)
        let left = try FileManager.default.contentsOfDirectory(atPath: home.path)
        #expect(Set(left) == ["gpg.conf", "gpg-agent.conf", "trustdb.gpg.lock", "pubring.kbx"])
    }
}
