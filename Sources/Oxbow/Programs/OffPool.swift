import Dispatch
import YAMLConfiguration

/// Runs what may block for a moment (looking up a user, making a folder) on a thread that isn't the cooperative pool's.
func offPool<Value: Sendable>(_ operation: @escaping @Sendable () throws(Complaint) -> Value) async throws(Complaint) -> Value {
    let result: Result<Value, Complaint> = await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
            do throws(Complaint) {
                continuation.resume(returning: .success(try operation()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }
    return try result.get()
}
