import Foundation
import Glibc
import TestSupport
import Testing

@testable import OpenPGP

/// The agent's life, passphrases, and what hangs or dies (S12, A30).
@Suite struct AgentTests {
    /// An engine in a home of its own, with a key; closed afterwards.
    private func withEngine(
        passphrase: String? = nil,
        options: GPGMEEngine.Options = .init(),
        _ body: (GPGMEEngine, Fingerprint, String) async throws -> Void
    ) async throws {
        let home = Home()
        let engine = try await home.engine(passphrase: passphrase, options: options)
        do {
            let key = try await engine.generateKey(userID: "xmpp:bot@example.org")
            try await body(engine, key, home.path)
        } catch {
            await engine.close()
            throw error
        }
        await engine.close()
    }

    /// Stops a process where it is, and returns when that has happened.
    private func suspend(_ pid: pid_t) async {
        // Sent again and again: one that comes while the process is about to sleep was seen to be lost.
        while let state = ChildProcess.state(of: pid), state != UInt8(ascii: "T") {
            kill(pid, SIGSTOP)
            await Task.yield()
        }
        #expect(ChildProcess.isAlive(pid))
    }

    @Test("The agent is started on demand; keys are listed and verified without it") func onDemand() async throws {
        try await withEngine { engine, key, _ in
            let pid = try #require(await engine.agentProcess)
            let published = try await engine.export(key, userID: "xmpp:bot@example.org")
            let other = Home()
            let second = try await other.engine()
            _ = try await second.importKey(published, expected: key, keep: ["xmpp:bot@example.org"])
            #expect(try await second.key(key)?.hasSecret == false)
            #expect(try await second.keys().count == 1)
            #expect(await second.agentProcess == nil)
            await second.close()
            await engine.close()
            #expect(!ChildProcess.isAlive(pid))
            #expect(!FileManager.default.fileExists(atPath: engine.home.socket))
            let error = await #expect(throws: OpenPGPError.self) { try await engine.seal([1], signer: key, recipients: [key]) }
            #expect(error?.code == .unavailable)
        }
    }

    @Test("The agent goes when it has been idle, and comes back") func idle() async throws {
        try await withEngine(options: .init(agentIdle: .milliseconds(20))) { engine, key, _ in
            let sealed = try await engine.seal([1, 2, 3], signer: key, recipients: [key])
            await EndOfProcess.agent(at: engine.home.socket)
            #expect(try await engine.open(sealed, limits: OpenLimits()).plaintext == [1, 2, 3])
        }
    }

    @Test("An agent that is killed is started again, and what it was needed for is done") func killed() async throws {
        try await withEngine { engine, key, _ in
            let sealed = try await engine.seal([1, 2, 3], signer: key, recipients: [key])
            for _ in 0..<3 {
                let pid = try #require(await engine.agentProcess)
                kill(pid, SIGKILL)
                #expect(try await engine.open(sealed, limits: OpenLimits()).plaintext == [1, 2, 3])
                #expect(await engine.agentProcess != pid)
            }
        }
    }

    @Test("An agent that is killed while messages are opened") func killedInTheMiddle() async throws {
        try await withEngine { engine, key, _ in
            let sealed = try await engine.seal([1, 2, 3], signer: key, recipients: [key])
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<12 { group.addTask { try await engine.open(sealed, limits: OpenLimits()).plaintext } }
                _ = try await group.next()
                if let pid = await engine.agentProcess { kill(pid, SIGKILL) }
                for try await plaintext in group { #expect(plaintext == [1, 2, 3]) }
            }
        }
    }

