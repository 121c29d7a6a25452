import Foundation
import Logging
import OX
import OpenPGP
import OxbowTesting
import Synchronization
import Testing
import XMPP

@testable import Oxbow

/// R20's third source, from the configuration to the pins: real settings and keyrings, a directory and a server in memory.
struct WebKeyWiringTests {
    /// A Web Key Directory that has one key, and remembers who was looked for.
    private final class Directory: WebKeyFetching {
        struct Down: Error, CustomStringConvertible { let description = "no connection to openpgpkey.example.org" }
        private let keys: [String: [UInt8]]?
        private let names = Mutex<[String]>([])

        init(_ keys: [String: [UInt8]]?) { self.keys = keys }

        var asked: [String] { names.withLock(\.self) }

        func certificate(for mailbox: UserIDMailbox) async throws -> [UInt8]? {
            names.withLock { $0.append(mailbox.address) }
            guard let keys else { throw Down() }
            return keys[mailbox.address]
        }
    }

    private static let carol = "carol\\40example.org@email.example.net"
    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// What an account with these lines in its gateway's section knows of Carol once somebody wants to write to her.
    private func pins(_ lines: String, trust: String = "tofu", _ directory: Directory) async throws -> (pins: [Pin], problem: String?) {
        let folder = "/tmp/oxw-" + UUID().uuidString.prefix(8)
        let private0700: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: private0700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let text = """
            state: s
            accounts:
              - jid: bot@example.net
                password: unused
                trust: \(trust)
                gateways:
                  - jid: email.example.net
                    \(lines)
                  - {jid: other.example.net, web_key_directory: false}
            """
        try text.write(toFile: folder + "/config.yaml", atomically: true, encoding: .utf8)
        let settings = try #require(try Settings.load(path: folder + "/config.yaml", environment: [:]).accounts.first)
        let now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }
        let (server, logins) = (Loopback(), MemoryLogins())
        var house = House(
            memories: Memories(store: MemoryStore(birth: now()), pins: MemoryPinStore(), logins: logins, resumptions: logins),
            modules: SwiftModules(),
            logger: Self.silent,
            environment: ProcessInfo.processInfo.environment,
            stateFolder: folder + "/s",
            connect: { await server.session(for: $0.settings.jid) },
            now: now
        )
        house.webKeys = directory
        let session = await server.session(for: settings.jid)
        let cryptography = try await Cryptography(settings: settings, session: session, house: house, logger: Self.silent)
        let problem: String?
        let found: [Pin]
        do {
            let carol = try #require(Address(Self.carol))
            problem = await cryptography.directory.refresh(carol)
            _ = await cryptography.directory.refresh(try #require(Address("dave\\40example.org@other.example.net")))
            _ = await cryptography.directory.refresh(try #require(Address("alice@example.org")))
            found = try await cryptography.directory.keys(of: carol).pins
        } catch {
            await cryptography.engine.close()
            throw error
        }
        await cryptography.engine.close()
        return (found, problem)
    }

    /// Carol's certificate, made by GnuPG.
    private func certificate() async throws -> (Fingerprint, [UInt8]) {
        let home = "/tmp/oxw-" + UUID().uuidString.prefix(8)
        defer { try? FileManager.default.removeItem(atPath: home) }
        let engine = try await GPGMEEngine(home: home, logger: Self.silent)
        do {
            let fingerprint = try await engine.generateKey(userID: "<carol@example.org>")
            let certificate = try await engine.export(fingerprint, userID: "<carol@example.org>")
            await engine.close()
            return (fingerprint, certificate)
        } catch {
            await engine.close()
            throw error
        }
    }

    @Test(
        "R20: what a mail domain publishes is used for people behind a gateway, and for nobody else; web_key_directory: false asks nobody"
    )
    func used() async throws {
        let (fingerprint, certificate) = try await certificate()
        let directory = Directory(["carol@example.org": certificate])
        let known = try await pins("commands_from: verified", directory)
        #expect(known.problem == nil)
        #expect(known.pins.map(\.fingerprint) == [fingerprint])
        #expect(known.pins.map(\.source) == [.webKeyDirectory] && known.pins.map(\.standing) == [.trusted])
        #expect(directory.asked == ["carol@example.org"], "neither those behind the other gateway nor people on XMPP are looked for")

        let off = Directory(["carol@example.org": certificate])
        #expect(try await pins("web_key_directory: false", off).pins.isEmpty)
        #expect(off.asked.isEmpty)
    }

    @Test("R20: under trust: pinned a directory brings the certificates that the configuration names, and decides nothing")
    func pinned() async throws {
        let (fingerprint, certificate) = try await certificate()
        let directory = Directory(["carol@example.org": certificate])
        let named = try await pins("keys: {carol@example.org: \(fingerprint)}", trust: "pinned", directory)
        #expect(named.pins.map(\.source) == [.configuration] && named.pins.map(\.standing) == [.trusted])
        let unnamed = try await pins("commands_from: verified", trust: "pinned", directory)
        #expect(unnamed.pins.map(\.standing) == [.held])
    }

    @Test("a directory that can't be asked is said so, in its own words")
    func down() async throws {
        let known = try await pins("commands_from: verified", Directory(nil))
        #expect(known.pins.isEmpty)
        #expect(known.problem?.contains("its Web Key Directory can't be asked: no connection to openpgpkey.example.org") == true)
    }
}
