import Foundation
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import XMPPNIO

@Suite(.timeLimit(.minutes(1))) struct LocalLineTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Serves at a path of its own while the body runs.
    private func serving<Result: Sendable>(
        _ respond: @escaping LocalLineServer.Responder = { line, _ in
            AsyncStream { feed in
                for word in line.split(separator: " ") { feed.yield(String(word)) }
                feed.yield(".")
                feed.finish()
            }
        },
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/s"
        let server = try await LocalLineServer.bind(path: path, logger: logger)
        let result = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.run(onLine: respond) }
            let result = try await body(path)
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        return result
    }

    private func ask(_ path: String, _ line: String) async throws -> [String] {
        try await LocalLineClient.connect(path) { lines, output in
            try await output.send(line)
            var answers: [String] = []
            for try await answer in lines {
                if answer == "." { break }
                answers.append(answer)
            }
            return answers
        }
    }

    @Test func answersLines() async throws {
        try await serving { path in
            #expect(try await ask(path, "one two grün") == ["one", "two", "grün"])
            try await LocalLineClient.connect(path) { lines, output in
                for number in 0..<3 { try await output.send("n\(number)") }
                var iterator = lines.makeAsyncIterator()
                var answers: [String?] = []
                for _ in 0..<6 { answers.append(try await iterator.next()) }
                #expect(answers == ["n0", ".", "n1", ".", "n2", "."])
            }
        }
    }

    @Test("R14: only its owner reaches the socket")
    func modeIsPrivate() async throws {
        try await serving { path in
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func tellsWhoAsks() async throws {
        let peers = Mutex<[LocalLineServer.Peer]>([])
        try await serving({ _, peer in
            peers.withLock { $0.append(peer) }
            return AsyncStream { feed in
                feed.yield(".")
                feed.finish()
            }
        }) { path in _ = try await ask(path, "x") }
        #expect(peers.withLock { $0 }.map(\.process) == [ProcessInfo.processInfo.processIdentifier])
    }

    @Test func aPeerThatHangsUpEndsItsAnswer() async throws {
        let (ended, feed) = AsyncStream.makeStream(of: Void.self)
        try await serving({ _, _ in
            AsyncStream { answers in
                answers.onTermination = { _ in feed.yield() }
                answers.yield("first")
            }
        }) { path in
            try await LocalLineClient.connect(path) { lines, output in
                try await output.send("follow")
                var iterator = lines.makeAsyncIterator()
                #expect(try await iterator.next() == "first")
            }
            for await _ in ended { break }
        }
    }

    @Test func linesHaveALimit() async throws {
        try await serving { path in
            let long = String(repeating: "x", count: LocalSocketPath.maximumLineLength + 1)
            await #expect(throws: LocalSocketError.self) { try await ask(path, long) }
            await #expect(throws: LocalSocketError.self) { try await ask(path, "a\nb") }
            // A client that doesn't keep to it is thrown out.
            let channel = try await ClientBootstrap(group: NIOSingletons.posixEventLoopGroup).connect(unixDomainSocketPath: path).get()
            try? await channel.writeAndFlush(ByteBuffer(repeating: 0x61, count: LocalSocketPath.maximumLineLength + 100_000))
            try await channel.closeFuture.get()
            #expect(try await ask(path, "still there") == ["still", "there"])
        }
    }

    @Test func pathsHaveALimit() async throws {
        let long = "/tmp/" + String(repeating: "x", count: 103)
        await #expect(throws: LocalSocketError.self) { try await LocalLineServer.bind(path: long, logger: logger) }
        await #expect(throws: LocalSocketError.self) { try await ask(long, "x") }
        #expect(throws: LocalSocketError.self) { try LocalSocketPath.validate("") }
        #expect(throws: Never.self) { try LocalSocketPath.validate("/tmp/" + String(repeating: "x", count: 102)) }
    }

    @Test func aSecondServerIsRefusedAndAStaleSocketReplaced() async throws {
        try await serving { path in
            let error = await #expect(throws: LocalSocketError.self) { try await LocalLineServer.bind(path: path, logger: logger) }
            #expect(error?.code == .busy)
            let answers = try await ask(path, "a")
            #expect(answers == ["a"])
        }
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/s"
        // What a crash leaves behind: bound, and nobody listens.
        let descriptor = try LocalSocketFile.listen(path)
        close(descriptor)
        let absent = await #expect(throws: LocalSocketError.self) { try await ask(path, "a") }
        #expect(absent?.code == .absent)
        let server = try await LocalLineServer.bind(path: path, logger: logger)
        let run = Task { await server.run { _, _ in AsyncStream { $0.finish() } } }
        run.cancel()
        await run.value
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func somethingElseIsLeftAlone() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try folder.write("precious", to: "s")
        let path = folder.path + "/s"
        let error = await #expect(throws: LocalSocketError.self) { try await LocalLineServer.bind(path: path, logger: logger) }
        #expect(error?.code == .path)
        #expect(folder.read("s") == "precious")
        let absent = await #expect(throws: LocalSocketError.self) { try await ask(folder.path + "/none", "a") }
        #expect(absent?.code == .absent)
    }
}