    @Test("A30: an agent that hangs runs into the time limit, and the next operation works") func hangs() async throws {
        try await withEngine(options: .init(agentIdle: .seconds(3600))) { engine, key, home in
            let sealed = try await engine.seal([1, 2, 3], signer: key, recipients: [key])
            let pid = try #require(await engine.agentProcess)
            await suspend(pid)
            let error = await #expect(throws: OpenPGPError.self) {
                try await engine.open(sealed, limits: OpenLimits(time: .milliseconds(300)))
            }
            #expect(error?.code == .timedOut)
            #expect(!ChildProcess.isAlive(pid))
            // The gpg that waited for it is gone too.
            #expect(!AbandonedProcesses.exist(home: home))
            #expect(try await engine.open(sealed, limits: OpenLimits()).plaintext == [1, 2, 3])
        }
    }

    @Test("A30: a keyring that somebody keeps locked") func locked() async throws {
        try await withEngine(options: .init(time: .seconds(8))) { engine, key, home in
            let other = Home()
            let second = try await other.engine()
            let name = "xmpp:other@example.org"
            let otherKey = try await second.generateKey(userID: name)
            let published = try await second.export(otherKey, userID: name)
            await second.close()
            // The lock names a process that lives on and will not let go of what it doesn't hold: this one. (The agent wouldn't do: the time
            // limit ends it, and gpg sees that and goes on.)
            let pid = ProcessInfo.processInfo.processIdentifier
            let host = ProcessInfo.processInfo.hostName
            let digits = String(repeating: " ", count: 10 - String(pid).count) + String(pid)
            try Data("\(digits)\n\(host)\n".utf8).write(to: URL(fileURLWithPath: home + "/pubring.kbx.lock"))
            let error = await #expect(throws: OpenPGPError.self) {
                try await engine.importKey(published, expected: otherKey, keep: [name])
            }
            #expect(error?.code == .timedOut)
            #expect(!AbandonedProcesses.exist(home: home))
            // Reading goes on meanwhile, and writing when the lock has gone.
            #expect(try await engine.key(key) != nil)
            try FileManager.default.removeItem(atPath: home + "/pubring.kbx.lock")
            #expect(try await engine.importKey(published, expected: otherKey, keep: [name]).fingerprint == otherKey)
        }
    }

    @Test("A task that is cancelled while the agent hangs is let go") func cancelled() async throws {
        try await withEngine { engine, key, _ in
            let sealed = try await engine.seal([1, 2, 3], signer: key, recipients: [key])
            let pid = try #require(await engine.agentProcess)
            await suspend(pid)
            let task = Task { try await engine.open(sealed, limits: OpenLimits(time: .seconds(600))) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            kill(pid, SIGCONT)
            #expect(try await engine.open(sealed, limits: OpenLimits()).plaintext == [1, 2, 3])
        }
    }

    @Test("Passphrase: the right one, asked for once while the agent lives; a wrong one; none") func passphrase() async throws {
        let home = Home()
        let asked = Asked()
        let engine = try await GPGMEEngine(home: home.path, passphrase: asked.source("correct horse"), logger: .silent)
        let key = try await engine.generateKey(userID: "xmpp:bot@example.org")
        let sealed = try await engine.seal([1, 2, 3], signer: key, recipients: [key])
        let before = asked.times
        #expect(before >= 1)
        for _ in 0..<3 { _ = try await engine.open(sealed, limits: OpenLimits()) }
        #expect(asked.times == before)
        await engine.close()
        // It is protected on disk.
        let files = try FileManager.default.contentsOfDirectory(atPath: home.path + "/private-keys-v1.d")
        #expect(files.count == 2)
        for file in files {
            let content = try Data(contentsOf: URL(fileURLWithPath: home.path + "/private-keys-v1.d/" + file))
            #expect(content.range(of: Data("protected-private-key".utf8)) != nil)
        }

        for wrong in ["wrong", ""] {
            let engine = try await home.engine(passphrase: wrong)
            let error = await #expect(throws: OpenPGPError.self) { try await engine.open(sealed, limits: OpenLimits()) }
            #expect(error?.code == .passphrase, "\"\(wrong)\": \(String(describing: error))")
            #expect(error?.message.contains("horse") == false)
            await engine.close()
        }
        let without = try await home.engine()
        let error = await #expect(throws: OpenPGPError.self) { try await without.open(sealed, limits: OpenLimits()) }
        #expect(error?.code == .passphrase)
        await without.close()
        let again = try await home.engine(passphrase: "correct horse")
        #expect(try await again.open(sealed, limits: OpenLimits()).plaintext == [1, 2, 3])
        await again.close()
    }

    @Test("A passphrase may be as long as GnuPG takes it, and a longer one is refused as such", arguments: [254, 256])
    func longPassphrase(_ length: Int) async throws {
        let home = Home()
        let engine = try await home.engine(passphrase: String(repeating: "x", count: length))
        do {
            let key = try await engine.generateKey(userID: "xmpp:bot@example.org")
            let sealed = try await engine.seal([1], signer: key, recipients: [key])
            await engine.close()
            let again = try await home.engine(passphrase: String(repeating: "x", count: length))
            #expect(try await again.open(sealed, limits: OpenLimits()).plaintext == [1])
            await again.close()
            #expect(length <= 255)
        } catch let error as OpenPGPError {
            #expect(error.code == .passphrase && length > 255, "\(error)")
        }
        await engine.close()
    }

    @Test("A passphrase source that fails is named, and no key is made without protection") func failingSource() async throws {
        struct Missing: Error, CustomStringConvertible { var description: String { "no such file" } }
        let home = Home()
        let engine = try await GPGMEEngine(home: home.path, passphrase: PassphraseSource { throw Missing() }, logger: .silent)
        let error = await #expect(throws: OpenPGPError.self) { try await engine.generateKey(userID: "xmpp:bot@example.org") }
        #expect(error?.code == .passphrase)
        #expect(error?.message.contains("no such file") == true)
        #expect(try await engine.keys().isEmpty)
        await engine.close()
    }

    @Test("A home that has gone is a fault of the keyring, not of the message") func gone() async throws {
        try await withEngine { engine, key, home in
            let sealed = try await engine.seal([1, 2, 3], signer: key, recipients: [key])
            try FileManager.default.moveItem(atPath: home, toPath: home + ".away")
            defer { try? FileManager.default.moveItem(atPath: home + ".away", toPath: home) }
            for operation in [
                { _ = try await engine.open(sealed, limits: OpenLimits()) },
                { _ = try await engine.seal([1], signer: key, recipients: [key]) },
                { _ = try await engine.key(key) },
                { _ = try await engine.keys() },
            ] as [@Sendable () async throws -> Void] {
                let error = await #expect(throws: OpenPGPError.self) { try await operation() }
                #expect(error?.code == .keyring, "\(String(describing: error))")
            }
        }
    }

    @Test("An agent from before is replaced by ours, which lives as long as we do") func left() async throws {
        let home = Home()
        let first = try await home.engine()
        let key = try await first.generateKey(userID: "xmpp:bot@example.org")
        let sealed = try await first.seal([1], signer: key, recipients: [key])
        await first.close()
        _ = try await run("gpgconf", ["--homedir", home.path, "--launch", "gpg-agent"])
        let left = try #require(AgentSocket(path: first.home.socket))
        let pid = try #require(left.processID())
        left.close()
        let second = try await home.engine()
        #expect(try await second.open(sealed, limits: OpenLimits()).plaintext == [1])
        #expect(!ChildProcess.isAlive(pid))
        await second.close()
    }

    @Test("SIGKILL: the agent ends with the process that started it") func killedProcess() async throws {
        let home = Home()
        let path = home.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let engine = try await GPGMEEngine(home: path, logger: .silent)
            _ = try await engine.generateKey(userID: "xmpp:bot@example.org")
            kill(getpid(), SIGKILL)
        }
        #expect(FileManager.default.fileExists(atPath: path + "/pubring.kbx"))
        await EndOfProcess.agent(at: path + "/S.gpg-agent")
        #expect(AgentSocket(path: path + "/S.gpg-agent") == nil)
        // And the home works again.
        let engine = try await home.engine()
        let key = try #require(try await engine.keys().first).fingerprint
        #expect(try await engine.seal([1], signer: key, recipients: [key]).isEmpty == false)
        await engine.close()
    }
}
