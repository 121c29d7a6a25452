import Glibc
import Testing
import YAMLConfiguration

@testable import Oxbow

@Suite struct ProgramHomeTests {
    @Test("Programs of one bot that start at the same time make their home together")
    func together() async throws {
        let folder = try ProgramFolder("")
        let owner = geteuid() == 0 ? (uid: UInt32(65534), gid: UInt32(65534)) : nil
        for round in 0..<100 {
            let home = folder.path + "/data\(round)"
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await offPool { () throws(Complaint) in try ProgramHome.prepare(home, owner: owner) } }
                }
                try await group.waitForAll()
            }
        }
    }
}
