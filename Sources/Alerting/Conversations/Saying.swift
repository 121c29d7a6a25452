/// Why a message of a conversation is sent: what stands between its number and its text.
enum Saying: Sendable, Hashable {
    case opened
    case joined
    case moreSevere
    case reminder(Int)
    case updated
    case resolved
    /// To whom, and why.
    case escalated(to: String, String)
    case again(round: Int)
    case instead(of: Contact)
    case word

    /// `#12 `, `#12 (reminder 2) `.
    func prefix(_ number: Int) -> String {
        let mark: String? =
            switch self {
            case .opened, .resolved, .word: nil
            case .joined: "more alerts"
            case .moreSevere: "more severe"
            case .reminder(let count): "reminder \(count)"
            case .updated: "update"
            case .escalated(let names, let reason): "escalated to \(names): \(reason)"
            case .again(let round): "again from the first, round \(round + 1)"
            case .instead(let contact): "\(contact) couldn't be reached"
            }
        return "#\(number) " + (mark.map { "(\($0)) " } ?? "")
    }

    /// Whether somebody must hear it now: if all who would be told have muted, it comes all the same.
    var isUrgent: Bool {
        switch self {
        case .opened, .joined, .moreSevere, .escalated, .again, .instead: true
        case .reminder, .updated, .resolved, .word: false
        }
    }

    /// What makes the id of one saying another than that of the next.
    var name: String { String(describing: self) }
}
