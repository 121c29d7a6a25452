import Delivery

extension SendProblem {
    /// The problem as the outbox judges it: what follows, and words.
    var outboxFailure: OutboxFailure {
        let kind: OutboxFailure.Kind =
            switch (remedy, reason) {
            case (.key, _): .noKey
            case (.operator, _): .needsOperator
            case (.time, "offline"): .offline
            case (.time, "server-policy"): .serverPolicy
            case (.time, _), (.stopped, _): .internal
            case (.none, "too-big"): .tooBig
            case (.none, "other"): .internal
            case (.none, _): .malformed
            }
        return OutboxFailure(kind, description)
    }
}
