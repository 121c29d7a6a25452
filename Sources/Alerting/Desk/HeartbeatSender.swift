import Web

/// Tells somebody that this process lives. The address may be a secret: it is named by its place in the list.
struct HeartbeatSender: Sendable {
    private let number: Int
    private let request: WebRequest
    var clock: OutgoingHeartbeat

    init(_ beat: DeskConfiguration.Beat, now: Int64) {
        number = beat.number
        request = beat.request
        clock = OutgoingHeartbeat(every: beat.every, now: now)
    }

    func send(isOnline: Bool, _ report: DeskReporter) async {
        guard isOnline else { return report.heartbeat(number, "offline", reason: "the account can't send now") }
        do {
            let status = try await request.send().status
            guard (200..<300).contains(status) else {
                return report.heartbeat(number, "failed", reason: "it answers with status \(status)")
            }
            report.heartbeat(number, "sent")
        } catch let error as WebError {
            report.heartbeat(number, "failed", reason: "it \(error.message)")
        } catch {
            // Oxbow ends.
        }
    }
}
