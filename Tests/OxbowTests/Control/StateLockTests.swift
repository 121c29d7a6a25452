import Foundation
import Testing

@testable import Oxbow

@Suite("R14: one process owns a state directory")
struct StateLockTests {
    @Test("the directory is made for us alone, and a second owner is refused by the first one's number")
    func exclusive() async throws {
        try await withSettingsFolder { folder in
            let state = folder + "/a/state"
            let lock = try StateLock.take(state)
            let mode = try FileManager.default.attributesOfItem(atPath: state)[.posixPermissions] as? Int
            #expect(mode == 0o700)
            #expect(StateLock.owner(of: state) == getpid())
            let refusal = #expect(throws: StateLockError.self) { try StateLock.take(state) }
            #expect(refusal?.code == .owned)
            #expect(refusal?.process == getpid())
            #expect(refusal?.message == "the state directory \(state) is in use by process \(getpid()); one process owns it at a time")
            withExtendedLifetime(lock) {}
        }
    }

    @Test("it is free again when its owner is gone, whatever the file says")
    func freed() async throws {
        try await withSettingsFolder { folder in
            #expect(StateLock.owner(of: folder) == nil)
            do { _ = try StateLock.take(folder) }
            #expect(StateLock.owner(of: folder) == nil)
            #expect(try String(contentsOfFile: folder + "/lock", encoding: .utf8) == "")
            // As after a SIGKILL: a number that no process has, and no lock.
            try "2147483646\n".write(toFile: folder + "/lock", atomically: false, encoding: .utf8)
            #expect(StateLock.owner(of: folder) == nil)
            let lock = try StateLock.take(folder)
            #expect(lock.directory == folder)
        }
    }

    @Test("a directory that others can enter is closed; a file in its place is refused")
    func permissions() async throws {
        try await withSettingsFolder { folder in
            let state = folder + "/state"
            try FileManager.default.createDirectory(
                atPath: state,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755]
            )
            let lock = try StateLock.take(state)
            #expect(try FileManager.default.attributesOfItem(atPath: state)[.posixPermissions] as? Int == 0o700)
            withExtendedLifetime(lock) {}
            // What others use as well isn't taken from them.
            let shared = folder + "/shared"
            try FileManager.default.createDirectory(atPath: shared + "/theirs", withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: shared)
            let refusal = #expect(throws: StateLockError.self) { try StateLock.take(shared) }
            #expect(refusal?.message.contains("chmod 700") == true)
            #expect(try FileManager.default.attributesOfItem(atPath: shared)[.posixPermissions] as? Int == 0o777)
            try "".write(toFile: folder + "/file", atomically: true, encoding: .utf8)
            #expect(throws: StateLockError.self) { try StateLock.take(folder + "/file") }
        }
    }
}
