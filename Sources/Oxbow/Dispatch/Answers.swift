/// What senders hear when their event was not handled: short, and nothing about our inside.
enum Answers {
    static let failed = "That did not work. The error has been noted."
    static let timedOut = "That took too long and was given up."
    static let late = "This came too late to be acted on. Send it again if it still holds."
    static let untrusted = "Your key has to be confirmed by the operator before you may use this."

    static func tooMany(_ rate: Rate) -> String {
        "Too many: at most \(rate.count) in \(rate.window.formatted) are taken. What you send until then is dropped."
    }
}

extension Duration {
    /// The length in words that need no locale.
    fileprivate var formatted: String {
        let seconds = components.seconds
        switch seconds {
        case 0: return "a second"
        case 1..<120: return "\(seconds) seconds"
        case 120..<7200: return "\(seconds / 60) minutes"
        default: return "\(seconds / 3600) hours"
        }
    }
}
