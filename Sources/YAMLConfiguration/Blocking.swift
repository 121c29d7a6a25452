import Foundation

/// Where blocking calls go: a thread of their own, never the cooperative pool. Configuration is read rarely, so a thread a call is cheap.
enum Blocking {
    /// Runs `body` on a new thread.
    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws(Complaint) -> Result) async throws(Complaint) -> Result {
        let result: Swift.Result<Result, Complaint> = await withCheckedContinuation { continuation in
            let thread = Thread {
                do throws(Complaint) { continuation.resume(returning: .success(try body())) } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            thread.name = "oxbow-config"
            thread.start()
        }
        return try result.get()
    }
}
